// Webhooks, for admins: events, sent to a URL. Answers that hold a secret are not kept by the service, so these writes
// have no idempotency key: after `no_answer` or `timed_out`, list the webhooks to see what became of it.

import type { Call, CallOptions } from "./calls.ts";
import { type List, listAt, type Page, pathOf } from "./pages.ts";
import type { BodyOf, NewWebhook, QueryOf, Webhook, WebhookDelivery } from "./words.ts";

export interface Webhooks {
  /**
   * Lists the webhooks, without their secrets; `limit` is of one page.
   *
   * Operation: `listWebhooks`. Errors: those of every call.
   *
   * @example
   * ```ts
   * for await (const { url, state, last_error } of client.webhooks.list()) {
   *   console.log(url, state, last_error ?? "all is well");
   * }
   * ```
   */
  list(query?: QueryOf<"listWebhooks">, options?: CallOptions): List<Page<Webhook>>;

  /**
   * A webhook: what it wants, and how far it is.
   *
   * Operation: `getWebhook`. Errors: `webhook_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { id } = await client.webhooks.create({ url: "https://erp.example/onhand" });
   * const { cursor_seq } = await client.webhooks.get(id);
   * console.log(`all is delivered up to ${cursor_seq}`);
   * ```
   */
  get(id: string, options?: CallOptions): Promise<Webhook>;

  /**
   * Sends events from now on to a URL. Its secret is in this answer only.
   *
   * Operation: `createWebhook`. Errors: `webhook_limit_reached`, and those of every call.
   *
   * @example
   * ```ts
   * const { id, secret } = await client.webhooks.create({
   *   url: "https://shop.example/stock",
   *   types: ["stock.out", "stock.back"],
   *   stores: ["MAD-001"],
   * });
   * console.log(`${id}: keep its secret well, ${secret.length} characters`);
   * ```
   */
  create(hook: BodyOf<"createWebhook">, options?: CallOptions): Promise<NewWebhook>;

  /**
   * Changes a webhook, pauses it, or lets it go on; what had failed is tried anew.
   *
   * Operation: `changeWebhook`. Errors: `webhook_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { id } = await client.webhooks.create({ url: "https://erp.example/onhand" });
   * await client.webhooks.change(id, { state: "paused" });
   * await client.webhooks.change(id, { state: "active" });
   * ```
   */
  change(id: string, changes: BodyOf<"changeWebhook">, options?: CallOptions): Promise<Webhook>;

  /**
   * A new secret; the old one signs too for a day, unless it is to end at once.
   *
   * Operation: `rotateWebhookSecret`. Errors: `webhook_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { id } = await client.webhooks.create({ url: "https://erp.example/onhand" });
   * const { secret } = await client.webhooks.rotateSecret(id, { end_old: false });
   * console.log(`the new one has ${secret.length} characters`);
   * ```
   */
  rotateSecret(
    id: string,
    how?: BodyOf<"rotateWebhookSecret">,
    options?: CallOptions,
  ): Promise<NewWebhook>;

  /**
   * Takes a webhook away, with its deliveries.
   *
   * Operation: `deleteWebhook`. Errors: `webhook_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { id } = await client.webhooks.create({ url: "https://erp.example/onhand" });
   * await client.webhooks.delete(id);
   * ```
   */
  delete(id: string, options?: CallOptions): Promise<void>;

  /**
   * Sends a test and answers what became of it.
   *
   * Operation: `testWebhook`. Errors: `webhook_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { id } = await client.webhooks.create({ url: "https://erp.example/onhand" });
   * const { delivered, error } = await client.webhooks.test(id);
   * console.log(delivered ? "it works" : error);
   * ```
   */
  test(id: string, options?: CallOptions): Promise<WebhookDelivery>;

  /**
   * The last attempts, newest first; some hundred are kept.
   *
   * Operation: `listWebhookDeliveries`. Errors: `webhook_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { id } = await client.webhooks.create({ url: "https://erp.example/onhand" });
   * for await (const { event_type, status, error } of client.webhooks.deliveries(id)) {
   *   console.log(event_type, status, error);
   * }
   * ```
   */
  deliveries(
    id: string,
    query?: QueryOf<"listWebhookDeliveries">,
    options?: CallOptions,
  ): List<Page<WebhookDelivery>>;

  /**
   * Sends one event of the log again, at once, and answers what became of it.
   *
   * Operation: `redeliverToWebhook`. Errors: `webhook_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { id } = await client.webhooks.create({ url: "https://erp.example/onhand" });
   * const { delivered } = await client.webhooks.redeliver(id, 1);
   * console.log(delivered);
   * ```
   */
  redeliver(id: string, seq: number, options?: CallOptions): Promise<WebhookDelivery>;
}

export function webhooks(call: Call): Webhooks {
  const all = "/api/v1/webhooks";
  const write = { method: "POST", kind: "unkeyed" } as const;
  return {
    list: (query, options) => listAt(call, all, query, options),
    get: async (id, options) =>
      call({ method: "GET", path: pathOf`/api/v1/webhooks/${id}`, kind: "read" }, options),
    create: async (body, options) => call({ ...write, path: all, body }, options),
    change: async (id, body, options) =>
      call(
        { method: "PATCH", path: pathOf`/api/v1/webhooks/${id}`, kind: "unkeyed", body },
        options,
      ),
    rotateSecret: async (id, how, options) =>
      call({ ...write, path: pathOf`/api/v1/webhooks/${id}/secret`, body: how ?? {} }, options),
    delete: async (id, options) =>
      call({ method: "DELETE", path: pathOf`/api/v1/webhooks/${id}`, kind: "unkeyed" }, options),
    test: async (id, options) =>
      call({ ...write, path: pathOf`/api/v1/webhooks/${id}/test`, body: {} }, options),
    deliveries: (id, query, options) =>
      listAt(call, pathOf`/api/v1/webhooks/${id}/deliveries`, query, options),
    redeliver: async (id, seq, options) =>
      call({ ...write, path: pathOf`/api/v1/webhooks/${id}/deliveries`, body: { seq } }, options),
  };
}
