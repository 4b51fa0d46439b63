// The answer of an import: JSON lines, written as things become known, past the framework. Its head is sent with the
// first lines, so that what is wrong before is an ordinary problem. Some clients (browsers) read nothing until they have
// sent everything: an answer that nobody reads must not stop the import, so lines of single rows are left out beyond a
// bound, and counted.

import type { FastifyReply } from "fastify";
import { importUnreadBytesMax, importUnreadMsMax } from "../../limits.ts";
import { Answer, OneOf } from "../schemas.ts";
import { type Static, Type } from "../type.ts";

const optional = Type.Optional;
const text = Type.String();
const count = Type.Integer();
const value = Type.Unsafe<string | number | boolean | null>({
  type: ["string", "number", "boolean", "null"],
});

/** One line. Which fields it has depends on its type. */
export const ImportLine = Answer("ImportLine", {
  type: OneOf(
    ["begin", "row", "refused", "progress", "end"],
    "begin: how the file is understood. row: what would change (preview). refused: a row, and why. " +
      "progress: how far it is. end: the last line of an answer that is whole.",
  ),
  import_id: optional(text),
  mode: optional(OneOf(["preview", "apply"])),
  columns: optional(
    Type.Record(Type.String(), Type.String(), {
      description: "begin: which column each field is.",
    }),
  ),
  not_used: optional(Type.Array(text, { description: "begin: columns that nothing takes." })),
  row: optional(Type.Integer({ description: "As a spreadsheet counts: a CSV's head is row 1." })),
  change: optional(OneOf(["create", "change"])),
  about: optional(text),
  fields: optional(
    Type.Array(Type.Object({ field: text, before: value, after: value }), {
      description: "row: what was and what would be.",
    }),
  ),
  code: optional(text),
  reason: optional(text),
  cells: optional(
    Type.Record(Type.String(), Type.String(), { description: "refused: the row as it came." }),
  ),
  rows: optional(count),
  created: optional(count),
  changed: optional(count),
  same: optional(count),
  refused: optional(count),
  untold: optional(
    Type.Integer({
      description: "end: lines of rows that were left out: the client did not read.",
    }),
  ),
  fault: optional(
    Type.Unsafe<{ code: string; detail: string; [fact: string]: unknown } | null>({
      type: ["object", "null"],
      properties: { code: text, detail: text, row: count },
      required: ["code", "detail"],
      additionalProperties: true,
      description:
        "end: why it broke off; what was done stays done. null: all of the file was read.",
    }),
  ),
});
export type ImportLine = Static<typeof ImportLine>;

export interface ImportAnswer {
  /** Lines of single rows, such as may be left out. */
  tellRow(line: ImportLine): void;
  tell(line: ImportLine): void;
  untold(): number;
  isBegun(): boolean;
  /** Whether its client has gone. */
  isGone(): boolean;
  end(line: ImportLine): void;
  /** Calls back when its last byte is on its way, or it was cut: at the latest some time after its end. */
  whenTaken(done: () => void): void;
  /** Without an end: nobody listens, or nobody is to take it for whole. */
  cut(): void;
}

export function openAnswer(reply: FastifyReply): ImportAnswer {
  const { raw } = reply;
  let isBegun = false;
  let untold = 0;

  function begin(): void {
    if (isBegun) return;
    isBegun = true;
    reply.hijack();
    // What was set on the way here: request id, security headers, CORS.
    for (const [name, set] of Object.entries(reply.getHeaders())) {
      if (set !== undefined) raw.setHeader(name, set);
    }
    raw.on("error", () => undefined); // The connection broke; `isGone` says so.
    raw.writeHead(200, {
      "content-type": "application/x-ndjson; charset=utf-8",
      "cache-control": "no-store",
      // Proxies of the nginx kind would collect lines before they pass them on.
      "x-accel-buffering": "no",
    });
  }

  function write(line: ImportLine): void {
    begin();
    if (!raw.destroyed) raw.write(`${JSON.stringify(line)}\n`);
  }

  return {
    tell: write,
    tellRow(line) {
      if (raw.writableLength > importUnreadBytesMax) untold += 1;
      else write(line);
    },
    untold: () => untold,
    isBegun: () => isBegun,
    isGone: () => raw.destroyed,
    end(line) {
      write(line);
      raw.end();
    },
    whenTaken(done) {
      if (!isBegun || raw.writableFinished || raw.destroyed) return done();
      const timer = setTimeout(() => raw.destroy(), importUnreadMsMax);
      raw.once("close", () => {
        clearTimeout(timer);
        done();
      });
    },
    cut() {
      if (!isBegun) reply.hijack();
      raw.destroy();
    },
  };
}
