// What a Redis that is slow, hangs or is gone costs requests. node bench/redis-trouble.ts [--rate 300] [--seconds 6]
//
// One instance on PostgreSQL with a Redis, both of its own; four reads of availability and one reservation in turn, in an open
// loop. Each trouble has three windows: with Redis well, from the moment in which the trouble begins (two seconds: until it is
// known), and with it. Shown are the latencies of both kinds of request, and how many failed.

import { connect, createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { must } from "../src/lib/assert.ts";
import { pause } from "../src/lib/waiting.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { type RedisServer, startRedis } from "../test/support/redis.ts";
import { generatePaced } from "./generator.ts";
import type { LoadResult } from "./plan.ts";
import { type Server, startOnhand } from "./server.ts";
import { stockUp, stores } from "./shop.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "300" },
    seconds: { type: "string", default: "6" },
    "slow-ms": { type: "string", default: "300" },
  },
});
const [rate, seconds, slowMs] = [
  Number(values.rate),
  Number(values.seconds),
  Number(values["slow-ms"]),
];
const rows = { products: 250, stores };

/** A cable to Redis on which answers may take their time. */
async function openCable(redisUrl: string) {
  let delayMs = 0;
  const port = Number(new URL(redisUrl).port);
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      // That one end is gone is told to the other.
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
    client.on("data", (chunk) => server.write(chunk));
    server.on("data", (chunk) => setTimeout(() => client.write(chunk), delayMs));
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, "127.0.0.1", resolve);
  });
  const address = must(listener.address(), "it listens");
  return {
    url: `redis://127.0.0.1:${typeof address === "object" ? address.port : 0}`,
    slow(ms: number): void {
      delayMs = ms;
    },
    close(): void {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}

interface Trouble {
  readonly name: string;
  begin(): void | Promise<void>;
  end(): void | Promise<void>;
}

function window(server: Server, forSeconds: number): Promise<LoadResult> {
  return generatePaced(server, { kind: "mixed", rows }, rate, forSeconds);
}

function show(name: string, { latency, refused, givenUp }: LoadResult): void {
  const ms = (kind: string): string => {
    const of = latency[kind];
    return of === undefined ? "none" : `p50 ${of.p50Ms.toFixed(1)} p99 ${of.p99Ms.toFixed(1)} ms`;
  };
  const failed = refused.count + givenUp;
  console.log(
    `  ${name.padEnd(16)} writes ${ms("reserve")}, reads ${ms("read")}, failed ${failed}`,
  );
}

async function suffer(server: Server, { name, begin, end }: Trouble): Promise<void> {
  console.log(`${name}:`);
  show("with Redis", await window(server, seconds));
  await begin();
  show("its first 2 s", await window(server, 2));
  show("afterwards", await window(server, seconds));
  await end();
  // Until it is asked again.
  await pause(12_000);
}

function troublesOf(redis: RedisServer, slow: (ms: number) => void): readonly Trouble[] {
  return [
    { name: `slow (${slowMs} ms an answer)`, begin: () => slow(slowMs), end: () => slow(0) },
    {
      name: "hanging",
      begin: () => redis.signal("SIGSTOP"),
      end: () => redis.signal("SIGCONT"),
    },
    { name: "gone", begin: redis.kill, end: redis.start },
  ];
}

const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
const cable = await openCable(redis.url);
const server = await startOnhand({
  DATABASE_URL: postgres.url,
  REDIS_URL: cable.url,
  RESERVATION_MAX_PER_CUSTOMER: "0",
  RESERVATION_MAX_UNITS_PER_CUSTOMER: "0",
});
try {
  await stockUp(server, rows);
  await window(server, 4);
  for (const trouble of troublesOf(redis, cable.slow)) await suffer(server, trouble);
} finally {
  await server.stop();
  cable.close();
  await Promise.all([redis.close(), postgres.close()]);
}
