// Rules of the domain as sentences: given what is there, when these commands come, expect this. Ids
// count up, time stands still until `later`, and each command is loaded, decided and stored by the
// memory database. The word after `when` is `expect`: an object with a method `then` is a promise to
// JavaScript.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../src/domain/decide.ts";
import type {
  Command,
  EventType,
  Product,
  Reservation,
  Stock,
  Store,
} from "../src/domain/model.ts";
import type { Rejection, RejectionCode } from "../src/domain/rejection.ts";
import { type Context, type DomainLimits, rowKey } from "../src/domain/slice.ts";
import { isLow } from "../src/domain/thresholds.ts";
import { madridFields, mugFields } from "./support/commands.ts";
import { commit, emptyDatabase, type MemoryDatabase } from "./support/memory-database.ts";

/** When every story begins. */
export const start = Date.UTC(2026, 0, 1);
export const isoTime = (ms: number): string => new Date(ms).toISOString();
export const hour = 3_600_000;

export interface World extends Context {
  readonly database: MemoryDatabase;
  now: number;
  limits: DomainLimits;
}

export type Fact = (world: World) => void;
export type Check = { readonly outcome: (outcome: Outcome) => void } | { readonly world: Fact };

export class Story {
  readonly world: World;
  readonly outcomes: Outcome[] = [];
  #checked = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** One command after the other, each in a transaction of its own. */
  when(...commands: readonly Command[]): this {
    for (const command of commands) this.whenTogether(command);
    return this;
  }

  /** All commands in one transaction. */
  whenTogether(...commands: readonly Command[]): this {
    this.outcomes.push(...commit(this.world.database, commands, this.world));
    return this;
  }

  later(ms: number): this {
    this.world.now += ms;
    return this;
  }

  /** One check for each outcome since the last `expect`, and any number about the world. */
  expect(...checks: readonly Check[]): this {
    const outcomes = this.outcomes.slice(this.#checked);
    const expected = checks.filter((check) => "outcome" in check);
    assert.equal(outcomes.length, expected.length, "one check for each outcome");
    this.#checked = this.outcomes.length;
    for (const [index, outcome] of outcomes.entries()) expected[index]?.outcome(outcome);
    for (const check of checks) if ("world" in check) check.world(this.world);
    return this;
  }
}

export function given(...facts: readonly Fact[]): Story {
  let ids = 0;
  const limits = {
    reservationsPerCustomer: 20,
    unitsPerCustomer: 100,
    reservationLifeMs: 24 * hour,
  };
  const newId = (): string => {
    ids += 1;
    return `id-${ids}`;
  };
  const world: World = { database: emptyDatabase(), now: start, newId, isoTime, limits };
  for (const fact of facts) fact(world);
  return new Story(world);
}

const born = { version: 1, createdAt: start, updatedAt: start, archivedAt: null };

export function limits(over: Partial<DomainLimits>): Fact {
  return (world) => {
    world.limits = { ...world.limits, ...over };
  };
}

export function product(id: string, over: Partial<Product> = {}): Fact {
  const row = { id, ...mugFields, sku: `${id}-sku`, ...born, ...over };
  return ({ database }) => database.products.set(id, row);
}

export function store(id: string, over: Partial<Store> = {}): Fact {
  return ({ database }) => database.stores.set(id, { id, ...madridFields, ...born, ...over });
}

/** A row of "mug" in "MAD", unless said otherwise, at version 1; that it is low was told. */
export function stock(quantity: number, over: Partial<Stock> = {}): Fact {
  const place = { productId: "mug", storeId: "MAD", ...over };
  const { productId, storeId } = place;
  const row: Stock = {
    id: `${productId}@${storeId}`,
    quantity,
    reserved: 0,
    version: 1,
    reorderPoint: null,
    lowTold: false,
    updatedAt: start,
    ...place,
  };
  return ({ database }) => database.stock.set(rowKey(productId, storeId), lowIsTold(row));
}

function lowIsTold(row: Stock): Stock {
  return { ...row, lowTold: isLow(row) };
}

/** The product "mug" in the store "MAD" with so many units. */
export function shop(quantity: number): Fact {
  return (world) => {
    for (const fact of [product("mug"), store("MAD"), stock(quantity)]) fact(world);
  };
}

/** A hold of ten minutes from the start, its units counted in its row. */
export function held(id: string, quantity: number, over: Partial<Reservation> = {}): Fact {
  return ({ database }) => {
    const hold: Reservation = {
      id,
      productId: "mug",
      storeId: "MAD",
      customerId: "ann",
      quantity,
      status: "PENDING",
      expiresAt: start + 600_000,
      createdAt: start,
      updatedAt: null,
      groupId: null,
      metadata: null,
      confirmedQuantity: null,
      cancelReason: null,
      retakenFrom: null,
      retakenBy: null,
      ...over,
    };
    database.reservations.set(id, hold);
    const key = rowKey(hold.productId, hold.storeId);
    const row = database.stock.get(key);
    assert.ok(row, "a hold needs its row");
    const units = hold.status === "PENDING" ? quantity : 0;
    database.stock.set(key, lowIsTold({ ...row, reserved: row.reserved + units }));
  };
}

type ExpectedEvent = EventType | readonly [EventType, Readonly<Record<string, unknown>>];

function checkEvents({ events }: Outcome, expected: readonly ExpectedEvent[]): void {
  const types = expected.map((event) => (typeof event === "string" ? event : event[0]));
  assert.deepEqual(
    events.map(({ type }) => type),
    types,
  );
  for (const [index, event] of expected.entries()) {
    if (typeof event !== "string") {
      assert.partialDeepStrictEqual(events[index]?.payload, event[1]);
    }
  }
}

/** Accepted, with exactly these events; their payloads hold at least what is given. */
export function did(...events: readonly ExpectedEvent[]): Check {
  return {
    outcome(outcome) {
      assert.ok("reply" in outcome.result, `refused: ${JSON.stringify(outcome.result)}`);
      checkEvents(outcome, events);
    },
  };
}

/** Refused by this name with at least these facts; `events` are of holds that expired on the way. */
export function refused<Code extends RejectionCode>(
  code: Code,
  facts: Partial<Extract<Rejection, { code: Code }>> = {},
  ...events: readonly ExpectedEvent[]
): Check {
  return {
    outcome(outcome) {
      assert.ok("rejection" in outcome.result, `accepted, not refused as ${code}`);
      assert.partialDeepStrictEqual(outcome.result.rejection, { code, ...facts });
      checkEvents(outcome, events);
    },
  };
}

/** The row of "mug" in a store, "MAD" unless said otherwise. null: there is none. */
export function row(expected: Partial<Stock> | null, storeId = "MAD"): Check {
  return {
    world({ database }) {
      const found = database.stock.get(rowKey("mug", storeId)) ?? null;
      if (expected === null || found === null) assert.equal(found, expected);
      else assert.partialDeepStrictEqual(found, expected);
    },
  };
}

export function reservation(id: string, expected: Partial<Reservation> | null): Check {
  return {
    world({ database }) {
      const found = database.reservations.get(id) ?? null;
      if (expected === null || found === null) assert.equal(found, expected);
      else assert.partialDeepStrictEqual(found, expected);
    },
  };
}

/** A rule as a row of a table: the title is what it promises. */
export interface Case {
  readonly title: string;
  readonly given: readonly Fact[];
  readonly when: readonly Command[];
  readonly expect: readonly Check[];
}

export function promise(cases: readonly Case[]): void {
  for (const { title, given: facts, when, expect } of cases) {
    test(title, () => {
      given(...facts)
        .when(...when)
        .expect(...expect);
    });
  }
}
