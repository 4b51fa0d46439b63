// What happens in one simulated world, drawn from its seed: what clients ask for and when, and what goes wrong
// and when. Which kinds of trouble there are, and how much of each, is drawn for each seed by itself, so that
// some worlds are calm and some have nothing but one kind. A plan is a plain list of steps, so a failing one
// can be made shorter.

import type { Command, Once, Precondition } from "../src/domain/model.ts";
import {
  cancel,
  changeStock,
  confirm,
  extend,
  reserve,
  reserveGroup,
  setStock,
  transfer,
} from "../test/support/commands.ts";
import type { Chance } from "./chance.ts";
import { chanceOf } from "./chance.ts";

export const products = ["p0", "p1"] as const;
export const places = ["s0", "s1"] as const;

export type Step =
  /** A client's command, sent to `copies` instances at once; with a key it is sent until it is answered. */
  | {
      readonly at: number;
      readonly kind: "command";
      readonly command: Command;
      readonly copies: number;
      /** Whoever asks waits no longer than this; without it, as clients do. */
      readonly givesUp?: GivesUp;
    }
  | { readonly at: number; readonly kind: "read"; readonly productId: string }
  | { readonly at: number; readonly kind: "trouble"; readonly trouble: Trouble };

export interface GivesUp {
  readonly afterMs: number;
  /** It does not ask again: what it wanted may be done, or not. */
  readonly leaves: boolean;
}

export type Trouble =
  /** The instance is killed, and is back after so long. */
  | { readonly what: "crash"; readonly instance: number; readonly ms: number }
  | {
      readonly what: "slow instance";
      readonly instance: number;
      readonly ms: number;
      readonly by: number;
    }
  | { readonly what: "database away"; readonly ms: number }
  | { readonly what: "connections ended" }
  | { readonly what: "database clock"; readonly by: number }
  /** Whatever is committed waits so much longer until the disk has it. */
  | { readonly what: "slow disk"; readonly ms: number; readonly by: number }
  | { readonly what: "clock"; readonly by: number }
  | { readonly what: "redis away"; readonly ms: number }
  | { readonly what: "redis slow"; readonly ms: number; readonly by: number }
  | { readonly what: "redis lost its end"; readonly count: number }
  | { readonly what: "redis emptied" }
  | { readonly what: "feed cut"; readonly follower: number };

export interface Plan {
  readonly seed: number;
  readonly instances: number;
  readonly hasRedis: boolean;
  readonly followers: number;
  /** When trouble ends: afterwards everything has to come to rest. */
  readonly untilMs: number;
  readonly journeyMs: number;
  readonly lostAnswers: number;
  /** How long the database is asked what became of a commit, before it counts as unknown. */
  readonly fateMs: number;
  readonly unknownFates: number;
  readonly lostWakes: number;
  readonly cacheTtlMs: number;
  readonly duePerRow: number;
  /** In the first rows, at the beginning. */
  readonly units: number;
  readonly steps: readonly Step[];
}

export function planOf(seed: number): Plan {
  const chance = chanceOf(seed, "plan");
  const instances = chance.pick([1, 2, 2, 3, 3]);
  const untilMs = chance.between(1_000, 6_000);
  const hasRedis = chance.hits(0.7);
  const followers = chance.between(1, 3);
  const rate = (most: number): number => (chance.hits(0.5) ? 0 : chance.next() * most);
  const commands = commandsOf(chance.of("commands"), untilMs);
  const steps = [
    ...givingUp(chance.of("giving up"), commands),
    ...readsOf(chance.of("reads"), untilMs, commands),
    ...troublesOf(chance.of("troubles"), { untilMs, instances, followers, hasRedis }),
  ];
  return {
    seed,
    instances,
    hasRedis,
    followers,
    untilMs,
    journeyMs: chance.pick([0.3, 1, 3, 10]),
    lostAnswers: rate(0.1),
    fateMs: chance.pick([20, 1_000, 15_000]),
    unknownFates: rate(1),
    lostWakes: rate(1),
    cacheTtlMs: chance.pick([500, 2_000, 30_000]),
    duePerRow: chance.pick([1, 2, 10]),
    units: chance.pick([1, 4, 10, 30]),
    steps: steps.sort((a, b) => a.at - b.at),
  };
}

const kinds = [
  ...Array<"reserve">(9).fill("reserve"),
  ...Array<"confirm">(6).fill("confirm"),
  ...Array<"cancel">(3).fill("cancel"),
  ...Array<"extend">(2).fill("extend"),
  ...Array<"change">(3).fill("change"),
  ...(["group", "group", "set", "transfer", "transfer"] as const),
] as const;

function commandsOf(chance: Chance, untilMs: number): Step[] {
  const count = chance.between(5, 60);
  // In bursts, or one by one.
  const moments = chance.hits(0.5) ? count : chance.between(1, 6);
  const bursts = Array.from({ length: moments }, () => chance.next() * untilMs);
  const times = Array.from(
    { length: count },
    () => chance.pick(bursts) + (chance.hits(0.5) ? 0 : chance.next() * 30),
  );
  const ids: string[] = [];
  return times
    .sort((a, b) => a - b)
    .map((at, index) => {
      const command = { ...commandOf(chance, index, ids), requestId: `request-${index}` };
      const once = onceOf(chance, index);
      return {
        at,
        kind: "command",
        command: { ...command, once },
        copies: once !== null && chance.hits(0.2) ? 2 : 1,
      };
    });
}

/** Mostly a key of its own; now and then none, or another's. */
function onceOf(chance: Chance, index: number): Once | null {
  if (chance.hits(0.15)) return null;
  const isBorrowed = chance.hits(0.05);
  const key = isBorrowed ? chance.between(0, index) : index;
  return { caller: "key:shop", key: `key-${key}`, fingerprint: `f-${index}` };
}

function commandOf(chance: Chance, index: number, ids: string[]): Command {
  const place = {
    productId: chance.hits(0.8) ? "p0" : "p1",
    storeId: chance.hits(0.7) ? "s0" : "s1",
  };
  const customerId = chance.pick(["c0", "c1", "c2", "c3"]);
  const quantity = chance.between(1, 3);
  const ttlMs = chance.pick([200, 500, 1_000, 1_000, 2_000, 3_000, 6_000, 60_000]);
  const known = ids.length === 0 ? "r-none" : chance.pick(ids.slice(-6));
  switch (chance.pick(kinds)) {
    case "reserve":
      ids.push(`r${index}`);
      return reserve(`r${index}`, quantity, {
        ...place,
        customerId,
        ttlMs,
        idBrought: chance.hits(0.5),
      });
    case "group": {
      ids.push(`group:g${index}`);
      const lines = Array.from({ length: chance.between(2, 3) }, (_, line) => ({
        id: `g${index}-${line}`,
        productId: chance.pick(products),
        storeId: chance.pick(places),
        quantity: chance.between(1, 2),
      }));
      ids.push(`g${index}-0`);
      return reserveGroup(`g${index}`, lines, { customerId, ttlMs });
    }
    case "confirm":
      return confirm(known, {
        quantity: chance.hits(0.2) ? chance.between(1, 4) : null,
        retakeId: chance.hits(0.3) ? `retaken-${index}` : null,
      });
    case "cancel":
      return cancel(known);
    case "extend":
      return extend(known, ttlMs);
    case "change": {
      const amount = chance.hits(0.6) ? quantity : -quantity;
      const createMissing = chance.hits(0.5);
      return changeStock({ ...place, amount, createMissing, expected: expectedOf(chance) });
    }
    case "set": {
      const counted = chance.between(0, 9);
      const reorderPoint = counted % 3 === 0 ? counted : undefined;
      const expected = expectedOf(chance);
      return setStock({ ...place, quantity: counted, reorderPoint, expected });
    }
    case "transfer":
      return transfer({
        transferId: `t${index}`,
        productId: place.productId,
        fromStoreId: place.storeId,
        toStoreId: place.storeId === "s0" ? "s1" : "s0",
        quantity,
      });
  }
}

function expectedOf(chance: Chance): Precondition | null {
  if (chance.hits(0.8)) return null;
  return { version: chance.hits(0.2) ? "*" : chance.between(0, 6), source: "body" };
}

/** In half of the worlds some clients have little patience. */
function givingUp(chance: Chance, commands: readonly Step[]): Step[] {
  const share = chance.hits(0.5) ? 0 : chance.next() * 0.5;
  return commands.map((step) => {
    const [isMeant, leaves] = [chance.hits(share), chance.hits(0.5)];
    const afterMs = chance.wait(chance.pick([2, 20, 200, 2_000]));
    return isMeant ? { ...step, givesUp: { afterMs, leaves } } : step;
  });
}

/** At any time, and while something is being changed. */
function readsOf(chance: Chance, untilMs: number, commands: readonly Step[]): Step[] {
  return Array.from({ length: chance.between(0, 40) }, () => ({
    at: chance.hits(0.5) ? chance.next() * untilMs : chance.pick(commands).at + chance.wait(20),
    kind: "read",
    productId: chance.pick(products),
  }));
}

interface World {
  readonly untilMs: number;
  readonly instances: number;
  readonly followers: number;
  readonly hasRedis: boolean;
}

/** Each kind has a stream of chance of its own: one that is added does not shift the others. */
function troublesOf(chance: Chance, world: World): Step[] {
  const { untilMs, hasRedis } = world;
  return Object.entries({ ...some, ...(hasRedis ? ofRedis : {}) }).flatMap(([kind, make]) => {
    const own = chance.of(kind);
    if (!own.hits(0.3)) return [];
    return Array.from({ length: own.between(1, 4) }, () => ({
      at: own.next() * untilMs,
      kind: "trouble" as const,
      trouble: make(own, world),
    }));
  });
}

type Make = (chance: Chance, world: World) => Trouble;

const long = (chance: Chance): number => chance.pick([5, 50, 300, 1_500, 4_000]);
const by = (chance: Chance): number => chance.pick([5, 30, 200, 1_500, 4_000]);
const hours = (chance: Chance): number =>
  chance.pick([-3_600_000, -5_000, -300, 300, 5_000, 3_600_000]);
const anInstance = (chance: Chance, { instances }: World): number =>
  chance.between(0, instances - 1);

const some: Readonly<Record<string, Make>> = {
  crash: (chance, world) => ({
    what: "crash",
    instance: anInstance(chance, world),
    ms: long(chance),
  }),
  slow: (chance, world) => ({
    what: "slow instance",
    instance: anInstance(chance, world),
    ms: long(chance),
    by: by(chance),
  }),
  away: (chance) => ({ what: "database away", ms: long(chance) }),
  ended: () => ({ what: "connections ended" }),
  databaseClock: (chance) => ({ what: "database clock", by: hours(chance) }),
  // Up to where nobody waits for the answer any more.
  disk: (chance) => ({
    what: "slow disk",
    ms: long(chance),
    by: chance.pick([50, 300, 1_500, 4_000, 14_000]),
  }),
  clock: (chance) => ({ what: "clock", by: hours(chance) }),
  cut: (chance, { followers }) => ({
    what: "feed cut",
    follower: chance.between(0, followers - 1),
  }),
};

const ofRedis: Readonly<Record<string, Make>> = {
  redisAway: (chance) => ({ what: "redis away", ms: long(chance) }),
  redisSlow: (chance) => ({ what: "redis slow", ms: long(chance), by: by(chance) }),
  lost: (chance) => ({ what: "redis lost its end", count: chance.between(1, 20) }),
  emptied: () => ({ what: "redis emptied" }),
};
