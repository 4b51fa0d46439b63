// The load generator: a closed loop over keep-alive connections, in a process of its own. Written on
// plain sockets because it shares two cores with what it measures: a full HTTP client costs as much as
// the server (measured: undici needs about five times the processor time per request).
//
// Reads one JSON plan from argv, prints one JSON result. Each connection sends its next request when the
// answer to the last one is whole.

import { randomBytes } from "node:crypto";
import net from "node:net";
import { must } from "../src/lib/assert.ts";
import { openHistogram } from "./histogram.ts";

export interface LoadPlan {
  readonly host: string;
  /** Connections are spread over them. */
  readonly ports: readonly number[];
  readonly connections: number;
  readonly seconds: number;
  /** Not counted: just-in-time compilation and caches. */
  readonly warmupSeconds: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly work: "reserve" | "get";
  /** `get`: the paths asked in turn. `reserve`: the stock rows, "product/store". */
  readonly targets: readonly string[];
}

export interface LoadResult {
  readonly requests: number;
  /** With those of the warm-up. */
  readonly requestsInAll: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly cpuSeconds: number;
}

const plan: LoadPlan = JSON.parse(must(process.argv[2], "a plan as JSON"));
const head = Object.entries(plan.headers)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");
const run = randomBytes(6).toString("hex");
let sent = 0;

function nextRequest(): string {
  sent += 1;
  const target = must(plan.targets[sent % plan.targets.length], "there are targets");
  if (plan.work === "get") return `GET ${target} HTTP/1.1\r\nHost: bench\r\n${head}\r\n`;
  const [productId, storeId] = target.split("/");
  const body = `{"product_id":"${productId}","store_id":"${storeId}","quantity":1,"customer_id":"c-${run}-${sent}","ttl":3600}`;
  return (
    `POST /api/v1/reservations HTTP/1.1\r\nHost: bench\r\n${head}Content-Type: application/json\r\n` +
    `Idempotency-Key: ${run}-${sent}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}

const histogram = openHistogram();
const statuses: Record<string, number> = {};
const startAt = performance.now() + plan.warmupSeconds * 1000;
const endAt = startAt + plan.seconds * 1000;
let cpuAtStart = process.cpuUsage();
setTimeout(() => {
  cpuAtStart = process.cpuUsage();
}, plan.warmupSeconds * 1000);

function connect(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: plan.host, port, noDelay: true });
    let sentAt = 0;
    let pending: Buffer | null = null;
    const send = (): void => {
      sentAt = performance.now();
      if (sentAt >= endAt) {
        socket.end();
        resolve();
      } else socket.write(nextRequest());
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => {
      const bytes = pending === null ? chunk : Buffer.concat([pending, chunk]);
      const size = answerSize(bytes);
      if (size === null || bytes.length < size) {
        pending = bytes;
        return;
      }
      pending = null;
      const now = performance.now();
      if (sentAt >= startAt && now <= endAt) {
        const status = bytes.toString("latin1", 9, 12);
        statuses[status] = (statuses[status] ?? 0) + 1;
        histogram.record(now - sentAt);
      }
      send();
    });
  });
}

/** Bytes of the whole answer, once its head is there. Every answer measured here has a Content-Length, or is a 304. */
function answerSize(bytes: Buffer): number | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const at = lengthAt(bytes);
  if (at < 0 || at > end) return end + 4;
  let length = 0;
  for (let index = at; ; index += 1) {
    const digit = (bytes[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  return end + 4 + length;
}

function lengthAt(bytes: Buffer): number {
  const lower = bytes.indexOf("content-length: ");
  const found = lower < 0 ? bytes.indexOf("Content-Length: ") : lower;
  return found < 0 ? -1 : found + 16;
}

// Reads leave a processor to the generator: it never sleeps, so that the faster of two servers is not the
// one that has to wake it less often (a wake-up costs the server as much as the answer).
let running = plan.work === "get";
function stayAwake(): void {
  if (running) setImmediate(stayAwake);
}
stayAwake();
await Promise.all(
  Array.from({ length: plan.connections }, (_, index) =>
    connect(must(plan.ports[index % plan.ports.length], "there is a port")),
  ),
);
running = false;
const { user, system } = process.cpuUsage(cpuAtStart);
const result: LoadResult = {
  requests: histogram.count(),
  requestsInAll: sent,
  seconds: plan.seconds,
  perSecond: Math.round(histogram.count() / plan.seconds),
  p50Ms: histogram.percentile(50),
  p99Ms: histogram.percentile(99),
  maxMs: histogram.percentile(100),
  statuses,
  cpuSeconds: (user + system) / 1e6,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
