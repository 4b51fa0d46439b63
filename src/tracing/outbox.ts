// The queue of spans that wait for the receiver, and the end of those that it does not take. It never grows beyond
// `spansWaitingMax`. What is dropped is counted, and said once until the receiver takes spans again.

import { type ExportResult, ExportResultCode, setGlobalErrorHandler } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace";
import { saidOnce } from "../lib/said-once.ts";
import { spansEveryMs, spansSentMax, spansWaitingMax } from "../limits.ts";

export interface OutboxOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly said: (level: "info" | "warn", words: string) => void;
  readonly dropped: (spans: number) => void;
}

export interface Outbox {
  readonly processor: SpanProcessor;
  /** Waits for `shutdown`, which sends what is left, so long and no longer. */
  close(shutdown: () => Promise<void>, msMax: number): Promise<void>;
}

export function openOutbox({ url, headers, said, dropped }: OutboxOptions): Outbox {
  const say = saidOnce(said);
  const receiver = new OTLPTraceExporter({ url, headers: { ...headers } });
  /** In the queue or on their way. */
  let waiting = 0;
  let isTaken = true;
  // Whatever the packages would say of a failed export is said here, once.
  setGlobalErrorHandler(() => undefined);

  function drop(spans: number, why: string): void {
    dropped(spans);
    say("warn", `spans are dropped: ${why}`);
  }

  function settled(spans: number, result: ExportResult): void {
    waiting -= spans;
    if (result.code === ExportResultCode.SUCCESS) {
      if (!isTaken) say("info", `spans are taken again by ${url}`);
      isTaken = true;
      return;
    }
    isTaken = false;
    drop(spans, `${url} does not take them: ${result.error?.message ?? "it says not why"}`);
  }

  const exporter: SpanExporter = {
    export: (spans, done) =>
      receiver.export(spans, (result) => {
        settled(spans.length, result);
        done(result);
      }),
    shutdown: () => receiver.shutdown(),
    forceFlush: () => receiver.forceFlush(),
  };
  const queue = new BatchSpanProcessor({
    exporter,
    maxQueueSize: spansWaitingMax,
    maxExportBatchSize: spansSentMax,
    scheduledDelayMillis: spansEveryMs,
  });
  const processor: SpanProcessor = {
    onStart: () => undefined,
    onEnd(span: ReadableSpan) {
      if (waiting >= spansWaitingMax) return drop(1, `more come than ${url} takes in time`);
      waiting += 1;
      queue.onEnd(span);
    },
    shutdown: () => queue.shutdown(),
    forceFlush: () => queue.forceFlush(),
  };
  return {
    processor,
    async close(shutdown, msMax) {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, msMax);
      // Why it failed was said when it did.
      await Promise.race([shutdown().catch(() => undefined), late.promise]);
      clearTimeout(timer);
      if (waiting > 0) drop(waiting, `${url} did not take them before the stop`);
    },
  };
}
