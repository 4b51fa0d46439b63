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

/** What may be bound: a list is one array (`= ANY($1)`, `unnest($1::text[])`). */
export type Bound =
  | string
  | number
  | null
  | Uint8Array
  | readonly (string | number | Uint8Array | null)[];

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
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { name: string; text: string }): void;
  describe(message: { type: "S" | "P"; name: string }): void;
  bind(message: { statement: string; values: readonly unknown[] }): void;
  execute(message: Record<string, never>): void;
  sync(): void;
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
const preparedBy = new WeakMap<ClientBase, Prepared>();
let names = 0;

/** Sends the steps and answers each. Throws the error of the first that failed; none after it was run. */
export async function travel(
  client: ClientBase,
  steps: readonly Step[],
  options: { readonly named: boolean; readonly timeoutMs?: number | undefined },
): Promise<StepAnswer[]> {
  let prepared = preparedBy.get(client);
  if (prepared === undefined) {
    prepared = new Map();
    preparedBy.set(client, prepared);
  }
  const known = prepared;
  // Before anything is sent: what cannot be bound must not leave half a journey on the wire.
  const values = steps.map(({ bound }) => bound.map(textOf));
  const told = await new Promise<readonly Told[]>((resolve, reject) => {
    const journey = journeyOf(steps, values, options.named ? known : null, (error, all) => {
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
  values: readonly (readonly unknown[])[],
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

  function prepare(wire: Wire, { sql, once = false }: Step): string {
    const known = prepared?.get(sql)?.name ?? given.get(sql);
    if (known !== undefined) return known;
    const isKept = prepared !== null && !once;
    // A new name where an earlier journey failed before it knew whether this was prepared.
    const name = isKept ? `onhand_${++names}` : "";
    wire.parse({ name, text: sql });
    wire.describe({ type: "S", name });
    if (isKept) given.set(sql, name);
    return name;
  }

  return {
    /** pg calls this too when the query has come to its end: it ends the timer of its timeout. */
    callback: undefined as ((error?: Error) => void) | undefined,
    sent: steps,

    submit(connection: unknown): void {
      const wire = connection as Wire;
      begin();
      wire.stream.cork();
      for (const [index, step] of steps.entries()) {
        const statement = prepare(wire, step);
        wire.bind({ statement, values: values[index] ?? [] });
        wire.execute({});
      }
      wire.sync();
      wire.stream.uncork();
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

/** A value in the text form of its type (bytes: as they are). */
function textOf(value: Bound): string | Buffer | null {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  return `{${value.map(elementOf).join(",")}}`;
}

function elementOf(value: string | number | Uint8Array | null): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return `"${value.replace(/["\\]/g, "\\$&")}"`;
  return `"\\\\x${Buffer.from(value).toString("hex")}"`;
}
