// Products, stock and stores from files: looked at, done, and undone. A file is the body itself, read as it comes, and
// the answer is JSON lines, written as rows are dealt with; so neither is ever held whole.

import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  importBytesMax,
  importShownDefault,
  importsMax,
  importsPerCallerMax,
} from "../../limits.ts";
import { textOf } from "../../transfer/decode.ts";
import { withHead } from "../../transfer/head.ts";
import { type Kind, mappingOf } from "../../transfer/mapping.ts";
import { recordsIn } from "../../transfer/records.ts";
import type { HttpDeps } from "../deps.ts";
import { type ImportAnswer, ImportLine } from "../imports/answer.ts";
import { type Asked, columnsIn, common, ImportId, ofStock, typeOf } from "../imports/asked.ts";
import { chunksOf } from "../imports/body.ts";
import { earliestOf, mustBeKnown } from "../imports/import-id.ts";
import { openImporter } from "../imports/importer.ts";
import { runImport, type Tally } from "../imports/run.ts";
import { inSlot, stopping } from "../imports/slot.ts";
import { undoImport } from "../imports/undo.ts";
import { ProblemError } from "../problem.ts";
import type { Scope } from "../roles.ts";
import { notAFile, route } from "../route.ts";
import { Parts } from "../schemas.ts";
import { type Enter, openSlots } from "../slots.ts";
import { Type } from "../type.ts";

/** A file: for the documents. Its rows are held to their own rules. */
const File = Type.Unsafe<AsyncIterable<Uint8Array>>({
  content: {
    "text/csv": { schema: { description: "Its first row names the columns." } },
    "application/x-ndjson": { schema: { description: "An object in each line." } },
  },
});
const Lines = Type.Unsafe<string>({
  description: "Lines of JSON, each an ImportLine; the last is of type end.",
  content: { "application/x-ndjson": { schema: ImportLine } },
});

const kinds: Readonly<Record<Kind, { readonly scope: Scope; readonly id: string }>> = {
  products: { scope: "catalog:write", id: "importProducts" },
  stock: { scope: "stock:write", id: "importStock" },
  stores: { scope: "catalog:write", id: "importStores" },
};

const about =
  "CSV or JSON lines. A row that cannot be done is told with its number, and the others are done. Each row is " +
  "written under a key of its own: the same file under the same import_id does nothing twice, so what " +
  "broke off is sent again.";

/** In a part of the application of its own: elsewhere a body is JSON. */
export async function importRoutes(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  const enter = openSlots("imports", importsMax, importsPerCallerMax);
  await app.register(async (files) => {
    files.removeContentTypeParser("application/json");
    files.addContentTypeParser(
      ["text/csv", "application/x-ndjson"],
      (request: FastifyRequest, body: unknown, done: (error: null, body: unknown) => void) => {
        if (Number(request.headers["content-length"] ?? 0) > importBytesMax) {
          throw new ProblemError("body_too_large", `A file has at most ${importBytesMax} bytes.`);
        }
        done(null, body);
      },
    );
    files.addContentTypeParser("multipart/form-data", () => {
      throw new ProblemError(
        "unsupported_media_type",
        "A form is not taken: send the file itself as the body, with Content-Type: text/csv or application/x-ndjson. With curl: -H 'Content-Type: text/csv' --data-binary @FILE in place of -F.",
      );
    });
    files.addContentTypeParser("*", () => {
      throw notAFile();
    });
    for (const kind of ["products", "stock", "stores"] as const) {
      importRoute(files, deps, kind, enter);
    }
  });
  undoRoute(app, deps, enter);
}

function importRoute(app: FastifyInstance, deps: HttpDeps, kind: Kind, enter: Enter): void {
  const query = kind === "stock" ? { ...common, ...ofStock } : common;
  route(app, {
    ...kinds[kind],
    method: "POST",
    url: `/api/v1/imports/${kind}`,
    tag: "imports",
    summary: `Imports a file of ${kind}, or says what it would do`,
    description: about,
    idempotency: "refused",
    takesFile: true,
    schema: { querystring: Parts(query), body: File, response: { 200: Lines } },
    codes: ["import_unreadable"],
    handler: (request, reply) =>
      inSlot(app, deps, enter, request, reply, (answer) =>
        doImport(app, deps, kind, request, request.query as Asked, answer),
      ),
  });
}

function undoRoute(app: FastifyInstance, deps: HttpDeps, enter: Enter): void {
  route(app, {
    method: "POST",
    url: "/api/v1/imports/:import_id/undo",
    scope: "stock:write",
    id: "undoImport",
    tag: "imports",
    summary: "Takes an import back, as far as that is still allowed",
    description:
      "By changes of their own, since the log keeps everything. Units that are sold or held stay where they are, a " +
      "product that somebody changed since stays as it is, and both are told. The same again undoes nothing twice.",
    idempotency: "refused",
    schema: { params: Parts({ import_id: ImportId }), response: { 200: Lines } },
    handler: (request, reply) =>
      inSlot(app, deps, enter, request, reply, async (answer) => {
        const { import_id: importId } = request.params;
        const tally = newTally();
        const isWhole = await undoImport(
          {
            store: deps.store,
            execute: deps.execute,
            caller: request.caller,
            traceparent: request.trace?.traceparent ?? null,
            importId,
            since: earliestOf(importId),
            begun: (rows) => answer.tell({ type: "begin", import_id: importId, rows }),
            refused: (refused) => answer.tellRow({ type: "refused", ...refused }),
            progress: (so) => answer.tell({ type: "progress", ...so }),
            mustStop: () => app.draining || answer.isGone(),
          },
          tally,
        );
        if (!isWhole) throw stopping();
        answer.end({
          type: "end",
          import_id: importId,
          ...tally,
          untold: answer.untold(),
          fault: null,
        });
      }),
  });
}

function newTally(): Tally {
  return { rows: 0, created: 0, changed: 0, same: 0, refused: 0 };
}

async function doImport(
  app: FastifyInstance,
  deps: HttpDeps,
  kind: Kind,
  request: FastifyRequest,
  asked: Asked,
  answer: ImportAnswer,
): Promise<void> {
  const { mode = "preview", after_row: afterRow = 0, show = importShownDefault } = asked;
  const { import_id: importId = deps.newId() } = asked;
  if (asked.import_id !== undefined) mustBeKnown(importId, deps.now());
  request.business = { operation: `import_${kind}` };
  const { format, encoding } = typeOf(request);
  // Wherever this ends, the reading does: what is left of the body can be dropped only then.
  await using chunks = chunksOf(request.raw);
  const text = textOf(chunks, encoding);
  const { head, records } = await withHead(recordsIn(text, format, asked.delimiter), format);
  const named = columnsIn(asked.columns);
  const mapping = mappingOf(kind, head, { named, hasStore: asked.store_id !== undefined });
  const importer = await openImporter(kind, deps, {
    ...{ mapping, caller: request.caller, storeId: asked.store_id, reason: asked.reason },
    reference: `import-${importId}`,
  });
  const columns = Object.fromEntries([
    ...mapping.columns,
    ...Array.from(mapping.counts.keys(), (name) => [name, name] as const),
  ]);
  const begin: ImportLine = {
    ...{ type: "begin", import_id: importId, mode },
    ...{ columns, not_used: [...mapping.unused] },
  };
  const begun = once(() => answer.tell(begin));
  // Whoever has not heard the id could not go on with it.
  if (mode === "apply" && asked.import_id === undefined) begun();
  let shown = 0;
  const tally = newTally();
  const { actor } = request.caller;
  const traceparent = request.trace?.traceparent ?? null;
  const writing = { execute: deps.execute, actor, importId, traceparent };
  const isWhole = await runImport(
    records,
    {
      kind: importer,
      write: mode === "apply" ? writing : null,
      afterRow,
      told: {
        planned({ row, about: what }, { change, fields }) {
          begun();
          shown += 1;
          if (shown > show) return;
          answer.tellRow({ type: "row", row, change, about: what, fields: [...fields] });
        },
        refused(refused, { cells }) {
          begun();
          answer.tellRow({ type: "refused", ...refused, cells: shortened(cells) });
        },
        progress(so, row) {
          begun();
          answer.tell({ type: "progress", row, ...so });
        },
      },
      mustStop: () => app.draining || answer.isGone(),
    },
    tally,
  );
  if (!isWhole) throw stopping();
  begun();
  answer.end({ type: "end", import_id: importId, ...tally, untold: answer.untold(), fault: null });
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

const cellLengthMax = 2_000;

function shortened(cells: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(cells).map(([name, cell]) => [
      name,
      cell.length > cellLengthMax ? `${cell.slice(0, cellLengthMax)}…` : cell,
    ]),
  );
}
