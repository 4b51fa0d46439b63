// Imports: products, stock and stores from files. A file goes out as it is, and what becomes of its rows comes back line
// by line, as it happens. Nothing is tried again by itself: what broke off is sent again under its import id, and is done
// once.
// Lines of single rows that are not read in time (8 MB) are left out by the service: the last line, of type end, says
// in `untold` how many, and its counts are of all rows. A browser reads nothing before it has sent the whole file.

import { errorOf } from "./answers.ts";
import { type Connection, sendRequest, urlOf } from "./calls.ts";
import { makeError } from "./errors.ts";
import { pathOf } from "./pages.ts";
import type { ImportLine, QueryOf } from "./words.ts";

/** A file of a browser, a text, or bytes as they come. */
export type ImportFile = Blob | string | ReadableStream<Uint8Array>;

export interface ImportOptions {
  /** CSV where nothing is said; a line of JSON for each row. */
  readonly format?: "csv" | "jsonl" | undefined;
  /** Of a file that is neither UTF-8 nor UTF-16, such as `windows-1252`. */
  readonly charset?: string | undefined;
  /** Gives it up between two rows. */
  readonly signal?: AbortSignal | undefined;
}

/** `columns` says which column a field is, where it is not called so. */
export type ImportQuery<Id extends "importProducts" | "importStock" | "importStores"> = Omit<
  QueryOf<Id>,
  "columns"
> & { readonly columns?: Readonly<Record<string, string>> | undefined };

export interface Imports {
  /**
   * Products from a file: what is not there is made, what is there gets the fields of its row. `preview` (where nothing
   * is said) writes nothing and says what would change; its `import_id` is for `apply`.
   *
   * Operation: `importProducts`. Errors: `import_unreadable`, and those of every call.
   *
   * @example
   * ```ts
   * const file = "sku,name,price\nCUP-9,Cup,3.50\n";
   * let import_id = "";
   * for await (const line of client.imports.products(file)) {
   *   if (line.type === "begin") import_id = line.import_id ?? "";
   *   if (line.type === "row") console.log(line.row, line.change, line.fields);
   *   if (line.type === "refused") console.log(line.row, line.reason);
   * }
   * for await (const line of client.imports.products(file, { mode: "apply", import_id })) {
   *   if (line.type === "end") console.log(`${line.created} made, ${line.untold} lines not told`);
   * }
   * ```
   */
  products(
    file: ImportFile,
    query?: ImportQuery<"importProducts">,
    options?: ImportOptions,
  ): AsyncGenerator<ImportLine, void, undefined>;

  /**
   * Stock from a file: `quantity` is a count, `quantity_change` a delivery, `reorder_point` may stand beside.
   *
   * Operation: `importStock`. Errors: `import_unreadable`, and those of every call.
   *
   * @example
   * ```ts
   * const delivered = "Artikel,Menge\nMUG,12\n";
   * const query = {
   *   store_id: "MAD-001",
   *   columns: { sku: "Artikel", quantity_change: "Menge" },
   * };
   * for await (const line of client.imports.stock(delivered, query)) {
   *   if (line.type === "end") console.log(`${line.changed} rows would change`, line.fault);
   * }
   * ```
   */
  stock(
    file: ImportFile,
    query?: ImportQuery<"importStock">,
    options?: ImportOptions,
  ): AsyncGenerator<ImportLine, void, undefined>;

  /**
   * Stores from a file.
   *
   * Operation: `importStores`. Errors: `import_unreadable`, and those of every call.
   *
   * @example
   * ```ts
   * const lines = client.imports.stores('{"id":"ZGZ-009","name":"Zaragoza"}', {}, { format: "jsonl" });
   * for await (const line of lines) console.log(line.type, line.about);
   * ```
   */
  stores(
    file: ImportFile,
    query?: ImportQuery<"importStores">,
    options?: ImportOptions,
  ): AsyncGenerator<ImportLine, void, undefined>;

  /**
   * Takes an import back with changes of their own, as far as that is still allowed. The same again undoes nothing twice.
   *
   * Operation: `undoImport`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const file = "sku,name,price\nJUG-9,Jug,12\n";
   * for await (const { type, import_id } of client.imports.products(file, { mode: "apply" })) {
   *   if (type !== "end" || import_id === undefined) continue;
   *   for await (const line of client.imports.undo(import_id)) {
   *     if (line.type === "refused") console.log(`row ${line.row} stays: ${line.reason}`);
   *   }
   * }
   * ```
   */
  undo(
    importId: string,
    options?: Pick<ImportOptions, "signal">,
  ): AsyncGenerator<ImportLine, void, undefined>;
}

export function imports(connection: Connection): Imports {
  function send(
    kind: string,
    file: ImportFile,
    { columns, ...query }: ImportQuery<"importStock"> = {},
    { format = "csv", charset, signal }: ImportOptions = {},
  ): AsyncGenerator<ImportLine, void, undefined> {
    const type = format === "csv" ? "text/csv" : "application/x-ndjson";
    const named = columns === undefined ? undefined : JSON.stringify(columns);
    const url = urlOf(connection.baseUrl, {
      path: `/api/v1/imports/${kind}`,
      query: { ...query, columns: named },
    });
    const headers = {
      "content-type": charset === undefined ? type : `${type}; charset=${charset}`,
    };
    // Streams go one way at a time by the letter of the standard; the answer is read meanwhile all the same.
    const duplex = file instanceof ReadableStream ? ({ duplex: "half" } as const) : {};
    return lines(connection, url, headers, { body: file, ...duplex }, signal);
  }
  return {
    products: (file, query, options) => send("products", file, query, options),
    stock: (file, query, options) => send("stock", file, query, options),
    stores: (file, query, options) => send("stores", file, query, options),
    undo(importId, options) {
      const url = urlOf(connection.baseUrl, { path: pathOf`/api/v1/imports/${importId}/undo` });
      return lines(connection, url, {}, {}, options?.signal);
    },
  };
}

async function* lines(
  connection: Connection,
  url: string,
  own: Readonly<Record<string, string>>,
  body: RequestInit,
  signal: AbortSignal | undefined,
): AsyncGenerator<ImportLine, void, undefined> {
  const credentials = await connection.credentials();
  const headers = { accept: "application/x-ndjson", ...own, ...credentials };
  const init = { ...body, method: "POST", headers, signal: signal ?? null };
  let isWhole = false;
  try {
    const response = await sendRequest(connection, url, init);
    const isLines = response.headers.get("content-type")?.startsWith("application/x-ndjson");
    if (!response.ok || isLines !== true || response.body === null) {
      throw await errorOf(response, true);
    }
    for await (const text of textLines(response.body)) {
      const line: ImportLine = JSON.parse(text);
      isWhole ||= line.type === "end";
      yield line;
    }
  } catch (cause) {
    signal?.throwIfAborted();
    // What `fetch` throws where the connection broke.
    if (!(cause instanceof TypeError)) throw cause;
    throw brokenOff(cause);
  }
  if (!isWhole) throw brokenOff(undefined);
}

function brokenOff(cause: unknown) {
  const message = "The answer broke off; send the same again under the same import id.";
  const none = { status: 0, requestId: null, facts: {}, retryAfterMs: null };
  return makeError({ code: "no_answer", message, mayHaveHappened: true, cause, ...none });
}

async function* textLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const found = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = found.pop() ?? "";
      yield* found;
    }
  } finally {
    // Whoever stops listening hangs up; where all was read, there is nothing to hang up on.
    await reader.cancel().catch(() => undefined);
  }
}
