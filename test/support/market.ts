// Shops with many things in them, made in a few commits: for tests that send each route's example once
// for each caller, so that no request finds what another one changed.

import assert from "node:assert/strict";
import type { Action } from "../../src/domain/model.ts";
import { newWebhookSecret } from "../../src/feeds/webhook-signature.ts";
import { newId } from "../../src/lib/ids.ts";
import type { ApiKey, Page, Store } from "../../src/store/store.ts";
import type { Webhook } from "../../src/store/webhook.ts";
import { type Answer, openTestApp, type TestApp, type TestAppOptions } from "./app.ts";
import { change, madridFields, mugFields } from "./commands.ts";
import type { Things } from "./requests.ts";

export interface Wanted {
  readonly store?: string;
  readonly otherStore?: string;
  readonly customer?: string;
  /** Where the second line of the group is; in `store` unless said otherwise. */
  readonly groupStore?: string;
}

export interface Request {
  /** The secret of a key; null: nobody. */
  readonly as: string | null;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string | Buffer | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** The client's address. */
  readonly from?: string;
}

export interface Market extends TestApp {
  /** A request as it is: the whole path, and only the headers that are given. */
  ask(method: string, url: string, request: Request): Promise<Answer>;
  /** Things for so many requests: rows of 100 units at version 4, six of them held. */
  things(wanted: readonly Wanted[]): Promise<readonly Things[]>;
}

const keysAtOnce = 20;

/** The stores are MAD and VLC, BCN, and OLD that is closed. */
export async function openMarket(options: TestAppOptions = {}): Promise<Market> {
  const world = await openTestApp({
    webhooksMax: usedUpMax,
    ...options,
    limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0, ...options.limits },
  });
  const { given } = world;
  try {
    await given(
      ...["MAD", "VLC", "BCN", "OLD"].map(
        (id): Action => ({
          kind: "CreateStore",
          id,
          fields: { ...madridFields, active: id !== "OLD" },
        }),
      ),
    );
  } catch (error) {
    await world.close();
    throw error;
  }
  return {
    ...world,
    ask: (method, url, request) => ask(world, method, url, request),
    async things(wanted) {
      const all = wanted.map((one) => newThings(one));
      await given(...all.flatMap(({ catalogue }) => catalogue));
      await given(...all.flatMap(({ stock }) => stock));
      await given(...all.flatMap(({ holds }) => holds));
      const made: Things[] = [];
      // A few at once: all of them would wait in one queue for a connection, longer than one may.
      for (let first = 0; first < all.length; first += keysAtOnce) {
        const some = all.slice(first, first + keysAtOnce).map(async ({ things }) => {
          const { id, secret } = await world.addKey({ role: "vendor", name: "to use up" });
          const webhook = await addWebhook(world.store);
          return { ...things, key: id, secret, webhook };
        });
        made.push(...(await Promise.all(some)));
      }
      return made;
    },
  };
}

/** Tests use up one for each request. */
const usedUpMax = 1_000_000;

/** To a port where nobody listens. */
async function addWebhook({ webhooks }: Store): Promise<string> {
  const id = newId();
  const hook: Webhook = {
    id,
    url: "http://127.0.0.1:9/",
    description: null,
    types: "*",
    stores: "*",
    secret: newWebhookSecret(),
    oldSecret: null,
    oldSecretUntil: null,
    state: "paused",
    cursor: 0,
    attempts: 0,
    dueAt: 0,
    trouble: null,
    createdAt: 0,
    updatedAt: 0,
  };
  assert.ok(await webhooks.add(hook, usedUpMax));
  const failed = { eventType: "stock.low", at: 0, durationMs: 1, status: null, error: "away" };
  for (const eventId of ["e-1", "e-2"]) {
    await webhooks.note(id, { id: newId(), seq: 1, eventId, ...failed });
  }
  return id;
}

export async function ask(
  { app }: Pick<TestApp, "app">,
  method: string,
  url: string,
  { as, body, headers = {}, from }: Request,
): Promise<Answer> {
  const answer = await app.inject({
    method: method as "GET",
    url,
    headers: {
      ...(as === null ? {} : { "x-api-key": as }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: body }),
    ...(from === undefined ? {} : { remoteAddress: from }),
  });
  const { statusCode: status, payload: text } = answer;
  const isJson = text !== "" && /[/+]json/.test(String(answer.headers["content-type"]));
  return { status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : {} };
}

function newThings({ store = "MAD", otherStore = "VLC", customer = "ann", ...wanted }: Wanted) {
  const [product, bareProduct, bareStore] = [newId(), newId(), newId()];
  const [reservation, group] = [newId(), newId()];
  const { groupStore = store } = wanted;
  const made = (id: string): Action => ({
    kind: "CreateProduct",
    id,
    fields: { ...mugFields, sku: id },
  });
  const filled = (storeId: string): Action => ({
    kind: "ChangeStock",
    change: change({ productId: product, storeId, amount: 100 }),
  });
  const held = (groupId: string | null, lines: readonly (readonly [string, string])[]): Action => ({
    kind: "Reserve",
    groupId,
    customerId: customer,
    ttlMs: 600_000,
    metadata: null,
    lines: lines.map(([id, storeId]) => ({
      reservationId: id,
      idBrought: false,
      productId: product,
      storeId,
      quantity: 2,
    })),
  });
  const things = { product, sku: product, bareProduct, store, otherStore, bareStore, customer };
  return {
    things: { ...things, reservation, group },
    catalogue: [
      made(product),
      made(bareProduct),
      { kind: "CreateStore", id: bareStore, fields: madridFields } satisfies Action,
    ],
    stock: [...new Set([store, groupStore])].map(filled),
    holds: [
      held(null, [[reservation, store]]),
      held(group, [
        [newId(), store],
        [newId(), groupStore],
      ]),
    ],
  };
}

/** When they were last used is written now and then, whatever was done with them. */
async function keysOf(store: Store): Promise<Page<ApiKey>> {
  const page = await store.keys({ after: null, limit: 100_000 });
  return { ...page, items: page.items.map((key) => ({ ...key, lastUsedAt: null })) };
}

/** What the database holds, as text: the same text, the same state. */
export async function stateOf({ store }: Pick<TestApp, "store">): Promise<string> {
  const whole = { after: null, limit: 100_000 } as const;
  const everything = { storeId: null, productId: null, customerId: null, status: null } as const;
  const state = await Promise.all([
    store.head(),
    store.products({ ...whole, search: null, category: null }),
    store.places(whole),
    store.lowStock({ ...whole, threshold: 1_000_000_000, storeId: null, stores: "*" }),
    store.reservations({ ...whole, ...everything, stores: "*" }),
    keysOf(store),
    store.webhooks.list(whole),
  ]);
  for (const part of state) if ("next" in part) assert.equal(part.next, null, "all of it was read");
  return JSON.stringify(state);
}
