// Several statements in one journey to the server and back (PostgreSQL's extended query protocol, a pipeline with one
// Sync at its end): https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING.
// They run in order, each with a snapshot of its own; when one fails, the server skips the rest, so a COMMIT
// at the end commits all of them or nothing.
//
// pg's own pipeline sends a Sync with each statement: a write of the server, and a wake-up of both sides, for
// each (measured: half of the time of a commit of 32 reservations). This is a query object as pg-cursor's is.

import type { ClientBase } from "pg";
import { types } from "pg";
import { assert } from "../../lib/assert.ts";
import type { Values } from "../rows.ts";
import { type Bound, type Messages, openMessages } from "./messages.ts";

export interface Step {
  readonly sql: string;
  readonly bound: readonly Bound[];
  /** Not kept by the connection: the columns of a FETCH are those of whichever cursor is open. */
  readonly once?: boolean;
}

/** Rows of a step, and how many it returned or changed. */
export interface StepAnswer {
  readonly rows: Values[];
  readonly count: number;
}

/** What a connection knows of a statement that it has prepared: how to read its columns. */
type Readers = readonly ((text: string) => unknown)[];

/** pg's connection, as far as a query object uses it. */
interface Wire {
  readonly stream: { write(bytes: Uint8Array): boolean };
}

interface Field {
  readonly dataTypeID: number;
}

/** Rows as they came, and how to read them. */
interface Told {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly readers: Readers;
  readonly count: number;
}

/** What a connection has prepared, by the text of the statement. */
type Prepared = Map<string, { readonly name: string; readonly readers: Readers }>;

interface Kept {
  readonly prepared: Prepared;
  readonly messages: Messages;
}
const keptBy = new WeakMap<ClientBase, Kept>();
let names = 0;

/** Sends the steps and answers each. Throws the error of the first that failed; none after it was run. */
export async function travel(
  client: ClientBase,
  steps: readonly Step[],
  options: { readonly named: boolean; readonly timeoutMs?: number | undefined },
): Promise<StepAnswer[]> {
  let kept = keptBy.get(client);
  if (kept === undefined) {
    kept = { prepared: new Map(), messages: openMessages() };
    keptBy.set(client, kept);
  }
  const { prepared, messages } = kept;
  const told = await new Promise<readonly Told[]>((resolve, reject) => {
    const journey = journeyOf(steps, messages, options.named ? prepared : null, (error, all) => {
      if (error === null) resolve(all);
      else reject(error);
    });
    client.query({ ...journey, query_timeout: options.timeoutMs });
  });
  return told.map(({ rows, readers, count }) => ({
    rows: rows.map((row) =>
      row.map((text, column) => (text === null ? null : (readers[column]?.(text) ?? text))),
    ),
    count,
  }));
}

function journeyOf(
  steps: readonly Step[],
  messages: Messages,
  prepared: Prepared | null,
  done: (error: Error | null, told: readonly Told[]) => void,
) {
  const told: Told[] = [];
  let rows: (readonly (string | null)[])[] = [];
  let readers: Readers = [];
  /** Of the steps that this journey prepares. */
  const given = new Map<string, string>();

  function begin(): void {
    const sql = steps[told.length]?.sql ?? "";
    rows = [];
    readers = prepared?.get(sql)?.readers ?? [];
  }

  function prepare({ sql, once = false }: Step): string {
    const known = prepared?.get(sql)?.name ?? given.get(sql);
    if (known !== undefined) return known;
    const isKept = prepared !== null && !once;
    // A new name where an earlier journey failed before it knew whether this was prepared.
    const name = isKept ? `onhand_${++names}` : "";
    messages.parse(name, sql);
    messages.describe(name);
    if (isKept) given.set(sql, name);
    return name;
  }

  return {
    /** pg calls this too when the query has come to its end: it ends the timer of its timeout. */
    callback: undefined as ((error?: Error) => void) | undefined,
    sent: steps,

    /** All of it or, where a value cannot be bound, nothing is sent: pg hands the error to handleError. */
    submit(connection: unknown): Error | null {
      begin();
      try {
        for (const step of steps) {
          const statement = prepare(step);
          messages.bind(statement, step.bound);
          messages.execute();
        }
        messages.sync();
      } catch (error) {
        messages.take();
        return error instanceof Error ? error : new Error(String(error));
      }
      (connection as Wire).stream.write(messages.take());
      return null;
    },
    handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
      readers = fields.map(({ dataTypeID }) => readerOf(dataTypeID));
    },
    handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
      rows.push(fields);
    },
    handleCommandComplete({ text }: { readonly text: string }): void {
      const sql = steps[told.length]?.sql ?? "";
      const name = given.get(sql);
      if (name !== undefined) prepared?.set(sql, { name, readers });
      told.push({ rows, readers, count: countOf(text) });
      begin();
    },
    handleError(error: Error): void {
      this.callback?.(error);
      done(error, []);
    },
    handleReadyForQuery(): void {
      this.callback?.();
      done(null, told);
    },
  };
}

/** Of "INSERT 0 5", "UPDATE 5", "SELECT 5"; 0 for BEGIN and the like. */
function countOf(tag: string): number {
  const count = Number(tag.slice(tag.lastIndexOf(" ") + 1));
  return Number.isInteger(count) ? count : 0;
}

/** Every bigint that this program stores is a safe integer; sums are cast to bigint. */
function readerOf(oid: number): (text: string) => unknown {
  return oid === types.builtins.INT8 ? safeInteger : types.getTypeParser(oid, "text");
}

function safeInteger(text: string): number {
  const number = Number(text);
  assert(Number.isSafeInteger(number), "numbers in the database are safe integers");
  return number;
}
