// How long after a commit others see its event, at a paced rate of writes: by XREAD on a connection of its own,
// and as a Server-Sent Event of another instance than the one that committed. Two instances on a PostgreSQL and a
// Redis of its own. node bench/latency.ts [--rate 5000] [--seconds 10] [--connections 128]
//
// An event is known by the id of the request that made it. "after the answer" counts from the moment at which the
// writer has its answer, so an event that is there before counts as 0; "after the decision" from the time in the
// event (a whole ms, taken before the commit is flushed), so it has the commit in it.

import { randomBytes } from "node:crypto";
import { get } from "node:http";
import { connect, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { createClient } from "redis";
import { must } from "../src/lib/assert.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { startRedis } from "../test/support/redis.ts";
import { type Histogram, openHistogram } from "./histogram.ts";
import { type Server, startOnhand } from "./server.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "5000" },
    seconds: { type: "string", default: "10" },
    connections: { type: "string", default: "128" },
  },
});
const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
/** Not counted: compilation and caches. */
const warmupSeconds = 3;
const key = `ohk_${randomBytes(32).toString("hex")}`;
const stores = ["MAD-001", "BCN-001", "VAL-001", "SEV-001"];
const products = Array.from({ length: 250 }, (_, n) => `p-${n}`);

const clock = (): number => performance.timeOrigin + performance.now();

/** Of one way to see events. */
interface Sight {
  readonly name: string;
  readonly afterAnswer: Histogram;
  readonly afterDecision: Histogram;
  /** When an event was seen whose answer has not come yet. */
  readonly early: Map<string, number>;
}

function openSight(name: string): Sight {
  return {
    name,
    afterAnswer: openHistogram(),
    afterDecision: openHistogram(),
    early: new Map(),
  };
}

const sights = [openSight("XREAD"), openSight("SSE, other instance")] as const;
/** When the answer came, of requests that count. */
const answered = new Map<string, number>();
const answers = openHistogram();
let countsFrom = Number.POSITIVE_INFINITY;

function see(sight: Sight, requestId: string, decidedAt: number): void {
  if (decidedAt < countsFrom) return;
  const at = clock();
  sight.afterDecision.record(at - decidedAt);
  const answeredAt = answered.get(requestId);
  if (answeredAt === undefined) sight.early.set(requestId, at);
  else sight.afterAnswer.record(at - answeredAt);
}

function hear(requestId: string, sentAt: number): void {
  if (sentAt < countsFrom) return;
  const at = clock();
  answers.record(at - sentAt);
  answered.set(requestId, at);
  for (const { early, afterAnswer } of sights) if (early.delete(requestId)) afterAnswer.record(0);
}

async function call(server: Server, path: string, body: object): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1${path}`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

async function fill(server: Server): Promise<void> {
  for (const id of products) await call(server, "/products", { id, sku: id, name: id, price: 1 });
  for (const store_id of stores) {
    const changes = products.map((product_id) => ({
      product_id,
      store_id,
      quantity_change: 1_000_000,
      reason: "RESTOCK",
    }));
    await call(server, "/stock/batch", { changes });
  }
}

const run = randomBytes(4).toString("hex");
let sent = 0;

interface Writer {
  readonly socket: Socket;
  requestId: string;
  sentAt: number;
}

function requestText(id: string, n: number): string {
  const product_id = products[n % products.length];
  const store_id = stores[n % stores.length];
  const customer_id = `c-${id}`;
  const body = JSON.stringify({ product_id, store_id, quantity: 1, customer_id, ttl: 3_600 });
  return (
    `POST /api/v1/reservations HTTP/1.1\r\nHost: bench\r\nX-API-Key: ${key}\r\n` +
    `Content-Type: application/json\r\nIdempotency-Key: ${id}\r\nX-Request-Id: ${id}\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

/** Sends what is due at each tick, whether or not answers have come: as many as there are connections wait. */
async function write(server: Server, forMs: number): Promise<number> {
  const free: Writer[] = [];
  const sockets: Socket[] = [];
  for (let count = 0; count < Number(values.connections); count += 1) {
    const socket = connect({ host: "127.0.0.1", port: server.port, noDelay: true });
    const writer: Writer = { socket, requestId: "", sentAt: 0 };
    let heard = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      heard += text;
      const end = heard.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(heard)?.[1] ?? 0);
      if (end < 0 || heard.length < end + 4 + length) return;
      if (!heard.startsWith("HTTP/1.1 201")) throw new Error(heard);
      heard = "";
      hear(writer.requestId, writer.sentAt);
      free.push(writer);
    });
    sockets.push(socket);
    free.push(writer);
  }
  const startedAt = performance.now();
  const first = sent;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsed = performance.now() - startedAt;
      const due = first + Math.floor((Math.min(elapsed, forMs) * rate) / 1000);
      for (let writer = free.pop(); writer !== undefined; writer = free.pop()) {
        if (sent >= due || elapsed >= forMs) {
          free.push(writer);
          break;
        }
        sent += 1;
        writer.requestId = `${run}-${sent}`;
        writer.sentAt = clock();
        writer.socket.write(requestText(writer.requestId, sent));
      }
      if (elapsed < forMs || free.length < sockets.length) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  const perSecond = ((sent - first) / (performance.now() - startedAt)) * 1000;
  for (const socket of sockets) socket.destroy();
  return perSecond;
}

let isOver = false;

async function readStream(url: string): Promise<void> {
  // As a list of lists.
  const client = createClient({ url, RESP: 2 });
  client.on("error", () => undefined);
  await client.connect();
  let last = "$";
  while (!isOver) {
    const block = ["BLOCK", "500", "COUNT", "1000", "STREAMS", "inventory-events", last];
    const answer: unknown = await client.sendCommand(["XREAD", ...block]);
    if (answer === null) continue;
    const [[, entries]] = answer as [[string, readonly [string, readonly string[]][]]];
    for (const [id, flat] of entries) {
      see(sights[0], must(flat[flat.indexOf("request_id") + 1], "an id"), Number.parseInt(id, 10));
      last = id;
    }
  }
  client.destroy();
}

function readEvents(server: Server): Promise<() => void> {
  const url = `http://127.0.0.1:${server.port}/api/v1/events/stream`;
  return new Promise((resolve, reject) => {
    const asked = get(url, { headers: { "x-api-key": key } }, (response) => {
      let rest = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        const blocks = (rest + text).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const id = /"request_id":"([^"]*)"/.exec(block)?.[1];
          const at = /"occurred_at":"([^"]*)"/.exec(block)?.[1];
          if (id !== undefined && at !== undefined) see(sights[1], id, Date.parse(at));
        }
      });
      response.on("error", () => undefined);
      resolve(() => response.destroy());
    });
    asked.on("error", reject);
  });
}

function row(name: string, histogram: Histogram): void {
  const ms = (percent: number): string => `${histogram.percentile(percent).toFixed(2)} ms`;
  process.stdout.write(
    `${name.padEnd(44)} p50 ${ms(50).padStart(10)}  p99 ${ms(99).padStart(10)}  max ${ms(100).padStart(10)}  of ${histogram.count()}\n`,
  );
}

const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, ONHAND_ADMIN_KEY: key };
const instances: Server[] = [];
try {
  for (let count = 0; count < 2; count += 1) instances.push(await startOnhand(env));
  const [writing, showing] = [must(instances[0], "one"), must(instances[1], "another")];
  await fill(writing);
  const leave = await readEvents(showing);
  const reading = readStream(redis.url);
  // Awaited at the end; until then its failure must not end us in the middle.
  reading.catch(() => undefined);
  await write(writing, warmupSeconds * 1000);
  countsFrom = clock();
  const perSecond = await write(writing, seconds * 1000);
  const isSeen = (): boolean =>
    sights.every(({ afterAnswer }) => afterAnswer.count() >= answers.count());
  for (let tries = 0; tries < 100 && !isSeen(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  isOver = true;
  await reading;
  leave();
  process.stdout.write(`${Math.round(perSecond)} writes/s, of ${rate}/s asked for\n`);
  row("write, sent to answered", answers);
  for (const { name, afterAnswer, afterDecision } of sights) {
    row(`${name}: after the answer`, afterAnswer);
    row(`${name}: after the decision`, afterDecision);
  }
  if (!isSeen()) throw new Error("not every event was seen");
} finally {
  await Promise.all(instances.map((one) => one.stop()));
  await redis.close();
  await postgres.close();
}
