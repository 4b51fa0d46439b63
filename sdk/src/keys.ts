// API keys, for admins. Answers that hold a secret are not kept by the service, so these writes have no idempotency
// key: after `no_answer` or `timed_out`, list the keys to see what became of it.

import type { Call, CallOptions } from "./calls.ts";
import { type List, listAt, type Page, pathOf } from "./pages.ts";
import type { ApiKey, BodyOf, NewApiKey, QueryOf } from "./words.ts";

export interface ApiKeys {
  /**
   * Lists the API keys, without their secrets; `limit` is of one page.
   *
   * Operation: `listApiKeys`. Errors: those of every call.
   *
   * @example
   * ```ts
   * for await (const { name, role, last_used_at } of client.keys.list()) {
   *   console.log(name, role, last_used_at ?? "never used");
   * }
   * ```
   */
  list(query?: QueryOf<"listApiKeys">, options?: CallOptions): List<Page<ApiKey>>;

  /**
   * Makes an API key. Its secret, `key`, is in this answer only.
   *
   * Operation: `createApiKey`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const { key } = await client.keys.create({
   *   name: "till-madrid",
   *   role: "vendor",
   *   stores: ["MAD-001"],
   * });
   * console.log(`keep it well: ${key.length} characters`);
   * ```
   */
  create(key: BodyOf<"createApiKey">, options?: CallOptions): Promise<NewApiKey>;

  /**
   * Takes an API key away, and the sessions that were opened with it; works at once.
   *
   * Operation: `deleteApiKey`. Errors: `key_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { id } = await client.keys.create({ name: "trial", role: "customer" });
   * await client.keys.delete(id);
   * ```
   */
  delete(id: string, options?: CallOptions): Promise<void>;
}

export function apiKeys(call: Call): ApiKeys {
  const all = "/api/v1/api-keys";
  return {
    list: (query, options) => listAt(call, all, query, options),
    create: async (body, options) =>
      call({ method: "POST", path: all, kind: "unkeyed", body }, options),
    delete: async (id, options) =>
      call({ method: "DELETE", path: pathOf`/api/v1/api-keys/${id}`, kind: "unkeyed" }, options),
  };
}
