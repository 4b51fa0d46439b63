// Spans on their way to an OTLP receiver, as JSON over HTTP. It promises that no request waits for the receiver or
// fails with it: spans wait in a queue of a fixed size, and what has no room there or is not taken is dropped, counted
// and said once. The packages of OpenTelemetry are known in this folder alone, and nothing of them is patched into
// others: each span is told by the code whose time it is.

import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  defaultTextMapGetter,
  type HrTime,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { parseTraceParent, W3CTraceContextPropagator } from "@opentelemetry/core";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { must } from "../lib/assert.ts";
import type { BegunRequest, RequestTrace, Told, Tracing } from "../lib/tracing.ts";
import { tracingCloseMsMax } from "../limits.ts";
import { openOutbox } from "./outbox.ts";
import { type SamplerName, samplerOf } from "./sampler.ts";

export interface CollectorOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly sampler: SamplerName;
  readonly ratio: number;
  readonly version: string;
  readonly instanceId: string;
  readonly said: (level: "info" | "warn", words: string) => void;
  readonly dropped: (spans: number) => void;
}

const kinds = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
} as const;

interface OpenTrace extends RequestTrace {
  hasEnded(): boolean;
}

export function openCollector(options: CollectorOptions): Tracing {
  const outbox = openOutbox(options);
  const provider = new TracerProvider({
    resource: resourceOf(options),
    sampler: samplerOf(options.sampler, options.ratio),
    spanProcessors: [outbox.processor],
  });
  const tracer = provider.getTracer("onhand", options.version);
  const propagator = new W3CTraceContextPropagator();
  const requests = new AsyncLocalStorage<OpenTrace | null>();
  const timeOf = openSpanClock();

  function begin({ method, route, scheme, requestId, headers }: BegunRequest): OpenTrace | null {
    const parent = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const attributes = {
      "http.request.method": method,
      "http.route": route,
      "url.scheme": scheme,
      "onhand.request_id": requestId,
    };
    const from = performance.now();
    const startTime = timeOf(from);
    const about = { kind: SpanKind.SERVER, startTime, attributes };
    const span = tracer.startSpan(`${method} ${route}`, about, parent);
    return span.isRecording() ? traceOf(span, from) : null;
  }

  function traceOf(span: Span, from: number): OpenTrace {
    const { traceId, spanId } = span.spanContext();
    let hasEnded = false;
    return {
      traceparent: `00-${traceId}-${spanId}-01`,
      from,
      names: { trace_id: traceId, span_id: spanId },
      hasEnded: () => hasEnded,
      end({ status, problem, replayed }) {
        hasEnded = true;
        if (status === null) span.setAttribute("error.type", "client_gone");
        else span.setAttribute("http.response.status_code", status);
        if (problem !== null) span.setAttribute("onhand.code", problem);
        if (replayed) span.setAttribute("onhand.replayed", true);
        if (status !== null && status >= 500) {
          span.setAttribute("error.type", String(status));
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end(timeOf(performance.now()));
      },
    };
  }

  function tell(parent: Context, told: Told, links: Link[] = []): Span {
    const { name, kind, from, to, failed = false, attributes = {} } = told;
    const about = { kind: kinds[kind], startTime: timeOf(from), attributes, links };
    const span = tracer.startSpan(name, about, parent);
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(timeOf(to));
    return span;
  }

  return {
    begin,
    within: (request, work) => requests.run(request as OpenTrace | null, work),
    current() {
      const request = requests.getStore() ?? null;
      // What goes on after the answer (a timer that was set meanwhile) is not this request's any more.
      return request === null || request.hasEnded() ? null : request;
    },
    tell(traceparent, told) {
      const parent = contextOf(traceparent);
      if (parent !== null) tell(parent, told);
    },
    tellTogether(traceparents, told) {
      const [first, ...others] = [...traceparents].flatMap((one) => contextOf(one) ?? []);
      if (first === undefined) return;
      const context = tell(first, told, others.map(linkTo)).spanContext();
      for (const other of others) tell(other, told, [{ context }]);
    },
    close: () => outbox.close(() => provider.shutdown(), tracingCloseMsMax),
  };
}

/**
 * Of a request of this service or of one of its other instances, which wrote it into the event. null: whoever wrote it
 * was somebody else, and nothing is to fail for that.
 */
function contextOf(traceparent: string): Context | null {
  const parent = parseTraceParent(traceparent);
  return parent === null ? null : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

function linkTo(context: Context): Link {
  return { context: must(trace.getSpanContext(context), "contextOf has set it") };
}

function resourceOf(options: CollectorOptions) {
  return defaultResource().merge(
    resourceFromAttributes({
      "service.instance.id": options.instanceId,
      "service.version": options.version,
      ...options.attributes,
      "service.name": options.serviceName,
    }),
  );
}

/** The steady clock and the wall's may differ by so much before the latter was set, ms. */
const clockStepMs = 50;

/** Times of the steady clock as the world's: spans of one trace keep their order, whatever is done to the clock. */
function openSpanClock(): (steadyMs: number) => HrTime {
  let origin = performance.timeOrigin;
  return (steadyMs) => {
    const wall = Date.now() - performance.now();
    if (Math.abs(wall - origin) > clockStepMs) origin = wall;
    const at = origin + steadyMs;
    return [Math.floor(at / 1000), Math.round((at % 1000) * 1e6)];
  };
}
