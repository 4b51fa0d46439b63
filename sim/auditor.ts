// The auditor: it reads the log as it grows, event by event, keeps its own books by rules of its own (rules.ts), and
// stops the simulation at the first thing that is not as promised. It trusts nothing that the service says of
// itself.

import type { Command } from "../src/domain/model.ts";
import type { DomainLimits } from "../src/domain/slice.ts";
import type { LogEvent, Outcome } from "../src/store/store.ts";
import type { MemoryDatabase } from "../test/support/memory-database.ts";
import { type Hold, isLive, judge, type Move, type Row, rowOf, type Standing } from "./rules.ts";
import { isThreshold, openThresholds } from "./thresholds.ts";

/** Something is not as promised. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export function must(condition: boolean, promise: string, details: () => unknown): void {
  if (!condition) throw new Violation(`${promise}: ${JSON.stringify(details())}`);
}

export interface Auditor {
  /** One transaction, in the order in which the database committed them; it has looked since `beganAt` (ms). */
  committed(commands: readonly Command[], outcomes: readonly Outcome[], beganAt: number): void;
  /** A client was told this. */
  acknowledged(command: Command, outcome: Outcome): void;
  /** All entries of the streams. */
  streams(entries: readonly LogEvent[]): void;
  /** The log is marked as published up to here. */
  marked(seq: number): void;
  /** Numbers of a row as a document shows them. */
  shown(row: string, numbers: Row): void;
  /** The seq of the last event, up to `seq`, that changed a product's document. */
  lastOf(productId: string, seq: number): number;
  readonly standing: Standing;
  readonly log: readonly LogEvent[];
  /** How often each thing was decided: a simulation in which nothing happens proves nothing. */
  readonly decided: ReadonlyMap<string, number>;
  /** A request was decided, with or without an effect. */
  isDecided(requestId: string): boolean;
}

export interface AuditorOptions {
  readonly limits: DomainLimits;
  readonly tables: MemoryDatabase;
  readonly now: () => number;
  /** With several instances a customer's limits are not exact. */
  readonly exactLimits: boolean;
}

interface Payload {
  readonly reservation_id?: string;
  readonly expires_at?: string;
  readonly stock?: { readonly before: Balance; readonly after: Balance; readonly version: number };
}

interface Balance {
  readonly quantity: number;
  readonly reserved: number;
}

interface Answer {
  readonly fingerprint: string;
  readonly keptAt: number;
  readonly text: string;
}

/** Refusals that are not kept: the caller may mend the cause and ask again. */
const passing = new Set([
  ...["reservation_not_found", "group_not_found", "stock_not_found", "product_not_found"],
  ...["store_not_found", "idempotency_key_reused", "quantity_out_of_range"],
]);

export function openAuditor(options: AuditorOptions): Auditor {
  const { tables, limits, exactLimits } = options;
  const rows = new Map<string, Row>();
  const holds = new Map<string, Hold>();
  const standing: Standing = { rows, holds };
  const log: LogEvent[] = [];
  const answers = new Map<string, Answer>();
  const balances = new Set<string>();
  const thresholds = openThresholds();
  /** When a reservation, a group or a row came to be, in virtual time. */
  const firstSeen = new Map<string, number>();
  let lookedAt = 0;
  const counts = new Map<string, number>();
  const requests = new Set<string>();
  let streamed = 0;
  /** How far the streams ever were: what they lost since, readers have had. */
  let streamedMax = 0;
  /** Requests that had an effect: clients ask again only with a key. */
  const effects = new Set<string>();

  function count(what: string): void {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }

  /** I3, I4, I7: the next event of the log, and of its row. */
  function read(event: LogEvent): void {
    must(event.seq === log.length + 1, "I7: seq has no gap", () => event);
    const before = log.at(-1)?.occurredAt ?? 0;
    must(event.occurredAt >= before, "I7: times never go back", () => [before, event]);
    log.push(event);
    const { stock }: Payload = JSON.parse(event.payload);
    const key = rowOf({ productId: event.productId ?? "", storeId: event.storeId });
    if (stock !== undefined || isThreshold(event)) thresholds.read(key, event);
    if (stock === undefined) return;
    const row = rows.get(key) ?? { quantity: 0, reserved: 0, version: 0 };
    see(key);
    must(stock.version === row.version + 1, "I4: versions have no gap", () => [row, event]);
    const isSame = stock.before.quantity === row.quantity && stock.before.reserved === row.reserved;
    must(isSame, "I3: an event begins where the one before it ended", () => [row, event]);
    rows.set(key, { ...stock.after, version: stock.version });
    balances.add(balance(key, { ...stock.after, version: stock.version }));
  }

  function see(name: string): void {
    if (!firstSeen.has(name)) firstSeen.set(name, options.now());
  }

  /** A thing that came to be while the transaction was under way was not there when it looked. */
  function wasNotThere(command: Command, code: string | null): boolean {
    if (code === null) return false;
    const names = "holds" in command ? [command.holds.id] : rowsNamed(command);
    return names.some((name) => (firstSeen.get(name) ?? Number.NEGATIVE_INFINITY) >= lookedAt);
  }

  function take(event: LogEvent | undefined, move: Move, command: Command): void {
    const key = rowOf({ productId: event?.productId ?? "", storeId: event?.storeId ?? "" });
    const { stock }: Payload = JSON.parse(event?.payload ?? "{}");
    const isRight =
      event?.type === move.type &&
      key === move.row &&
      (move.hold === null || event.aggregateId === move.hold) &&
      (stock?.after.quantity ?? 0) - (stock?.before.quantity ?? 0) === move.quantity &&
      (stock?.after.reserved ?? 0) - (stock?.before.reserved ?? 0) === move.reserved;
    must(isRight, "a command has the effect that its rule gives it", () => [command, move, event]);
    if (event !== undefined) read(event);
  }

  /** Holds that were due ended first, each once (I5), and none before its time. */
  function expire(events: readonly LogEvent[], at: number): void {
    for (const event of events) {
      if (isThreshold(event)) {
        read(event);
        continue;
      }
      const hold = holds.get(event.aggregateId);
      must(hold?.status === "PENDING", "I5: a reservation ends once", () => [hold, event]);
      if (hold === undefined) continue;
      must(hold.expiresAt <= at, "a hold lasts until its end", () => [hold, event, at]);
      read(event);
      holds.set(hold.id, { ...hold, status: "EXPIRED" });
      count("reservation.expired");
    }
  }

  function decided(command: Command, outcome: Outcome): void {
    const { once } = command;
    const { at, events, result } = outcome;
    const key = once === null ? null : `${once.caller}/${once.key}`;
    const earlier = key === null ? undefined : answers.get(key);
    if (outcome.replayed) {
      must(earlier?.text === textOf(outcome), "I8: a replay is the first answer", () => [
        earlier,
        outcome,
      ]);
      must(events.length === 0, "I8: a replay has no effect", () => events);
      const isSame = earlier?.fingerprint === once?.fingerprint;
      must(isSame, "I8: a replay is of the same request", () => [earlier, command]);
      count("replayed");
      return;
    }
    const code = "rejection" in result ? result.rejection.code : null;
    count(code ?? command.kind);
    // One that was kept while this was decided had not been there; what is not kept stands beside it.
    const isBeside =
      (earlier?.keptAt ?? 0) >= lookedAt &&
      passing.has(code ?? "") &&
      code !== "idempotency_key_reused";
    if (earlier !== undefined && !isBeside) {
      must(
        code === "idempotency_key_reused" && earlier.fingerprint !== once?.fingerprint,
        "I8: a key has one effect",
        () => [command, outcome],
      );
      return;
    }
    if (command.kind === "ExpireDue") {
      expire(events, at);
      return crossed(command);
    }
    const last = events.findIndex(isThreshold);
    const changes = last === -1 ? events : events.slice(0, last);
    const own = changes.findIndex(({ type }) => type !== "reservation.expired");
    const due = own === -1 ? changes : changes.slice(0, own);
    expire(due, at);
    judged(command, outcome, changes.slice(due.length), code);
    for (const event of events.slice(changes.length)) read(event);
    crossed(command);
    if (key !== null && once !== null && !passing.has(code ?? "")) {
      const { fingerprint } = once;
      answers.set(key, { fingerprint, keptAt: options.now(), text: textOf(outcome) });
    }
  }

  /** What a decision crossed is told with it, once, and nothing else. */
  function crossed(command: Command): void {
    const { told, expected } = thresholds.end();
    const isSame = JSON.stringify(told) === JSON.stringify(expected);
    must(isSame, "thresholds are told when they are crossed", () => [command, told, expected]);
    for (const words of told) count(words.split(" ")[0] ?? "");
  }

  function judged(
    command: Exclude<Command, { kind: "ExpireDue" }>,
    outcome: Outcome,
    events: readonly LogEvent[],
    code: string | null,
  ): void {
    const { at, result } = outcome;
    let verdict = judge(standing, command, at, limits);
    // What the same customer was given elsewhere in the same moment may come on top.
    const isLimit =
      code === "customer_limit_reached" || isRefused(verdict, "customer_limit_reached");
    if (!exactLimits && isLimit) {
      if (code === "customer_limit_reached") return;
      verdict = judge(standing, command, at, { ...limits, ...unlimited });
    }
    const expected = "refused" in verdict ? verdict.refused : null;
    if (code !== expected && wasNotThere(command, code)) return;
    must(code === expected, "G1: a decision is the one that the log justifies", () => ({
      command,
      at,
      expected: verdict,
      outcome,
      holds: [...holds.values()],
      rows: [...rows],
    }));
    if ("refused" in verdict) {
      must(events.length === 0, "a refusal has no effect", () => [command, events]);
      if ("rejection" in result && "available" in result.rejection) {
        const isRight =
          result.rejection.available === verdict.available || wasNotThere(command, code);
        must(isRight, "a refusal says what there is", () => [command, verdict, result]);
      }
      return;
    }
    must(!effects.has(command.requestId), "a request has one effect", () => [command, outcome]);
    effects.add(command.requestId);
    book(command, outcome, events, verdict.moves);
  }

  function book(
    command: Exclude<Command, { kind: "ExpireDue" }>,
    { at }: Outcome,
    events: readonly LogEvent[],
    moves: readonly Move[],
  ): void {
    if (command.kind === "Extend") return extend(command, at, events);
    must(events.length === moves.length, "one event for each change", () => [moves, events]);
    const sum = moves.reduce((all, { quantity }) => all + quantity, 0);
    must(command.kind !== "TransferStock" || sum === 0, "I6: units are conserved", () => moves);
    for (const [index, move] of moves.entries()) {
      const event = events[index];
      const hold = move.hold === null ? undefined : holds.get(move.hold);
      if (move.type === "reservation.created" && event !== undefined) {
        must(hold === undefined, "a reservation is made once", () => [hold, event]);
        bookHold(command, move, event, at);
      } else if (hold !== undefined) {
        must(hold.status === "PENDING", "I5: a reservation ends once", () => [hold, event]);
        const status = move.type === "reservation.confirmed" ? "CONFIRMED" : "CANCELLED";
        holds.set(hold.id, { ...hold, status });
      }
      take(event, move, command);
    }
  }

  function bookHold(command: Command, move: Move, event: LogEvent, at: number): void {
    const { expires_at }: Payload = JSON.parse(event.payload);
    const [productId = "", storeId = ""] = move.row.split("@");
    const old = command.kind === "Confirm" ? holds.get(command.holds.id) : undefined;
    if (old !== undefined) holds.set(old.id, { ...old, retaken: true });
    const expiresAt = command.kind === "Reserve" ? at + command.ttlMs : at;
    must(
      Date.parse(expires_at ?? "") === expiresAt,
      "a hold has the end that was asked for",
      () => [command, event],
    );
    const id = move.hold ?? "";
    const customerId = command.kind === "Reserve" ? command.customerId : (old?.customerId ?? "");
    const groupId = command.kind === "Reserve" ? command.groupId : null;
    const { reserved: quantity } = move;
    see(id);
    if (groupId !== null) see(groupId);
    holds.set(id, {
      ...{ id, productId, storeId, customerId, groupId, quantity, expiresAt },
      ...{ createdAt: at, status: "PENDING", retaken: false },
    });
  }

  function extend(
    { holds: named, ttlMs }: Extract<Command, { kind: "Extend" }>,
    at: number,
    events: readonly LogEvent[],
  ): void {
    for (const event of events) {
      const hold = holds.get(event.aggregateId);
      const isMeant = named.id === (named.kind === "group" ? hold?.groupId : hold?.id);
      must(
        isMeant && hold !== undefined && isLive(hold, at),
        "what is extended counts",
        () => event,
      );
      if (hold === undefined) continue;
      const expiresAt = Math.min(at + ttlMs, hold.createdAt + limits.reservationLifeMs);
      const { expires_at }: Payload = JSON.parse(event.payload);
      must(Date.parse(expires_at ?? "") === expiresAt, "an extension ends as asked", () => event);
      read(event);
      holds.set(hold.id, { ...hold, expiresAt });
    }
  }

  /** I1, I2, I3: the tables are what the log says. */
  function compare(): void {
    for (const [key, row] of rows) {
      must(
        0 <= row.reserved && row.reserved <= row.quantity,
        "I1: 0 <= reserved <= quantity",
        () => [key, row],
      );
    }
    const held = new Map<string, number>();
    for (const hold of holds.values()) {
      if (hold.status !== "PENDING") continue;
      held.set(rowOf(hold), (held.get(rowOf(hold)) ?? 0) + hold.quantity);
    }
    for (const stored of tables.stock.values()) {
      const key = rowOf(stored);
      const row = rows.get(key);
      must(row?.reserved === (held.get(key) ?? 0), "I2: reserved is what is held", () => [
        key,
        row,
      ]);
      const isSame =
        row?.quantity === stored.quantity &&
        row.reserved === stored.reserved &&
        row.version === stored.version;
      must(isSame, "I3: the log gives the table", () => [row, stored]);
    }
    for (const { id, status, expiresAt, quantity } of tables.reservations.values()) {
      const hold = holds.get(id);
      const isSame =
        hold?.status === status && hold.expiresAt === expiresAt && hold.quantity === quantity;
      must(isSame, "I3: the log gives the reservations", () => [hold, id, status, expiresAt]);
    }
    // Each that is stored is in the log; and none of the log is missing.
    must(tables.stock.size === rows.size, "I3: each row of the log is stored", () => [...rows]);
    must(tables.reservations.size === holds.size, "I3: each hold of the log is stored", () => [
      ...holds.keys(),
    ]);
  }

  return {
    standing,
    log,
    decided: counts,
    isDecided: (requestId) => requests.has(requestId),
    committed(commands, outcomes, beganAt) {
      lookedAt = beganAt;
      for (const [index, command] of commands.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) throw new Violation("a command has no outcome");
        requests.add(command.requestId);
        if (isCatalogue(command)) for (const event of outcome.events) read(event);
        else decided(command, outcome);
      }
      compare();
    },
    acknowledged(command, outcome) {
      for (const event of outcome.events) {
        const isThere = log[event.seq - 1]?.id === event.id;
        must(isThere, "I9: what was acknowledged is in the log", () => [command, event]);
      }
      const { once } = command;
      const known = once === null ? undefined : answers.get(`${once.caller}/${once.key}`);
      const isReused = "rejection" in outcome.result && passing.has(outcome.result.rejection.code);
      if (once === null || isReused) return;
      must(known?.text === textOf(outcome), "I8: a key has one answer", () => [known, outcome]);
    },
    streams(entries) {
      for (const [index, event] of entries.entries()) {
        if (index < streamed && entries.length >= streamed) continue;
        const isNext = event.seq === index + 1 && log[index]?.id === event.id;
        must(isNext, "G5: the streams hold each event once, in order", () => [index, event]);
      }
      streamed = entries.length;
      streamedMax = Math.max(streamedMax, streamed);
    },
    marked(seq) {
      must(seq <= streamedMax, "what is marked was published", () => [seq, streamedMax]);
    },
    shown(row, numbers) {
      must(balances.has(balance(row, numbers)), "G9: what is shown was true", () => [row, numbers]);
    },
    lastOf(productId, seq) {
      const last = log
        .slice(0, seq)
        .findLast((event) => event.productId === productId || event.productId === null);
      return last?.seq ?? 0;
    },
  };
}

const unlimited = {
  reservationsPerCustomer: Number.POSITIVE_INFINITY,
  unitsPerCustomer: Number.POSITIVE_INFINITY,
};

function isRefused(verdict: ReturnType<typeof judge>, code: string): boolean {
  return "refused" in verdict && verdict.refused === code;
}

function rowsNamed(command: Command): string[] {
  if (command.kind === "Reserve") return command.lines.map(rowOf);
  if (command.kind === "ChangeStock") return [rowOf(command.change)];
  if (command.kind === "SetStock") return [rowOf(command)];
  if (command.kind !== "TransferStock") return [];
  return [rowOf({ productId: command.productId, storeId: command.fromStoreId })];
}

function isCatalogue(command: Command): boolean {
  return command.kind.endsWith("Product") || command.kind.endsWith("Store");
}

function balance(row: string, { quantity, reserved, version }: Row): string {
  return `${row} ${quantity} ${reserved} ${version}`;
}

/** What a caller is told. */
function textOf({ at, requestId, result }: Outcome): string {
  return JSON.stringify([at, requestId, result]);
}
