// A simulated Redis: the streams, filled by the compare-and-append that append.lua is, the lease, and the documents
// that instances share. It is slow, goes away, loses its end or everything, and answers that it never did what it
// did. What the scripts themselves do is for test/bus and test/cache, on a real Redis.

import { type Bus, type BusState, foreignLog } from "../src/bus/bus.ts";
import type { QuickRedis } from "../src/cache/redis.ts";
import { OperatingError } from "../src/lib/operating-error.ts";
import { redisAnswerMsMax } from "../src/limits.ts";
import type { LogEvent } from "../src/store/store.ts";
import { Violation } from "./auditor.ts";
import type { Chance } from "./chance.ts";
import type { Meet } from "./met.ts";
import type { Time } from "./time.ts";

export interface SimulatedRedis {
  /** The events in the stream of all, in order. */
  readonly entries: readonly LogEvent[];
  isAway: boolean;
  /** Added to each answer. */
  slowMs: number;
  /** It has lost what came last. */
  lose(count: number): void;
  /** It was restarted without its file. */
  empty(): void;
  /** What one life of an instance publishes to; when that is over, nothing is answered. */
  openBus(life: Life): Bus;
  openQuick(life: Life): QuickRedis;
}

export interface RedisOptions {
  readonly time: Time;
  readonly chance: Chance;
  readonly journeyMs: number;
  /** How many answers are lost, of 1. */
  readonly lostAnswers: number;
  /** Called after each change of the streams. */
  readonly appended: (entries: readonly LogEvent[]) => void;
  readonly meet: Meet;
}

export interface Life {
  isGone(): boolean;
}

interface Kept {
  readonly text: string;
  readonly until: number;
}

export function openRedis(options: RedisOptions): SimulatedRedis {
  const { time, chance, journeyMs, meet } = options;
  let entries: LogEvent[] = [];
  let state: BusState | null = null;
  let lease: { readonly holder: string; readonly until: number } | null = null;
  let keys = new Map<string, Kept>();

  async function journey(): Promise<void> {
    await time.wait(chance.wait(journeyMs) + redis.slowMs);
    if (redis.slowMs > 0) meet("redis slow");
    if (!redis.isAway) return;
    meet("redis away");
    throw new OperatingError("Redis is away", { retryable: true });
  }

  /** What it does it does alone; whether its answer comes is another matter. */
  async function call<T>(life: Life, work: () => T): Promise<T> {
    if (life.isGone()) await new Promise(() => undefined);
    await journey();
    const answer = work();
    await journey();
    if (life.isGone()) await new Promise(() => undefined);
    if (chance.hits(options.lostAnswers)) {
      meet("redis' answer lost");
      throw new OperatingError("Redis did not answer", { retryable: true });
    }
    return answer;
  }

  function append(log: { logId: string; epoch: number }, events: readonly LogEvent[]): number {
    const { logId, epoch } = log;
    const there = state ?? { logId, epoch, seq: 0 };
    if (there.logId !== logId || there.epoch !== epoch) throw foreignLog(log, there);
    let { seq } = there;
    for (const event of events) {
      if (event.seq > seq + 1) break;
      if (event.seq <= seq) continue;
      entries.push(event);
      seq = event.seq;
    }
    if (seq > 0) state = { logId, epoch, seq };
    options.appended(entries);
    return seq;
  }

  function claim(holder: string, ms: number): number {
    const now = time.now();
    if (lease !== null && lease.holder !== holder && lease.until > now) {
      return Math.ceil(lease.until - now);
    }
    lease = { holder, until: now + ms };
    return 0;
  }

  /** Who appends: it has been told that the lease is its own, which may be long ago. */
  function relays(holder: string): void {
    if (lease?.holder === holder && lease.until > time.now()) return;
    const isTaken = lease !== null && lease.holder !== holder && lease.until > time.now();
    meet(isTaken ? "lease taken while relaying" : "lease ran out while relaying");
  }

  function keptAt(key: string): string | undefined {
    const one = keys.get(key);
    return one === undefined || one.until <= time.now() ? undefined : one.text;
  }

  function keep(key: string, text: string, ms: string | undefined): void {
    keys.set(key, { text, until: time.now() + Number(ms) });
  }

  /** What get.lua, set.lua and mark.lua do. */
  const scripts: Readonly<
    Record<string, (names: readonly string[], values: readonly string[]) => unknown>
  > = {
    "Documents that may": ([all = "", ...names]) =>
      names.flatMap((name) => {
        const text = keptAt(name);
        const counts = text?.includes("\n") === true && seqOf(text) >= seqOf(keptAt(all));
        return counts ? [text, (keys.get(name)?.until ?? 0) - time.now()] : [null, 0];
      }),
    "Keeps a document": ([all = "", name = ""], [seq, text = "", ms]) => {
      const known = Math.max(seqOf(keptAt(all)), seqOf(keptAt(name)));
      if (Number(seq) < known) return 0;
      keep(name, text, ms);
      return 1;
    },
    "Marks documents": (names, [ms, ...seqs]) => {
      for (const [index, name] of names.entries()) {
        const seq = seqs[index] ?? "";
        if (seqOf(keptAt(name)) < Number(seq)) keep(name, seq, ms);
      }
      return names.length;
    },
  };

  const redis: SimulatedRedis = {
    get entries() {
      return entries;
    },
    isAway: false,
    slowMs: 0,
    lose(count) {
      if (count > 0 && entries.length > 0) meet("redis lost its end");
      entries = entries.slice(0, Math.max(entries.length - count, 0));
      if (state !== null) state = { ...state, seq: entries.length };
      if (entries.length === 0) state = null;
    },
    empty() {
      if (entries.length > 0) meet("redis emptied");
      entries = [];
      state = null;
      lease = null;
      keys = new Map();
    },
    openBus(life) {
      /** Who this life is, once it was told that it has the lease. */
      let holder: string | null = null;
      return {
        state: () => call(life, () => state),
        append(log, events) {
          const relay = holder;
          if (relay === null) throw new Violation("G5: who publishes was told that it may");
          return call(life, () => {
            relays(relay);
            return append(log, events);
          });
        },
        async claim(asker, ms) {
          const othersMs = await call(life, () => claim(asker, ms));
          holder = othersMs === 0 ? asker : null;
          return othersMs;
        },
        release(asker) {
          holder = null;
          return call(life, () => {
            if (lease?.holder === asker) lease = null;
          });
        },
        replay: async () => ({ added: 0 }),
        connected: () => !redis.isAway,
        close: async () => undefined,
      };
    },
    openQuick: (life) => ({
      call: async () => undefined,
      async run({ text }, names, values) {
        const purpose = Object.keys(scripts).find((words) => text.startsWith(`-- ${words}`));
        const script = scripts[purpose ?? ""];
        if (script === undefined) throw new Error(`no such script: ${text.slice(0, 60)}`);
        const late = time.wait(redisAnswerMsMax).then(() => undefined);
        return Promise.race([call(life, () => script(names, values)).catch(() => undefined), late]);
      },
      close: () => undefined,
    }),
  };
  return redis;
}

function seqOf(text: string | undefined): number {
  return Number(/^\d+/.exec(text ?? "")?.[0] ?? 0);
}
