// One instance of the service: the parts that main.ts puts together, put together in the same way, over the
// simulated database and the simulated Redis. HTTP is left out: a simulated client gives its commands to the
// executor, as a route does.

import { openSharedDocuments } from "../src/cache/redis-documents.ts";
import type { FeedClient } from "../src/feeds/sse.ts";
import { renderAvailability, reviveAvailability } from "../src/http/availability.ts";
import { steady } from "../src/lib/clock.ts";
import { type Loop, openLoop } from "../src/lib/loop.ts";
import { expiryLookMs, tailPollMs } from "../src/limits.ts";
import { openPipeline, type Pipeline } from "../src/pipeline.ts";
import { openRelaying } from "../src/publishing.ts";
import { openExpire } from "../src/workers/expire.ts";
import { Violation } from "./auditor.ts";
import type { Session, SimulatedDatabase } from "./database.ts";
import type { SimulatedRedis } from "./streams.ts";
import type { Time } from "./time.ts";

/** One life of it, from a start to a crash or to the end. */
export interface Instance extends Pick<Pipeline, "executor" | "cache" | "tail"> {
  readonly name: string;
  readonly session: Session;
  /** Resolves when it is gone; whoever waits for it then is cut off. */
  readonly gone: Promise<void>;
  isGone(): boolean;
  connect(client: FeedClient): () => void;
  /** What others have committed, as they tell it. */
  heard(): void;
  crash(): void;
}

export interface InstanceOptions {
  readonly name: string;
  readonly time: Time;
  readonly database: SimulatedDatabase;
  readonly redis: SimulatedRedis | null;
  /** Tells the other instances that there is something to read. */
  readonly tell: () => void;
  readonly cacheTtlMs: number;
  /** A violation that some part would swallow. */
  readonly violated: (violation: Violation) => void;
}

export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { name, database, redis, cacheTtlMs } = options;
  const session = database.open();
  const head = await session.head();
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const life = { gone: false, isGone: () => life.gone };
  let expiry: Loop | null = null;
  const loops: Pick<Loop, "stop">[] = [];
  /** What goes wrong outside goes on by itself; what is not as promised does not. */
  const failed = (error: unknown): void => {
    if (error instanceof Violation) options.violated(error);
    else if (error instanceof Error && error.name === "AssertionFailure") {
      options.violated(new Violation(`an assertion failed: ${error.message}`));
    }
  };
  const pipeline = openPipeline({
    store: session,
    head,
    render: renderAvailability,
    cacheTtlMs,
    shared:
      redis === null
        ? null
        : openSharedDocuments({
            redis: redis.openQuick(life),
            prefix: "",
            head,
            ttlMs: cacheTtlMs,
            revive: reviveAvailability,
          }),
    hasOthers: true,
    committed: options.tell,
    held: (dueInMs) => expiry?.wakeAt(steady() + dueInMs),
    measure: () => undefined,
    failed: () => failed,
  });
  const { tail, executor, feed } = pipeline;
  const watching = openLoop({
    async tick() {
      await tail.pull();
      return null;
    },
    pauseMsMax: tailPollMs,
    now: steady,
    failed,
  });
  const tick = openExpire({
    store: session,
    execute: executor.execute,
    now: steady,
    newRequestId: () => "expiry",
    lag: () => undefined,
    found: (findings) => {
      if (findings.length > 0) failed(new Violation(JSON.stringify(findings)));
    },
  });
  expiry = openLoop({ tick, pauseMsMax: expiryLookMs, now: steady, failed });
  loops.push(watching, expiry);
  if (redis !== null) {
    const bus = redis.openBus(life);
    const holder = `${name}@${options.time.now()}`;
    const paced = { pauseMsMax: 300_000, failed, notMarked: failed };
    loops.push(openRelaying({ store: session, bus, tail, holder, ...paced }));
  }
  return {
    name,
    session,
    executor,
    cache: pipeline.cache,
    tail,
    gone,
    isGone: life.isGone,
    connect: (client) => feed.connect(client),
    heard: () => watching.wakeAt(steady()),
    crash() {
      life.gone = true;
      session.end();
      feed.close();
      for (const loop of loops) void loop.stop();
      resolve();
    },
  };
}
