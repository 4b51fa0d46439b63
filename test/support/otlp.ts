// A small receiver of traces: OTLP over HTTP with JSON, as a collector takes them. It keeps what comes, flattened as
// far as a test needs it, and can be told to refuse, or to take a message and never answer.

import { createServer, type ServerResponse } from "node:http";
import { until } from "./until.ts";

export interface Span {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** "": it has none. */
  readonly parentSpanId: string;
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 2: it failed. */
  readonly status: number;
  /** Of the process that sent it. */
  readonly resource: Readonly<Record<string, unknown>>;
}

export type Mood = "take" | "refuse" | "hang";

export interface OtlpReceiver {
  readonly url: string;
  /** Everything that came, message by message, as text. */
  text(): string;
  spans(): readonly Span[];
  /** Waits until spans of all these names are there in a trace, and answers all that are. */
  spansOf(traceId: string, names: readonly string[]): Promise<readonly Span[]>;
  headers(): Readonly<Record<string, unknown>>;
  messages(): number;
  be(mood: Mood): void;
  close(): void;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const bodies: string[] = [];
  let spans: Span[] = [];
  let mood: Mood = "take";
  let messages = 0;
  let headers: Readonly<Record<string, unknown>> = {};
  const answer = (response: ServerResponse, status: number): void => {
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  };
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      messages += 1;
      headers = request.headers;
      if (request.url !== "/v1/traces" || request.method !== "POST") return answer(response, 404);
      if (mood === "hang") return;
      if (mood === "refuse") return answer(response, 500);
      bodies.push(body);
      spans = [...spans, ...spansIn(body)];
      answer(response, 200);
    });
  });
  server.listen(0, "127.0.0.1");
  await until(() => server.listening, "the receiver listens");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    text: () => bodies.join("\n"),
    spans: () => spans,
    async spansOf(traceId, names) {
      const found = (): readonly Span[] => spans.filter((span) => span.traceId === traceId);
      const isWhole = (): boolean =>
        names.every((name) => found().some((span) => span.name === name));
      await until(isWhole, `${names.join(", ")} in ${traceId}`, 30_000);
      return found();
    },
    headers: () => headers,
    messages: () => messages,
    be(next) {
      mood = next;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Message {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes?: unknown };
    readonly scopeSpans: readonly {
      readonly spans: readonly Readonly<Record<string, unknown>>[];
    }[];
  }[];
}

function spansIn(body: string): Span[] {
  const { resourceSpans }: Message = JSON.parse(body);
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => {
      const attributes = valuesOf(resource.attributes);
      return spans.map((span) => spanOf(span, attributes));
    }),
  );
}

function spanOf(span: Readonly<Record<string, unknown>>, resource: Span["resource"]): Span {
  const { name, kind, traceId, spanId, parentSpanId = "", links = [] } = span as unknown as Span;
  const { code = 0 } = (span["status"] ?? {}) as { readonly code?: number };
  return {
    name,
    kind,
    traceId,
    spanId,
    parentSpanId,
    startNanos: BigInt(String(span["startTimeUnixNano"])),
    endNanos: BigInt(String(span["endTimeUnixNano"])),
    attributes: valuesOf(span["attributes"]),
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    status: code,
    resource,
  };
}

function valuesOf(attributes: unknown): Readonly<Record<string, unknown>> {
  const list = (attributes ?? []) as readonly Attribute[];
  return Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));
}
