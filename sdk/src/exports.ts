// Exports: everything of one kind that the caller may see, as a file that comes as it is read. Where it breaks off, the
// stream ends with an error, and what came is not all.

import { errorOf } from "./answers.ts";
import { type Connection, sendRequest, urlOf } from "./calls.ts";
import type { QueryOf } from "./words.ts";

export interface ExportOptions {
  readonly signal?: AbortSignal | undefined;
}

type Download = Promise<ReadableStream<Uint8Array>>;

export interface Exports {
  /**
   * All products. `format` is `csv` where nothing is said, or `jsonl`.
   *
   * Operation: `exportProducts`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const file = await client.exports.products({ format: "jsonl" });
   * console.log(await new Response(file).text());
   * ```
   */
  products(query?: QueryOf<"exportProducts">, options?: ExportOptions): Download;

  /**
   * All stores.
   *
   * Operation: `exportStores`. Errors: those of every call.
   *
   * @example
   * ```ts
   * console.log(await new Response(await client.exports.stores()).text());
   * ```
   */
  stores(query?: QueryOf<"exportStores">, options?: ExportOptions): Download;

  /**
   * The stock of all stores, or of one.
   *
   * Operation: `exportStock`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const file = await client.exports.stock({ store_id: "MAD-001" });
   * const [head] = (await new Response(file).text()).split("\n");
   * console.log(head);
   * ```
   */
  stock(query?: QueryOf<"exportStock">, options?: ExportOptions): Download;

  /**
   * Reservations, newest first.
   *
   * Operation: `exportReservations`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const file = await client.exports.reservations({ format: "jsonl" });
   * for (const line of (await new Response(file).text()).split("\n")) console.log(line);
   * ```
   */
  reservations(query?: QueryOf<"exportReservations">, options?: ExportOptions): Download;

  /**
   * All webhooks, without their secrets.
   *
   * Operation: `exportWebhooks`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const file = await client.exports.webhooks({ format: "jsonl" });
   * console.log(await new Response(file).text());
   * ```
   */
  webhooks(query?: QueryOf<"exportWebhooks">, options?: ExportOptions): Download;

  /**
   * The log, oldest first, up to where it is now.
   *
   * Operation: `exportEvents`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const file = await client.exports.events({ after: 0, format: "jsonl" });
   * console.log((await new Response(file).text()).length);
   * ```
   */
  events(query?: QueryOf<"exportEvents">, options?: ExportOptions): Download;
}

export function exports(connection: Connection): Exports {
  async function file(kind: string, query: object = {}, { signal }: ExportOptions = {}): Download {
    const url = urlOf(connection.baseUrl, { path: `/api/v1/exports/${kind}`, query });
    const headers = { ...(await connection.credentials()) };
    const init = { method: "GET", headers, signal: signal ?? null };
    const response = await sendRequest(connection, url, init);
    if (!response.ok || response.body === null) throw await errorOf(response, false);
    return response.body;
  }
  return {
    products: (query, options) => file("products", query, options),
    stores: (query, options) => file("stores", query, options),
    stock: (query, options) => file("stock", query, options),
    reservations: (query, options) => file("reservations", query, options),
    webhooks: (query, options) => file("webhooks", query, options),
    events: (query, options) => file("events", query, options),
  };
}
