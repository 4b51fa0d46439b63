// Messages of PostgreSQL's extended query protocol, one behind the other in one piece of memory, so that a
// journey is one write to the socket: https://www.postgresql.org/docs/current/protocol-message-formats.html
//
// Lists are bound in the binary form of arrays, which is their elements as they are. The text form that pg
// makes has a backslash before each quote of each JSON text: making it cost a quarter of the processor time of
// a commit (10 µs a reservation, bench/engine.ts), and the server reads it character by character.

import { assert } from "../../lib/assert.ts";

/** What may be bound: a list is one array (`= ANY($1)`, `unnest($1::text[])`). */
export type Bound =
  | string
  | number
  | null
  | Uint8Array
  | readonly (string | number | Uint8Array | null)[];

export interface Messages {
  parse(name: string, sql: string): void;
  /** Of a prepared statement: the columns that it will answer. */
  describe(name: string): void;
  /** To the portal without a name; columns come in text form. */
  bind(statement: string, values: readonly Bound[]): void;
  execute(): void;
  sync(): void;
  /** All of them since the last time. Stands until the next message is written. */
  take(): Uint8Array;
}

const firstBytes = 16_384;
/** More than this is not kept for the next journey. */
const keptBytes = 1_048_576;
/** What a character needs at most in UTF-8, for each unit that `length` counts. */
const bytesPerUnit = 3;

/** The types that lists are of: https://www.postgresql.org/docs/current/catalog-pg-type.html */
const oids = { text: 25, bigint: 20, bytea: 17 } as const;

export function openMessages(): Messages {
  let bytes = Buffer.allocUnsafe(firstBytes);
  let end = 0;

  function need(count: number): void {
    if (end + count <= bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, end + count));
    bytes.copy(larger, 0, 0, end);
    bytes = larger;
  }

  function int16(value: number): void {
    need(2);
    end = bytes.writeInt16BE(value, end);
  }

  function int32(value: number): void {
    need(4);
    end = bytes.writeInt32BE(value, end);
  }

  function int64(value: number): void {
    assert(Number.isSafeInteger(value), "numbers in lists are safe integers");
    need(8);
    const high = Math.floor(value / 2 ** 32);
    end = bytes.writeInt32BE(high, end);
    end = bytes.writeUInt32BE(value - high * 2 ** 32, end);
  }

  function text(value: string): void {
    need(value.length * bytesPerUnit);
    end += bytes.write(value, end);
  }

  function named(value: string): void {
    text(value);
    need(1);
    end = bytes.writeUInt8(0, end);
  }

  function raw(value: Uint8Array): void {
    need(value.length);
    bytes.set(value, end);
    end += value.length;
  }

  /** What `write` writes, behind its length; `itself`: of the bytes of the length, how many it counts. */
  function measured(write: () => void, itself: 0 | 4): void {
    const start = end;
    int32(0);
    write();
    bytes.writeInt32BE(end - start - 4 + itself, start);
  }

  function message(code: string, write: () => void): void {
    text(code);
    measured(write, 4);
  }

  function element(value: string | number | Uint8Array | null): void {
    if (value === null) int32(-1);
    else if (typeof value === "number") {
      int32(8);
      int64(value);
    } else {
      const start = end;
      int32(0);
      if (typeof value === "string") text(value);
      else raw(value);
      bytes.writeInt32BE(end - start - 4, start);
    }
  }

  function list(values: readonly (string | number | Uint8Array | null)[], oid: number): void {
    int32(1); // dimensions
    int32(values.includes(null) ? 1 : 0);
    int32(oid);
    int32(values.length);
    int32(1); // the first index
    for (const value of values) element(value);
  }

  function value(bound: Bound): void {
    if (bound === null) return int32(-1);
    measured(() => {
      if (bound instanceof Uint8Array) raw(bound);
      else if (typeof bound === "string") text(bound);
      else if (typeof bound === "number") text(String(bound));
      else {
        const oid = oidOf(bound);
        if (oid === null) text(untyped(bound));
        else list(bound, oid);
      }
    }, 0);
  }

  return {
    parse: (name, sql) =>
      message("P", () => {
        named(name);
        named(sql);
        int16(0); // types of parameters that are said here
      }),
    describe: (name) => message("D", () => named(`S${name}`)),
    bind: (statement, values) =>
      message("B", () => {
        named("");
        named(statement);
        int16(values.length);
        for (const bound of values) int16(isBinary(bound) ? 1 : 0);
        int16(values.length);
        for (const bound of values) value(bound);
        int16(0); // all columns in text form
      }),
    execute: () =>
      message("E", () => {
        named("");
        int32(0); // all rows
      }),
    sync: () => message("S", () => undefined),
    take() {
      const taken = bytes.subarray(0, end);
      if (bytes.length > keptBytes) bytes = Buffer.allocUnsafe(firstBytes);
      end = 0;
      return taken;
    },
  };
}

function isBinary(bound: Bound): boolean {
  if (bound instanceof Uint8Array) return true;
  return Array.isArray(bound) && oidOf(bound) !== null;
}

/** Null: nothing in the list says what it is a list of. */
function oidOf(values: readonly (string | number | Uint8Array | null)[]): number | null {
  for (const value of values) {
    if (typeof value === "string") return oids.text;
    if (typeof value === "number") return oids.bigint;
    if (value !== null) return oids.bytea;
  }
  return null;
}

/** In text form, which is of whatever type the statement says. */
function untyped(nulls: readonly unknown[]): string {
  return `{${nulls.map(() => "NULL").join(",")}}`;
}
