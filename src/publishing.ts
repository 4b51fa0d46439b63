// The log on its way to Redis: the bus, the relay and the loop that runs it, put together for main.ts. The
// service does not wait for any of it: without Redis it goes on, says so once, and catches up later.

import type { Bus } from "./bus/bus.ts";
import type { Reset } from "./bus/redis-reset.ts";
import type { RedisConfig } from "./config.ts";
import { eventTypes } from "./domain/model.ts";
import type { Replay, Vitals } from "./http/deps.ts";
import { now, steady } from "./lib/clock.ts";
import { newId } from "./lib/ids.ts";
import type { Logger } from "./lib/logger.ts";
import { openLoop } from "./lib/loop.ts";
import type { Metrics } from "./lib/metrics.ts";
import { saidOnce } from "./lib/said-once.ts";
import type { Tracing } from "./lib/tracing.ts";
import { openRelay, type RelayOptions } from "./log/relay.ts";
import { openReplay } from "./log/replay.ts";
import type { Tail } from "./log/tail.ts";
import type { Head, Store } from "./store/store.ts";
import { tracedBus } from "./tracing/redis.ts";

export interface Publishing {
  /** This instance has committed: the others are woken. */
  readonly committed: () => void;
  readonly vitals: Vitals;
  readonly replay: Replay;
  /** Publishes what was committed last, if Redis is there to take it, and lets it go. */
  close(): Promise<void>;
}

export async function openPublishing(
  config: RedisConfig,
  store: Store,
  tail: Tail,
  logger: Logger,
  metrics: Metrics,
  heard: () => void,
  tracing: Tracing | null,
): Promise<Publishing> {
  // Loaded here, so that a service without Redis starts without its client.
  const { openRedisStreams } = await import("./bus/redis-streams.ts");
  const { openRedisWakes } = await import("./bus/redis-wakes.ts");
  const say = saidOnce<"warn" | "error">((level, words) => logger[level](words));
  /** The first try to connect is over. */
  let isTried = false;
  let isPublishing = true;
  const streams = openRedisStreams({
    url: config.url,
    prefix: config.prefix,
    retentionMs: config.retentionHours * 3_600_000,
    now,
    said(level, words) {
      isTried = true;
      say(level, words);
    },
    ready: () => loop.wakeAt(steady()),
    moved: () => wakes.renew(),
  });
  const bus: Bus = tracing === null ? streams : tracedBus(streams, tracing);
  // Not the instance's own name: an operator may have given the same to two.
  const holder = newId();
  const wakes = openRedisWakes({ url: config.url, prefix: config.prefix, holder, heard });
  const { relay, loop, stop } = openRelaying({
    store,
    bus,
    tail,
    holder,
    pauseMsMax: config.syncIntervalSeconds * 1000,
    worked() {
      isPublishing = true;
    },
    failed(error) {
      isPublishing = false;
      if (isTried) say("error", `events are not published: ${String(error)}`);
    },
    notMarked: (error) => say("error", `events are not marked as published: ${String(error)}`),
  });
  const vitals: Vitals = {
    redis: () => (bus.connected() ? "connected" : "disconnected"),
    isPublishing: () => isPublishing,
    eventLag() {
      const published = relay.published();
      return published === null ? null : Math.max(0, tail.seq() - published);
    },
  };
  metrics.onScrape(async () => {
    const lag = vitals.eventLag();
    if (lag === null) {
      // Nothing rather than a wrong number.
      metrics.eventLag.remove();
      metrics.eventAge.remove();
      return;
    }
    metrics.eventLag.set(lag);
    const oldest = await relay.oldestWaiting();
    metrics.eventAge.set(oldest === null ? 0 : Math.max(0, now() - oldest) / 1000);
  });
  return {
    committed: wakes.tell,
    vitals,
    replay: openReplay({ store, bus }),
    async close() {
      wakes.close();
      await stop();
      if (bus.connected()) {
        await relay
          .finish()
          .catch((error: unknown) => say("error", `not published: ${String(error)}`));
      }
      await bus.close();
    },
  };
}

/** Tells readers of the streams that the log was restored, and lets the relay go on behind `head`. */
export async function resetStreams(
  { url, prefix }: RedisConfig,
  head: Head,
  time: number,
): Promise<Reset> {
  const { resetStreams } = await import("./bus/redis-reset.ts");
  return resetStreams({ url, prefix, head, time, types: eventTypes });
}

/** What is to be mended at Redis, or null; throws where it cannot be reached. */
export async function pingRedis(url: string): Promise<string | null> {
  const { pingRedis } = await import("./bus/redis-ping.ts");
  return pingRedis(url);
}

export interface RelayingOptions extends Pick<RelayOptions, "store" | "bus" | "holder"> {
  readonly tail: Tail;
  readonly pauseMsMax: number;
  /** Called after each try that came to its end. */
  readonly worked?: () => void;
  readonly failed: (error: unknown) => void;
  readonly notMarked: (error: unknown) => void;
}

/**
 * The relay and what moves it: the tail wakes it, and it says itself when it wants to go on. Marks have a pace of
 * their own.
 */
export function openRelaying(options: RelayingOptions) {
  const { tail, pauseMsMax, worked, failed, notMarked } = options;
  const relay = openRelay({ ...options, now, steady });
  const tick = async (): Promise<number> => {
    const next = await relay.tick();
    worked?.();
    return next;
  };
  const loop = openLoop({ tick, pauseMsMax, now: steady, failed });
  const unfollow = tail.follow((events) => {
    if (relay.feed(events)) loop.wakeAt(steady());
  });
  const marking = openLoop({ tick: relay.mark, pauseMsMax, now: steady, failed: notMarked });
  return {
    relay,
    loop,
    async stop() {
      unfollow();
      await Promise.all([loop.stop(), marking.stop()]);
    },
  };
}
