// What is told of traced requests, as those who do the work see it. Spans are told after the fact, from times that
// are measured anyway and under the `traceparent` that a command or an event carries: so nothing has to be handed
// through queues, threads and other instances but that one text. What collects them is src/tracing/collector.ts,
// loaded only where there is somewhere to send them.

import type { IncomingHttpHeaders } from "node:http";

/** The span of one request that is traced. */
export interface RequestTrace {
  /** W3C Trace Context: what its commands carry. */
  readonly traceparent: string;
  /** When it began, by `performance.now()`. */
  readonly from: number;
  /** In the request's log lines. */
  readonly names: { readonly trace_id: string; readonly span_id: string };
  end(how: RequestEnd): void;
}

export interface RequestEnd {
  /** null: the client was gone before the answer was. */
  readonly status: number | null;
  /** Code of the problem that was answered. */
  readonly problem: string | null;
  readonly replayed: boolean;
}

export interface BegunRequest {
  readonly method: string;
  /** The template, never the address: that has ids in it. */
  readonly route: string;
  readonly scheme: string;
  readonly requestId: string;
  readonly headers: IncomingHttpHeaders;
}

/** A span that is over. Times are `performance.now()`'s. */
export interface Told {
  readonly name: string;
  readonly kind: "internal" | "client" | "producer";
  readonly from: number;
  readonly to: number;
  readonly failed?: boolean;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

export interface Tracing {
  /** null: this request is not traced. */
  begin(request: BegunRequest): RequestTrace | null;
  /** What `work` does, and what it begins, is done for this request; null: for none. */
  within(trace: RequestTrace | null, work: () => void): void;
  /** The request that is served here and now; null: none that is traced. */
  current(): RequestTrace | null;
  /** A span under that of a request. */
  tell(traceparent: string, told: Told): void;
  /**
   * Work that was done once, for many: a span in the trace of each. The first is linked to all these requests, and the
   * others to the first.
   */
  tellTogether(traceparents: ReadonlySet<string>, told: Told): void;
  /** Sends what is left, for a moment, and ends. */
  close(): Promise<void>;
}

/** What names a request in a line of the log. */
export function namesOf(request: { readonly id: string; readonly trace: RequestTrace | null }) {
  return { request_id: request.id, ...request.trace?.names };
}

/** Tells how long `work` took, if it is done for a request that is traced. */
export function telling<Answer>(
  tracing: Tracing,
  about: Omit<Told, "from" | "to" | "failed">,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const trace = tracing.current();
  if (trace === null) return work();
  const from = performance.now();
  const tell = (failed: boolean): void =>
    tracing.tell(trace.traceparent, { ...about, from, to: performance.now(), failed });
  const answer = work();
  answer.then(
    () => tell(false),
    () => tell(true),
  );
  return answer;
}
