// What the load generator counts: answers by status, and latencies of what was done and of what was refused.

import type { Answer } from "./connection.ts";
import { type Histogram, openHistogram } from "./histogram.ts";
import type { Latency } from "./plan.ts";
import type { Step } from "./requests.ts";

export interface Tally {
  /** Answers whether it was answered as wanted. */
  take(step: Step, answer: Answer, ms: number): void;
  /** An operation as a whole. */
  done(): void;
  counted(): {
    readonly operations: number;
    readonly latency: Readonly<Record<string, Latency>>;
    readonly refused: Latency;
    readonly statuses: Readonly<Record<string, number>>;
    readonly withoutRetryAfter: number;
  };
}

export function isWanted({ status }: Answer): boolean {
  return status.startsWith("2") || status === "304";
}

export function openTally(): Tally {
  const wanted = new Map<string, Histogram>();
  const refused = openHistogram();
  const statuses: Record<string, number> = {};
  let operations = 0;
  let withoutRetryAfter = 0;

  function histogramOf(kind: string): Histogram {
    let histogram = wanted.get(kind);
    if (histogram === undefined) {
      histogram = openHistogram();
      wanted.set(kind, histogram);
    }
    return histogram;
  }

  return {
    take({ kind }, answer, ms) {
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      if (isWanted(answer)) {
        histogramOf(kind).record(ms);
        return;
      }
      refused.record(ms);
      if (answer.status === "503" || answer.status === "429") {
        if (!/\r\nretry-after: [1-9]/i.test(headOf(answer.bytes))) withoutRetryAfter += 1;
      }
    },
    done() {
      operations += 1;
    },
    counted: () => ({
      operations,
      latency: Object.fromEntries(
        Array.from(wanted, ([kind, histogram]) => [kind, latencyOf(histogram)]),
      ),
      refused: latencyOf(refused),
      statuses,
      withoutRetryAfter,
    }),
  };
}

function headOf(bytes: Buffer): string {
  return bytes.toString("latin1", 0, bytes.indexOf("\r\n\r\n"));
}

function latencyOf(histogram: Histogram): Latency {
  return {
    count: histogram.count(),
    p50Ms: histogram.percentile(50),
    p90Ms: histogram.percentile(90),
    p99Ms: histogram.percentile(99),
    p999Ms: histogram.percentile(99.9),
    maxMs: histogram.percentile(100),
  };
}
