import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isoTime } from "../../test/given.ts";
import { expireDue } from "../../test/support/commands.ts";
import { histories, opening, type Step, tightLimits } from "../../test/support/histories.ts";
import {
  commit,
  emptyDatabase,
  loadSlice,
  type MemoryDatabase,
  noTotals,
} from "../../test/support/memory-database.ts";
import { must } from "../lib/assert.ts";
import { dueHoldsPerRowMax } from "../limits.ts";
import { decideAll, type Outcome, type Totals } from "./decide.ts";
import {
  type Command,
  eventTypes,
  type Reservation,
  type Stock,
  type StockChange,
} from "./model.ts";
import { precedence } from "./rejection.ts";
import { type Context, type RowKey, rowKey } from "./slice.ts";
import { isLow } from "./thresholds.ts";

// Fewer where mutants are tried (test/mutation/runner.ts).
const runs = { numRuns: fc.readConfigureGlobal()?.numRuns ?? 600 };
const anyHistory = histories({ versions: true });

/** Where a run begins a new transaction: only when time passes, also at cuts, or at every command. */
type Batching = "together" | "cut" | "alone";

interface Told {
  readonly command: Command;
  readonly outcome: Outcome;
  readonly now: number;
}

interface Run {
  readonly database: MemoryDatabase;
  readonly told: Told[];
}

function countingIds(): () => string {
  let last = 0;
  return () => {
    last += 1;
    return `id-${last}`;
  };
}

function batches(steps: readonly Step[], batching: Batching): Step[][] {
  const made: Step[][] = [];
  let batch: Step[] = [];
  for (const step of steps) {
    const apart = batching === "alone" || (batching === "cut" && step.cut);
    if (batch.length === 0 || apart || batch[0]?.now !== step.now) {
      batch = [];
      made.push(batch);
    }
    batch.push(step);
  }
  return made;
}

/** Plays a history; `after` looks at the world after each transaction. */
function play(
  steps: readonly Step[],
  batching: Batching,
  after: (run: Run, now: number) => void = () => undefined,
  duePerRow = dueHoldsPerRowMax,
): Run {
  const run: Run = { database: emptyDatabase(), told: [] };
  const newId = countingIds();
  const start = must(steps[0], "a history has steps").now;
  const first = opening.map((command) => ({ command, now: start, cut: false }));
  for (const batch of [first, ...batches(steps, batching)]) {
    const { now } = must(batch[0], "a batch has steps");
    const context: Context = { now, newId, isoTime, limits: tightLimits };
    const commands = batch.map(({ command }) => command);
    const outcomes = commit(run.database, commands, context, duePerRow);
    for (const [index, outcome] of outcomes.entries()) {
      run.told.push({ command: must(commands[index], "one outcome each"), outcome, now });
    }
    after(run, now);
  }
  return run;
}

// The ledger: stock counted a second time, by hand, from what was answered. It knows no events, no
// versions and no expiry other than looking at the clock.

interface Hold {
  readonly key: RowKey;
  readonly customerId: string;
  readonly quantity: number;
  readonly createdAt: number;
  expiresAt: number;
  open: boolean;
  retaken: boolean;
}

class Ledger {
  readonly quantity = new Map<RowKey, number>();
  readonly holds = new Map<string, Hold>();
  #now = 0;

  reserved(key: RowKey): number {
    let sum = 0;
    for (const hold of this.holds.values()) {
      if (hold.key === key && this.#isLive(hold)) sum += hold.quantity;
    }
    return sum;
  }

  available(key: RowKey): number {
    return (this.quantity.get(key) ?? 0) - this.reserved(key);
  }

  #isLive(hold: Hold): boolean {
    return hold.open && hold.expiresAt > this.#now;
  }

  #live(id: string): Hold {
    const hold = must(this.holds.get(id), `${id} was never made`);
    assert.ok(hold.open, `${id} had ended`);
    assert.ok(hold.expiresAt > this.#now, `I10: ${id} had expired`);
    return hold;
  }

  read({ command, outcome, now }: Told): void {
    this.#now = now;
    if (outcome.replayed) return;
    if ("rejection" in outcome.result) return this.#readRefusal(outcome);
    const { reply } = outcome.result;
    switch (command.kind) {
      case "ChangeStock":
        return this.#change(command.change);
      case "BatchStock":
        assert.ok(reply.kind === "batch");
        for (const { index, rejection } of reply.results) {
          if (rejection === null) this.#change(must(command.changes[index], "one result a line"));
        }
        return;
      case "SetStock":
        if (command.quantity === null) return;
        return this.#move(rowKey(command.productId, command.storeId), () => command.quantity ?? 0);
      case "TransferStock": {
        const { productId, fromStoreId, toStoreId, quantity } = command;
        this.#move(rowKey(productId, fromStoreId), (before) => before - quantity);
        return this.#move(rowKey(productId, toStoreId), (before) => before + quantity);
      }
      case "Reserve":
        for (const line of command.lines) {
          const { productId, storeId, reservationId, quantity } = line;
          const expiresAt = now + command.ttlMs;
          this.#take(reservationId, rowKey(productId, storeId), {
            customerId: command.customerId,
            quantity,
            expiresAt,
          });
        }
        return this.#checkLimits(command.customerId);
      case "Confirm":
        for (const sold of reservationsIn(outcome)) this.#sell(sold);
        return;
      case "Cancel":
        for (const { id } of reservationsIn(outcome)) this.#live(id).open = false;
        return;
      case "Extend":
        for (const { id } of reservationsIn(outcome)) {
          const hold = this.#live(id);
          const latest = hold.createdAt + tightLimits.reservationLifeMs;
          hold.expiresAt = Math.min(now + command.ttlMs, latest);
        }
        return;
      default:
        return;
    }
  }

  #change({ productId, storeId, amount }: StockChange): void {
    this.#move(rowKey(productId, storeId), (before) => before + amount);
  }

  #move(key: RowKey, next: (before: number) => number): void {
    this.quantity.set(key, next(this.quantity.get(key) ?? 0));
    assert.ok(this.available(key) >= 0, `I1: ${key} has less than is held`);
  }

  #take(id: string, key: RowKey, told: Pick<Hold, "customerId" | "quantity" | "expiresAt">): void {
    assert.ok(!this.holds.has(id), `${id} was made twice`);
    assert.ok(this.available(key) >= told.quantity, `G1: ${key} is oversold`);
    this.holds.set(id, { ...told, key, createdAt: this.#now, open: true, retaken: false });
  }

  #sell({ id, retakenFrom, confirmedQuantity, productId, storeId }: Reservation): void {
    const sold = must(confirmedQuantity, "a sale has a quantity");
    if (retakenFrom === null) {
      const hold = this.#live(id);
      assert.ok(sold <= hold.quantity);
      hold.open = false;
    } else {
      const old = must(this.holds.get(retakenFrom), "retaken from a hold");
      assert.ok(old.open && old.expiresAt <= this.#now && !old.retaken, `${id} retaken wrongly`);
      assert.ok(sold <= old.quantity);
      assert.ok(this.available(old.key) >= sold, "I10: sold from what others hold");
      old.retaken = true;
      const { customerId } = old;
      this.holds.set(id, { ...old, customerId, quantity: sold, open: false });
    }
    this.#move(rowKey(productId, storeId), (before) => before - sold);
  }

  /** What a customer holds at this moment. */
  #holding(customerId: string): { readonly reservations: number; readonly units: number } {
    const live = [...this.holds.values()].filter(
      (hold) => hold.customerId === customerId && this.#isLive(hold),
    );
    const units = live.reduce((sum, { quantity }) => sum + quantity, 0);
    return { reservations: live.length, units };
  }

  #checkLimits(customerId: string): void {
    const { reservations, units } = this.#holding(customerId);
    assert.ok(reservations <= tightLimits.reservationsPerCustomer, "too many reservations");
    assert.ok(units <= tightLimits.unitsPerCustomer, "too many units");
  }

  /** A refusal for what is there must be true at its moment, to the unit. */
  #readRefusal({ result }: Outcome): void {
    assert.ok("rejection" in result);
    const { rejection } = result;
    if (rejection.code === "insufficient_stock") {
      const { productId, storeId, available, requested } = rejection;
      assert.equal(available, this.available(rowKey(productId, storeId)));
      assert.ok(available < requested);
    } else if (rejection.code === "quantity_below_reserved") {
      const { productId, storeId, quantity, reserved } = rejection;
      assert.equal(reserved, this.reserved(rowKey(productId, storeId)));
      assert.ok(quantity < reserved);
    } else if (rejection.code === "customer_limit_reached") {
      const { customerId, limit, current } = rejection;
      assert.equal(current, this.#holding(customerId)[limit]);
    } else if (rejection.code === "reservation_expired") {
      const hold = must(this.holds.get(rejection.reservationId), "it was there");
      assert.ok(hold.open && hold.expiresAt <= this.#now, "refused as expired, and was not");
    }
  }

  /** The rows say what the ledger says, once the holds that are due but not yet expired are left out. */
  compare({ stock, reservations }: MemoryDatabase, now: number): void {
    this.#now = now;
    for (const [key, row] of stock) {
      const overdue = [...reservations.values()].filter(
        (one) =>
          one.status === "PENDING" &&
          one.expiresAt <= now &&
          rowKey(one.productId, one.storeId) === key,
      );
      const units = overdue.reduce((sum, { quantity }) => sum + quantity, 0);
      assert.equal(row.quantity, this.quantity.get(key));
      assert.equal(row.reserved - units, this.reserved(key));
    }
    assert.equal(stock.size, this.quantity.size);
  }
}

function reservationsIn({ result }: Outcome): readonly Reservation[] {
  assert.ok("reply" in result);
  const { reply } = result;
  if (reply.kind === "group") return reply.reservations;
  assert.ok(reply.kind === "reservation");
  return [reply.reservation];
}

// The auditor: the invariants over a whole log and the tables beside it.

const terminal = ["reservation.confirmed", "reservation.cancelled", "reservation.expired"];

function auditLog({ log, stock, reservations }: MemoryDatabase): void {
  const rows = new Map<RowKey, { quantity: number; reserved: number; version: number }>();
  const ended = new Set<string>();
  const transfers = new Map<unknown, number>();
  const ends = new Map<string, number>();
  for (const [index, event] of log.entries()) {
    const { type, payload, aggregateId, occurredAt } = event;
    assert.equal(event.seq, index + 1, "I7");
    if (terminal.includes(type)) {
      assert.ok(!ended.has(aggregateId), `I5: ${aggregateId} ended twice`);
      ended.add(aggregateId);
    }
    if (type === "reservation.created" || type === "reservation.extended") {
      const retaken = payload["retaken_from"] !== undefined;
      ends.set(
        aggregateId,
        retaken ? Number.POSITIVE_INFINITY : Date.parse(String(payload["expires_at"])),
      );
    }
    const end = ends.get(aggregateId) ?? 0;
    if (type === "reservation.confirmed") assert.ok(occurredAt < end, "I10: sold too late");
    if (type === "reservation.expired") assert.ok(end <= occurredAt, "expired too early");
    if (payload.stock === undefined) continue;

    const { before, after, version } = payload.stock;
    const key = rowKey(String(event.productId), event.storeId);
    const at = rows.get(key) ?? { quantity: 0, reserved: 0, version: 0 };
    assert.deepEqual(before, { quantity: at.quantity, reserved: at.reserved }, "I3");
    assert.equal(version, at.version + 1, "I4");
    assert.ok(0 <= after.reserved && after.reserved <= after.quantity, "I1");
    rows.set(key, { ...after, version });
    if (type === "stock.transferred") {
      const id = payload["transfer_id"];
      transfers.set(id, (transfers.get(id) ?? 0) + after.quantity - before.quantity);
    }
  }
  for (const sum of transfers.values()) assert.equal(sum, 0, "I6");

  const stored = [...stock].map(([key, { quantity, reserved, version }]) => {
    return [key, { quantity, reserved, version }] as const;
  });
  assert.deepEqual(new Map(stored), rows, "I3: the log replays to the table");
  for (const [key, { reserved }] of stock) {
    let held = 0;
    for (const { status, productId, storeId, quantity } of reservations.values()) {
      if (status === "PENDING" && rowKey(productId, storeId) === key) held += quantity;
    }
    assert.equal(reserved, held, "I2");
  }
  for (const { id, status } of reservations.values()) {
    assert.equal(ended.has(id), status !== "PENDING", "I5: an ending is told");
  }
}

function countTotals({ stock, reservations }: MemoryDatabase): Map<string, Totals> {
  const totals = new Map<string, Totals>();
  const of = (storeId: string): Totals => {
    const found = totals.get(storeId) ?? noTotals();
    totals.set(storeId, found);
    return found;
  };
  for (const row of stock.values()) {
    const sums = of(row.storeId);
    sums.quantity += row.quantity;
    sums.reserved += row.reserved;
    sums.rows += 1;
    sums.lowRows += isLow(row) ? 1 : 0;
  }
  for (const { storeId, status } of reservations.values()) of(storeId).byStatus[status] += 1;
  return totals;
}

/** What must be equal at the end, whenever the holds that were due were ended. */
function endOf({ database }: Run) {
  return {
    stock: new Map(
      [...database.stock].map(([key, { quantity, reserved, version, reorderPoint }]) => [
        key,
        { quantity, reserved, version, reorderPoint },
      ]),
    ),
    reservations: new Map(
      [...database.reservations].map(([id, one]) => [
        id,
        one.status === "EXPIRED" ? { ...one, updatedAt: null } : one,
      ]),
    ),
  };
}

const thresholds: ReadonlySet<string> = new Set(["stock.low", "stock.out", "stock.back"]);

/** `low` has the rows that have come down to their point, until they are clear of it. */
function crossings(
  low: Set<RowKey>,
  key: RowKey,
  before: Stock | undefined,
  after: Stock,
): string[] {
  if (before === undefined) return [];
  const [had, has] = [before.quantity - before.reserved, after.quantity - after.reserved];
  const point = after.reorderPoint ?? -2;
  const crossed: string[] = [];
  if (has <= point && !low.has(key)) crossed.push("stock.low");
  if (has <= point) low.add(key);
  else if (has >= point + 2 && has * 10 > point * 11) low.delete(key);
  if (had !== 0 && has === 0) crossed.push("stock.out");
  if (had === 0 && has !== 0) crossed.push("stock.back");
  return crossed;
}

function codeOf({ result }: Outcome): string {
  return "rejection" in result ? result.rejection.code : "accepted";
}

describe("for every history of commands", () => {
  test("batching is invisible: same outcomes, same tables, same log", () => {
    fc.assert(
      fc.property(anyHistory, (steps) => {
        const alone = play(steps, "alone");
        for (const batching of ["together", "cut"] as const) {
          assert.deepEqual(play(steps, batching), alone);
        }
      }),
      runs,
    );
  });

  test("what was answered adds up to the tables, to the unit and to the millisecond", () => {
    fc.assert(
      fc.property(anyHistory, (steps) => {
        const ledger = new Ledger();
        let read = 0;
        play(steps, "together", ({ database, told }, now) => {
          for (const one of told.slice(read)) ledger.read(one);
          read = told.length;
          ledger.compare(database, now);
        });
      }),
      runs,
    );
  });

  test("the log keeps the invariants and replays to the tables, after every transaction", () => {
    fc.assert(
      fc.property(anyHistory, (steps) => {
        play(steps, "cut", ({ database }) => {
          auditLog(database);
          assert.deepEqual(database.totals, countTotals(database));
        });
      }),
      runs,
    );
  });

  test("what crosses a threshold is told, once, and nothing else: as the tables were and are", () => {
    fc.assert(
      fc.property(anyHistory, (steps) => {
        let before = new Map<RowKey, Stock>();
        const low = new Set<RowKey>();
        play(steps, "alone", ({ database, told }) => {
          const { outcome } = must(told.at(-1), "one at a time");
          const crossed = [...database.stock].flatMap(([key, row]) =>
            crossings(low, key, before.get(key), row).map((type) => `${type} ${key}`),
          );
          const tells = outcome.events
            .filter(({ type }) => thresholds.has(type))
            .map(({ type, productId, storeId }) => `${type} ${rowKey(productId ?? "", storeId)}`);
          if (told.length > opening.length) assert.deepEqual(tells.sort(), crossed.sort());
          before = new Map(database.stock);
        });
      }),
      runs,
    );
  });

  test("a refusal changes nothing but to end what was due", () => {
    fc.assert(
      fc.property(anyHistory, (steps) => {
        let last = structuredClone(emptyDatabase());
        play(steps, "alone", ({ database, told }, now) => {
          const { outcome } = must(told.at(-1), "one at a time");
          const { stock, reservations } = last;
          if (told.length > opening.length && (outcome.replayed || "rejection" in outcome.result)) {
            assert.deepEqual(database.products, last.products);
            assert.deepEqual(database.stores, last.stores);
            assert.equal(database.stock.size, stock.size);
            for (const [key, { quantity }] of database.stock) {
              assert.equal(quantity, stock.get(key)?.quantity);
            }
            assert.equal(database.reservations.size, reservations.size);
            for (const [id, after] of database.reservations) {
              const before = must(reservations.get(id), "none was made");
              const due = before.status === "PENDING" && before.expiresAt <= now;
              if (!due || after.status === "PENDING") assert.deepEqual(after, before);
              else assert.deepEqual(after, { ...before, status: "EXPIRED", updatedAt: now });
            }
            const ofExpiry = ["reservation.expired", "stock.back"];
            assert.ok(outcome.events.every(({ type }) => ofExpiry.includes(type)));
            assert.ok(!outcome.replayed || outcome.events.length === 0);
          }
          last = {
            ...database,
            products: new Map(database.products),
            stores: new Map(database.stores),
            stock: new Map(database.stock),
            reservations: new Map(database.reservations),
          };
        });
      }),
      runs,
    );
  });

  test("a decision hangs on what was loaded, not on its order, and leaves its commands as they were", () => {
    fc.assert(
      fc.property(anyHistory, (steps) => {
        // What was played may not come again: the ids that the service makes never do.
        const middle = Math.ceil(steps.length / 2);
        const { database } = play(steps.slice(0, middle), "together");
        const commands = steps.slice(middle).map(({ command }) => command);
        const before = JSON.stringify(commands);
        const now = must(steps.at(-1), "a history has steps").now;
        const decide = (ordered: <Item>(items: Iterable<Item>) => Item[]) => {
          const loaded = loadSlice(database, commands, now, dueHoldsPerRowMax);
          const due = ordered(loaded.due).map(([key, ids]) => [key, ordered(ids)] as const);
          const slice = { ...loaded, due: new Map(due) };
          const context = { now, newId: countingIds(), isoTime, limits: tightLimits };
          return decideAll(slice, commands, context);
        };
        const decided = decide((items) => [...items]);
        assert.deepEqual(
          decide((items) => [...items]),
          decided,
        );
        assert.deepEqual(
          decide((items) => [...items].reverse()),
          decided,
        );
        assert.equal(JSON.stringify(commands), before);
      }),
      runs,
    );
  });

  // Versions and `reserved` in answers may lag where due holds were not all loaded, so nothing here
  // depends on them; what is accepted, what is refused and where it all ends may not.
  test("loading few due holds decides as loading all of them", () => {
    fc.assert(
      fc.property(histories({ versions: false }), (steps) => {
        const end = must(steps.at(-1), "a history has steps").now + tightLimits.reservationLifeMs;
        const sweep = { now: end, cut: true, command: expireDue() };
        const all = play([...steps, sweep], "together");
        const few = play([...steps, sweep], "together", undefined, 1);
        assert.deepEqual(
          few.told.map(({ outcome }) => codeOf(outcome)),
          all.told.map(({ outcome }) => codeOf(outcome)),
        );
        assert.deepEqual(endOf(few), endOf(all));
      }),
      runs,
    );
  });

  test("the histories are worth playing: they meet every event, every refusal, every kind of luck", () => {
    const met = new Set<string>();
    for (const steps of fc.sample(anyHistory, { numRuns: 500, seed: 1 })) {
      const { database, told } = play(steps, "together");
      const few = play(steps, "together", undefined, 1).database.log;
      const same = few.every(({ type }, index) => type === database.log[index]?.type);
      if (!same) met.add("due holds that were not all loaded");
      for (const { type } of database.log) met.add(type);
      for (const { outcome } of told) {
        met.add(codeOf(outcome));
        if (outcome.replayed) met.add(`replayed ${codeOf(outcome) === "accepted" ? "yes" : "no"}`);
      }
      for (const { retakenBy } of database.reservations.values()) {
        if (retakenBy !== null) met.add("retaken");
      }
    }
    const luck = ["replayed yes", "replayed no", "retaken", "due holds that were not all loaded"];
    for (const word of [...eventTypes, ...precedence, ...luck]) {
      assert.ok(met.has(word), `no history meets ${word}`);
    }
  });
});
