// Everything of one kind as a file: CSV, or a JSON object in each line. Written as it is read, no faster than its reader
// takes it, so any amount needs the memory of a page. One that nobody reads is cut, and of those that are read there are
// some at once and no more. Whoever gets no proper end has not got all.

import { Readable } from "node:stream";
import { stringify } from "csv-stringify";
import type { FastifyInstance } from "fastify";
import { exportsMax, exportsPerCallerMax, exportUnreadMsMax } from "../../limits.ts";
import { columnsOf } from "../../transfer/columns.ts";
import type { HttpDeps } from "../deps.ts";
import { type Asked, exported } from "../exports/rows.ts";
import type { Scope } from "../roles.ts";
import { route } from "../route.ts";
import { Id, OneOf, Parts } from "../schemas.ts";
import { type Enter, openSlots } from "../slots.ts";
import { Type } from "../type.ts";
import { cutUnread } from "../unread.ts";

const Export = Type.Unsafe<Readable>({
  description: "The file.",
  content: {
    "text/csv": { schema: Type.String() },
    "application/x-ndjson": { schema: Type.String() },
  },
});

const format = {
  format: Type.Optional(OneOf(["csv", "jsonl"], "csv where nothing is said.")),
  spreadsheet: Type.Optional(
    Type.Boolean({
      description:
        "Puts a ' before cells that a spreadsheet would run as a formula. Not for imports.",
    }),
  ),
};
const ofStore = { ...format, store_id: Type.Optional(Id) };
const after = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "Events with a larger seq.",
});
const ofLog = { ...ofStore, after: Type.Optional(after) };

const kinds = {
  products: { id: "exportProducts", scope: "catalog:read", query: format },
  stores: { id: "exportStores", scope: "catalog:read", query: format },
  stock: { id: "exportStock", scope: "stock:read", query: ofStore },
  reservations: { id: "exportReservations", scope: "reservation:read", query: ofStore },
  webhooks: { id: "exportWebhooks", scope: "webhooks:admin", query: format },
  events: { id: "exportEvents", scope: "events:read", query: ofLog },
} as const satisfies Readonly<
  Record<keyof typeof exported, { id: string; scope: Scope; query: object }>
>;

export function exportRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const enter = openSlots("exports", exportsMax, exportsPerCallerMax);
  for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
    exportRoute(app, deps, kind, enter);
  }
}

function exportRoute(
  app: FastifyInstance,
  deps: HttpDeps,
  kind: keyof typeof kinds,
  enter: Enter,
): void {
  const { id, scope, query } = kinds[kind];
  route(app, {
    ...{ id, scope },
    method: "GET",
    url: `/api/v1/exports/${kind}`,
    tag: "exports",
    summary: `All ${kind} that the caller may see, as a file`,
    description: "What others change meanwhile may be in it or not; the log (events) is exact.",
    head: false,
    schema: { querystring: Parts(query), response: { 200: Export } },
    handler(request, reply) {
      const asked = request.query as Asked & { format?: "csv" | "jsonl"; spreadsheet?: boolean };
      // Whoever went away while it was looked who asks would never give the place back.
      if (reply.raw.destroyed) return reply.hijack();
      const leave = enter(request.caller.id);
      reply.raw.once("close", leave);
      cutUnread(reply.raw, exportUnreadMsMax);
      const rows = exported[kind](deps, request.caller, asked);
      const { format: form = "csv", spreadsheet = false } = asked;
      reply.header("content-disposition", `attachment; filename="${kind}.${form}"`);
      reply.header("x-accel-buffering", "no");
      if (form === "jsonl") {
        reply.header("content-type", "application/x-ndjson; charset=utf-8");
        return reply.send(Readable.from(linesOf(rows)));
      }
      reply.header("content-type", "text/csv; charset=utf-8; header=present");
      return reply.send(csvOf(rows, columnsOf[kind], spreadsheet));
    },
  });
}

async function* linesOf(rows: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

function csvOf(rows: AsyncIterable<object>, columns: readonly string[], spreadsheet: boolean) {
  const csv = stringify({
    header: true,
    columns: [...columns],
    escape_formulas: spreadsheet,
    cast: { boolean: String },
  });
  const from = Readable.from(rows);
  // What breaks the reading ends the answer, and who hangs up ends the reading.
  from.on("error", (error) => csv.destroy(error));
  csv.on("close", () => from.destroy());
  return from.pipe(csv);
}
