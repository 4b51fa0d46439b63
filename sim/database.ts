// A simulated database that many instances share, with the transactions of the PostgreSQL adapter: rows are locked in
// order, read under the locks, decided on by the domain, written, and numbered under the lock of the log's head. It
// is slow, it goes away, its connections break at any step, and of a commit whose answer was lost the adapter
// learns later what became of it, or never.
//
// What is locked, read and checked here is what the adapter's SQL does; that the SQL does so is for
// test/contract and test/interleave.

import {
  addReservationKeys,
  type Changes,
  type Outcome as Decision,
  decideAll,
  type Keys,
  keysOf,
  type RowKey,
  restsOnUnloadedHolds,
  rowKey,
  type Slice,
} from "../src/domain/decide.ts";
import type { Command } from "../src/domain/model.ts";
import type { DomainLimits } from "../src/domain/slice.ts";
import { isoTime } from "../src/lib/clock.ts";
import { OperatingError } from "../src/lib/operating-error.ts";
import { connectMsMax, lockWaitMsMax, statementMsMax } from "../src/limits.ts";
import type { LogEvent, Outcome, Store } from "../src/store/store.ts";
import {
  emptyDatabase,
  loadSlice,
  type MemoryDatabase,
  save,
} from "../test/support/memory-database.ts";
import type { Chance } from "./chance.ts";
import { openLocks, type Transaction } from "./locks.ts";
import type { Meet } from "./met.ts";
import { beginning, type Time } from "./time.ts";

/** The port of one life of an instance, as far as the simulated parts use it. */
export interface Session
  extends Pick<
    Store,
    "commit" | "head" | "time" | "nextDueAt" | "events" | "availability" | "markPublished"
  > {
  /** The instance is gone: nothing that it asked for is answered. */
  end(): void;
  /** Added to each journey. */
  slowMs: number;
}

export interface SimulatedDatabase {
  readonly tables: MemoryDatabase;
  readonly log: readonly LogEvent[];
  open(): Session;
  /** Nothing is answered, and what is under way is lost, or is committed and its answer is lost. */
  isAway: boolean;
  /** Added, more or less, to the time in which the disk has a commit. */
  diskMs: number;
  /** How many of the questions after a lost commit are not answered, of 1. */
  unknownFates: number;
  /** Ends what is under way, as pg_terminate_backend does. */
  terminate(): void;
  /** Moves its clock. */
  jump(ms: number): void;
  /** The time by which holds end. */
  clock(): number;
  /** How much of the log is marked as published. */
  marked(): number;
}

export interface DatabaseOptions {
  readonly time: Time;
  readonly chance: Chance;
  readonly limits: DomainLimits;
  /** A journey to it and back, typically. */
  readonly journeyMs: number;
  /** How many of the answers to a commit are lost, of 1. */
  readonly lostAnswers: number;
  readonly fateMs: number;
  readonly unknownFates: number;
  /** Called with each transaction as it is committed, in order of commit. */
  readonly committed: (
    commands: readonly Command[],
    outcomes: readonly Outcome[],
    beganAt: number,
  ) => void;
  /** Called as the log is marked as published up to a seq. */
  readonly marked: (seq: number) => void;
  /** Due holds of a row that are loaded at first: few, so that it happens that there are more. */
  readonly duePerRow: number;
  readonly meet: Meet;
}

export const logId = "simulated-log";
/** How long the adapter waits for an answer, ms: then the connection is given up, and a commit's fate asked for. */
const answerMsMax = statementMsMax + connectMsMax;

export function openDatabase(options: DatabaseOptions): SimulatedDatabase {
  const { time, chance, limits, journeyMs, meet } = options;
  const ofDisk = chance.of("disk");
  const tables = emptyDatabase();
  const log: LogEvent[] = [];
  const locks = openLocks(time, meet);
  const underWay = new Set<Transaction>();
  let headAt = 0;
  let offset = 0;
  let ids = 0;
  let marked = 0;

  const clock = (): number => beginning + Math.floor(time.now() + offset);

  function mustBeThere(): void {
    if (!database.isAway) return;
    meet("database away");
    throw lost();
  }

  async function journey(session: Life): Promise<void> {
    await time.wait(chance.wait(journeyMs) + session.slowMs);
    if (session.slowMs > 0) meet("slow instance");
    if (session.ended) await new Promise(() => undefined);
    mustBeThere();
  }

  /** One statement: what it sees was committed when it ran. */
  async function read<T>(session: Life, look: () => T): Promise<T> {
    await journey(session);
    const seen = look();
    await journey(session);
    return seen;
  }

  async function commit(session: Life, commands: readonly Command[]): Promise<Outcome[]> {
    const beganAt = time.now();
    const transaction = locks.begin();
    underWay.add(transaction);
    session.open.add(transaction);
    let saving: Promise<Outcome[]> | null = null;
    try {
      await journey(session);
      const { keys, now } = await lock(transaction, commands);
      await journey(session);
      mustBeOpen(transaction);
      const decided = decide(transaction, commands, keys, now);
      await journey(session);
      mustBeOpen(transaction);
      // From here on it is the server's alone.
      session.open.delete(transaction);
      saving = store(transaction, commands, { ...decided, now, beganAt });
      // Raced below: whoever does not wait for it any more is told so, whatever becomes of it.
      saving.catch(() => undefined);
      const saved = await Promise.race([saving, time.wait(answerMsMax)]);
      if (saved === undefined) {
        meet("commit not answered in time");
        throw lost();
      }
      if (chance.hits(options.lostAnswers)) {
        meet("commit's answer lost");
        throw lost();
      }
      await journey(session);
      return saved;
    } catch (error) {
      if (saving === null) {
        session.open.delete(transaction);
        end(transaction);
        throw error;
      }
      return settle(session, saving);
    }
  }

  /** Until the disk has what is committed. */
  async function flush(): Promise<void> {
    if (database.diskMs === 0) return;
    meet("slow disk");
    await time.wait(database.diskMs * (0.5 + ofDisk.next()));
  }

  function end(transaction: Transaction): void {
    underWay.delete(transaction);
    locks.end(transaction);
  }

  async function lock(transaction: Transaction, commands: readonly Command[]) {
    const keys = keysOf(commands);
    const named = [...tables.reservations.values()].filter(
      ({ id, groupId }) =>
        keys.reservations.has(id) || (groupId !== null && keys.groups.has(groupId)),
    );
    addReservationKeys(keys, named);
    const due = dueNow(Math.max(headAt, clock())).slice(0, keys.due);
    const wanted = new Set([...keys.rows.keys(), ...due.map(keyOf)]);
    for (const key of [...wanted].filter((one) => tables.stock.has(one)).sort()) {
      await locks.take(transaction, key, lockWaitMsMax);
    }
    return { keys, now: Math.max(headAt, clock()) };
  }

  function dueNow(now: number) {
    return [...tables.reservations.values()]
      .filter(({ status, expiresAt }) => status === "PENDING" && expiresAt <= now)
      .sort((a, b) => a.expiresAt - b.expiresAt);
  }

  function decide(
    transaction: Transaction,
    commands: readonly Command[],
    keys: Keys,
    now: number,
  ): ReturnType<typeof decideAll> {
    const context = { now, newId: () => `id-${++ids}`, isoTime, limits };
    const whole = new Set<RowKey>();
    for (;;) {
      const slice = loadSlice(tables, commands, now, options.duePerRow, whole);
      leaveOut(slice, transaction, keys);
      const decided = decideAll(slice, commands, context);
      const rests = restsOnUnloadedHolds(slice, decided.outcomes);
      if (rests.size === 0) return decided;
      for (const key of rests) whole.add(key);
    }
  }

  /** What was committed between the locks and this look: its row is not locked. */
  function leaveOut(slice: Slice, transaction: Transaction, keys: Keys): void {
    const isLocked = (key: RowKey): boolean => transaction.held.has(key);
    for (const key of slice.due.keys()) if (!isLocked(key)) slice.due.delete(key);
    for (const one of slice.reservations.values()) {
      const isNamed =
        keys.reservations.has(one.id) || (one.groupId !== null && keys.groups.has(one.groupId));
      if (isNamed && !isLocked(keyOf(one))) {
        throw new OperatingError("a reservation was made meanwhile", { retryable: true });
      }
    }
    for (const key of slice.stock.keys()) {
      if (!isLocked(key) && keys.rows.has(key)) slice.stock.delete(key);
    }
  }

  /** The third journey, at the server: everything is written and numbered, or nothing. */
  async function store(
    transaction: Transaction,
    commands: readonly Command[],
    { outcomes, changes, now, beganAt }: Decided,
  ): Promise<Outcome[]> {
    try {
      const isEmpty =
        changes.answers.length === 0 && outcomes.every((one) => one.events.length === 0);
      if (!isEmpty) await locks.take(transaction, "log_head", lockWaitMsMax);
      mustBeNew(changes);
      await time.wait(chance.wait(journeyMs));
      if (!isEmpty) await flush();
      mustBeOpen(transaction);
      const at = isEmpty ? now : Math.max(headAt, now);
      save(tables, changes);
      const numbered = outcomes.map((decision) => number(decision, at));
      headAt = isEmpty ? headAt : at;
      options.committed(commands, numbered, beganAt);
      return numbered;
    } finally {
      end(transaction);
    }
  }

  function number(decision: Decision, at: number): Outcome {
    const events = decision.events.map((event): LogEvent => {
      const { payload, ...rest } = event;
      const numbered = {
        ...rest,
        payload: JSON.stringify(payload),
        seq: log.length + 1,
        occurredAt: at,
      };
      log.push(numbered);
      return numbered;
    });
    return { ...decision, events };
  }

  /** The unique keys of the schema: what another instance made meanwhile. */
  function mustBeNew({ stock, reservations, answers }: Changes): void {
    const taken =
      [...stock].some(([key, { before }]) => before === undefined && tables.stock.has(key)) ||
      [...reservations].some(
        ([id, { before }]) => before === undefined && tables.reservations.has(id),
      ) ||
      answers.some(({ once }) => tables.answers.has(`${once.caller}\n${once.key}`));
    if (taken) throw new OperatingError("it was made meanwhile", { retryable: true });
  }

  /** What became of a commit that was not answered: asked for as long as the adapter asks. */
  async function settle(session: Life, saving: Promise<Outcome[]>): Promise<Outcome[]> {
    const until = time.now() + options.fateMs;
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    saving.then(over, over);
    for (;;) {
      await time.wait(Math.min(100, options.fateMs));
      // It may be there and still not say it, or still be at it.
      const isSaid = !chance.hits(database.unknownFates) && (await isThere(session)) && isOver;
      if (isSaid) break;
      if (time.now() >= until) {
        meet("commit's fate unknown");
        throw new OperatingError("whether it was stored is not known", { retryable: false });
      }
    }
    return saving;
  }

  function isThere(session: Life): Promise<boolean> {
    return journey(session).then(
      () => true,
      () => false,
    );
  }

  function openSession(): Session {
    const life: Life = { ended: false, slowMs: 0, open: new Set() };
    return {
      get slowMs() {
        return life.slowMs;
      },
      set slowMs(ms) {
        life.slowMs = ms;
      },
      end() {
        life.ended = true;
        // The server hears that nobody is there any more.
        for (const transaction of life.open) end(transaction);
      },
      commit: (commands) => commit(life, commands),
      head: () => read(life, () => ({ logId, epoch: 1, seq: log.length, at: headAt })),
      time: () => read(life, () => Math.max(headAt, clock())),
      nextDueAt: () => read(life, nextDue),
      events: ({ after, limit, storeId }) =>
        read(life, () => {
          const items: LogEvent[] = [];
          let scanned = after;
          for (const event of log.slice(after)) {
            if (items.length === limit) break;
            scanned = event.seq;
            if (storeId === null || event.storeId === storeId) items.push(event);
          }
          return { items, scanned };
        }),
      availability: (productId) => read(life, () => availabilityOf(productId)),
      async markPublished(seq) {
        await journey(life);
        await flush();
        return read(life, () => {
          options.marked(seq);
          marked = Math.max(marked, seq);
          return marked;
        });
      },
    };
  }

  function nextDue(): number | null {
    let due: number | null = null;
    for (const { status, expiresAt } of tables.reservations.values()) {
      if (status === "PENDING" && (due === null || expiresAt < due)) due = expiresAt;
    }
    return due;
  }

  function availabilityOf(productId: string) {
    const product = tables.products.get(productId);
    if (product === undefined) return null;
    const rows = [...tables.stock.values()]
      .filter((row) => row.productId === productId)
      .map((row) => ({ ...row, storeName: row.storeId }));
    return { product, asOfSeq: log.length, rows };
  }

  const database: SimulatedDatabase = {
    tables,
    log,
    open: openSession,
    isAway: false,
    diskMs: 0,
    unknownFates: options.unknownFates,
    terminate() {
      if (underWay.size > 0) meet("connections ended");
      for (const transaction of underWay) locks.kill(transaction);
    },
    jump(ms) {
      offset += ms;
    },
    clock: () => Math.max(headAt, clock()),
    marked: () => marked,
  };
  return database;
}

interface Decided extends ReturnType<typeof decideAll> {
  readonly now: number;
  readonly beganAt: number;
}

/** One life of an instance, as the database sees it. */
interface Life {
  ended: boolean;
  slowMs: number;
  /** Transactions whose commit was not sent yet. */
  readonly open: Set<Transaction>;
}

function keyOf({ productId, storeId }: { readonly productId: string; readonly storeId: string }) {
  return rowKey(productId, storeId);
}

function mustBeOpen(transaction: Transaction): void {
  if (transaction.isOver) throw lost();
}

function lost(): OperatingError {
  return new OperatingError("the connection was lost", { retryable: true });
}
