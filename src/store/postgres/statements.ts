// Statements on PostgreSQL's connections, so that a file of reads can keep its SQL in plain sight where it
// is used. Values are always bound ($1, $2 …). Rows come as arrays in the order of the selected columns, as
// the SQLite adapter's do, so one set of row readers (rows.ts) serves both.
//
// A connection prepares a statement once and finds it again by its text. Behind a pooler that hands
// connections from transaction to transaction nothing is kept: what one connection has prepared, the next
// does not know.

import type { ClientBase, PoolClient, QueryConfig } from "pg";
import type { Values } from "../rows.ts";
import { type Connections, sessionSettings } from "./connections.ts";
import { type Step, type StepAnswer, travel } from "./journey.ts";
import type { Bound } from "./messages.ts";
import { isLost, troubleOf } from "./trouble.ts";

export type { Bound } from "./messages.ts";

export interface Statements {
  get(sql: string, ...bound: readonly Bound[]): Promise<Values | undefined>;
  all(sql: string, ...bound: readonly Bound[]): Promise<Values[]>;
  /** Row by row, for what is too long to hold. Only within a snapshot or a transaction. */
  each(sql: string, ...bound: readonly Bound[]): AsyncIterable<Values>;
  /** How many rows it changed. */
  run(sql: string, ...bound: readonly Bound[]): Promise<number>;
  /** Several statements in one text, without values. Nothing else may be asked for before it is answered. */
  script(sql: string): Promise<void>;
  /** Everything that `read` reads through its argument is of one moment. Blocks nobody. */
  snapshot<T>(read: (statements: Statements) => Promise<T>): Promise<T>;
}

/** A statement that is put together of parts, with what it binds. */
export interface Text {
  readonly sql: string;
  readonly bound: readonly Bound[];
}

/** Takes the next value that a statement binds and answers how it is named there. */
export type Place = (value: Bound) => string;

export function openBinding(): { readonly bound: readonly Bound[]; readonly place: Place } {
  const bound: Bound[] = [];
  return { bound, place: (value) => `$${bound.push(value)}` };
}

export interface StatementOptions {
  /** Behind a pooler by transaction: no names, and settings for each transaction. */
  readonly pooler: boolean;
  /** For audits: no statement is too long. */
  readonly patient?: boolean;
}

/** Rows that a cursor brings at a time. */
const cursorRows = 1_000;
/** Of a patient statement, in the client; the server has no bound for it. */
const patienceMs = 3_600_000;

interface Waiting extends Step {
  readonly resolve: (answer: StepAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Statements of one connection. Those that are asked for at once travel together, and so do those that are
 * asked for while others are on their way.
 */
export function statementsOf(client: ClientBase, options: StatementOptions): Statements {
  let waiting: Waiting[] = [];
  let isAway = false;
  const timeoutMs = options.patient === true ? patienceMs : undefined;

  async function go(): Promise<void> {
    isAway = true;
    const steps = waiting;
    waiting = [];
    try {
      const answers = await travel(client, steps, { named: !options.pooler, timeoutMs });
      for (const [index, { resolve, reject }] of steps.entries()) {
        const answer = answers[index];
        if (answer === undefined) reject(new Error("a statement was not answered"));
        else resolve(answer);
      }
    } catch (error) {
      const trouble = troubleOf(error);
      for (const { reject } of steps) reject(trouble);
    }
    isAway = false;
    if (waiting.length > 0) void go();
  }

  function send(sql: string, bound: readonly Bound[], once = false): Promise<StepAnswer> {
    return new Promise((resolve, reject) => {
      waiting.push({ sql, bound, once, resolve, reject });
      if (waiting.length > 1 || isAway) return;
      queueMicrotask(() => void go());
    });
  }

  const statements: Statements = {
    async get(sql, ...bound) {
      return (await send(sql, bound)).rows[0];
    },
    async all(sql, ...bound) {
      return (await send(sql, bound)).rows;
    },
    async run(sql, ...bound) {
      return (await send(sql, bound)).count;
    },
    async script(sql) {
      // It cannot travel with others: what was asked for before, BEGIN most of all, is answered first.
      await send("SELECT 1", [], true);
      try {
        await client.query({ text: sql, query_timeout: timeoutMs } as QueryConfig);
      } catch (error) {
        throw troubleOf(error);
      }
    },
    async *each(sql, ...bound) {
      await send(`DECLARE onhand_cursor NO SCROLL CURSOR FOR ${sql}`, bound, true);
      let isOpen = true;
      try {
        for (;;) {
          isOpen = false;
          const { rows } = await send(`FETCH ${cursorRows} FROM onhand_cursor`, [], true);
          isOpen = true;
          yield* rows;
          if (rows.length < cursorRows) break;
        }
      } finally {
        // A read that failed took its cursor with it; to close that would fail too, and hide why.
        if (isOpen) await send("CLOSE onhand_cursor", [], true);
      }
    },
    // The caller's transaction is the snapshot.
    snapshot: (read) => read(statements),
  };
  return statements;
}

/** Statements of the pool: each takes a connection that is free. */
export function openStatements(connections: Connections, options: StatementOptions): Statements {
  async function using<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const client = await connections.take();
    try {
      const done = await work(statementsOf(client, options));
      connections.release(client);
      return done;
    } catch (error) {
      connections.release(client, error);
      throw error;
    }
  }
  return {
    get: (sql, ...bound) => using((one) => one.get(sql, ...bound)),
    all: (sql, ...bound) => using((one) => one.all(sql, ...bound)),
    run: (sql, ...bound) => using((one) => one.run(sql, ...bound)),
    script: (sql) => using((one) => one.script(sql)),
    each: () => {
      throw new Error("a cursor lives in a snapshot: read it through snapshot()");
    },
    snapshot: (read) => inTransaction(connections, "REPEATABLE READ READ ONLY", options, read),
  };
}

export type Isolation = "READ COMMITTED" | "REPEATABLE READ READ ONLY";

/** Runs work in a transaction of its own. */
export async function inTransaction<T>(
  connections: Connections,
  isolation: Isolation,
  options: StatementOptions,
  work: (statements: Statements) => Promise<T>,
): Promise<T> {
  const client = await connections.take();
  const statements = statementsOf(client, options);
  try {
    begin(statements, isolation, options);
    const done = await work(statements);
    await statements.run("COMMIT");
    connections.release(client);
    return done;
  } catch (error) {
    await abandon(connections, client, statements, error);
    throw troubleOf(error);
  }
}

/** After a failure: ends the transaction and gives the connection back; false: that was gone with it. */
export async function abandon(
  connections: Connections,
  client: PoolClient,
  statements: Statements,
  error: unknown,
): Promise<boolean> {
  // Where nothing answers, a ROLLBACK would wait for its own time once more.
  const isAlive =
    !isLost(error) &&
    (await statements.run("ROLLBACK").then(
      () => true,
      () => false,
    ));
  connections.release(client, isAlive ? error : lost);
  return isAlive;
}

/** For `release`: the connection did not survive. */
export const lost = new Error("the connection was closed");

/**
 * Opens a transaction, with the settings that a session has where no pooler stands between. Not to be waited
 * for: what follows travels with it, and fails if it does.
 */
export function begin(
  statements: Statements,
  isolation: Isolation,
  { pooler, patient = false }: StatementOptions,
): void {
  const settings = { ...(pooler ? sessionSettings : {}), ...(patient ? patientSettings : {}) };
  const local = Object.entries(settings).map(
    ([name, value]) => `set_config('${name}', '${value}', true)`,
  );
  const opened = [statements.run(`BEGIN ISOLATION LEVEL ${isolation}`)];
  if (local.length > 0) opened.push(statements.run(`SELECT ${local.join(", ")}`));
  Promise.all(opened).catch(() => undefined);
}

/** An audit reads whole tables, in whatever way is fastest. */
const patientSettings = {
  statement_timeout: 0,
  enable_seqscan: "on",
  enable_hashjoin: "on",
  enable_mergejoin: "on",
  plan_cache_mode: "force_custom_plan",
} as const;
