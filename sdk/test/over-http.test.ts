// The client and the real service together: what is lost on the way is done once, what is refused has its type, lists
// are whole, sessions work, and a subscription misses nothing over a restart.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { freePort } from "../../test/support/free-port.ts";
import { startInstance, unlimited } from "../../test/support/instance.ts";
import { until } from "../../test/support/until.ts";
import {
  createClient,
  Forbidden,
  InsufficientStock,
  isOnhandError,
  ReservationExpired,
  Unauthenticated,
  ValidationFailed,
  VersionMismatch,
} from "../src/client.ts";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;
before(async () => {
  shop = await openShop();
});
after(() => shop.close());

const row = { product_id: "mug", store_id: "BCN-001" } as const;
const wish = { ...row, quantity: 1, customer_id: "ann" } as const;

/** Asks the service, and loses so many of its answers. */
function losing(count: number): typeof fetch {
  let left = count;
  return async (input, init) => {
    const response = await fetch(input, init);
    if (left === 0) return response;
    left -= 1;
    await response.arrayBuffer();
    throw new TypeError("fetch failed");
  };
}

describe("a write whose answer is lost", () => {
  test("is done once", async () => {
    const { quantity: had } = await shop.client.stock.get("mug", "BCN-001");
    const client = shop.as({ apiKey: shop.keys.admin, fetch: losing(3) });
    const { quantity } = await client.stock.change({
      ...row,
      quantity_change: 5,
      reason: "RESTOCK",
    });
    assert.equal(quantity, had + 5);
    assert.equal((await shop.client.stock.get("mug", "BCN-001")).quantity, had + 5);
  });

  test("is told its refusal, too", async () => {
    const client = shop.as({ apiKey: shop.keys.admin, fetch: losing(2) });
    await assert.rejects(
      client.reservations.create({ ...wish, quantity: 100, customer_id: "ben" }),
      InsufficientStock,
    );
  });

  test("is refused under a key that was used for something else", async () => {
    const idempotencyKey = "one-key";
    await shop.client.reservations.create(wish, { idempotencyKey });
    const other = shop.client.reservations.create({ ...wish, quantity: 2 }, { idempotencyKey });
    await assert.rejects(other, (error) => isOnhandError(error, "idempotency_key_reused"));
  });
});

describe("a refusal has the class and the facts of its code", () => {
  const refused = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => assert.fail("it was done"),
      (error: unknown) => error,
    );

  test("insufficient_stock", async () => {
    const { available } = await shop.client.stock.get("mug", "BCN-001");
    const error = await refused(
      shop.client.reservations.create({ ...wish, quantity: 100, customer_id: "ben" }),
    );
    assert.ok(error instanceof InsufficientStock);
    assert.deepEqual([error.available, error.requested, error.status], [available, 100, 409]);
    assert.match(error.requestId ?? "", /./);
  });

  test("version_mismatch, by the body and by the header", async () => {
    const { version } = await shop.client.stock.get("mug", "BCN-001");
    const count = { quantity: 1, expected_version: version + 1 };
    const error = await refused(shop.client.stock.set("mug", "BCN-001", count));
    assert.ok(error instanceof VersionMismatch);
    assert.deepEqual([error.currentVersion, error.expectedVersion], [version, version + 1]);
    const byHeader = await refused(
      shop.client.products.change("mug", { price: 1 }, { ifVersion: 99 }),
    );
    assert.ok(byHeader instanceof VersionMismatch);
    assert.equal(byHeader.status, 412);
  });

  test("validation_failed", async () => {
    const error = await refused(shop.client.reservations.create({ ...wish, quantity: 0 }));
    assert.ok(error instanceof ValidationFailed);
    assert.deepEqual(
      error.errors.map(({ path }) => path),
      ["/quantity"],
    );
  });

  test("reservation_expired", async () => {
    const held = await shop.client.reservations.create({ ...wish, ttl: 1 });
    await until(() => Date.now() > Date.parse(held.expires_at), "it is over");
    const error = await refused(shop.client.reservations.confirm(held.id));
    assert.ok(error instanceof ReservationExpired);
    assert.ok(error.expiredAt.getTime() < Date.now());
  });

  test("unauthenticated and forbidden", async () => {
    assert.ok(
      (await refused(shop.as({ apiKey: "wrong" }).stock.summary())) instanceof Unauthenticated,
    );
    const vendor = shop.as({ apiKey: shop.keys.vendor });
    assert.ok((await refused(vendor.keys.list().page())) instanceof Forbidden);
  });

  test("batch_failed", async () => {
    const change = { ...row, quantity_change: -10_000, reason: "SALE" } as const;
    const error = await refused(shop.client.stock.batch({ changes: [change] }));
    assert.ok(isOnhandError(error, "batch_failed"));
    assert.equal(error.facts.results[0]?.error?.code, "insufficient_stock");
  });

  test("no_answer, where there is no service", async () => {
    const client = createClient({ baseUrl: `http://127.0.0.1:${await freePort()}`, retries: 0 });
    assert.ok(isOnhandError(await refused(client.health.get()), "no_answer"));
  });
});

test("lists are whole, however small their pages are", async () => {
  const names = async (limit?: number): Promise<string[]> =>
    Array.fromAsync(shop.client.stores.list({ limit }), ({ name }) => name);
  const all = await names();
  assert.ok(all.length >= 2);
  assert.deepEqual(await names(1), all);
  const events = await Array.fromAsync(shop.client.events.list({ after: 0, limit: 3 }));
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
});

test("a session signs in, asks, writes from its own pages and signs out", async () => {
  let cookie = "";
  // What a browser does for the page.
  const browser: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("cookie", cookie);
    headers.set("origin", shop.url);
    const response = await fetch(input, { ...init, headers });
    cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return response;
  };
  const page = shop.as({ fetch: browser });
  await assert.rejects(page.session.get(), Unauthenticated);
  assert.equal((await page.session.start({ key: shop.keys.admin })).by, "session");
  assert.equal((await page.session.get()).role, "admin");
  const { id } = await page.reservations.create(wish);
  assert.equal((await page.reservations.cancel(id)).status, "CANCELLED");
  await page.session.end();
  await assert.rejects(page.session.get(), Unauthenticated);
});

describe("a subscription", () => {
  test("ends when its key is withdrawn", async () => {
    const { id, key } = await shop.client.keys.create({ name: "screen", role: "admin" });
    const states: string[] = [];
    const subscription = shop.as({ apiKey: key }).events.subscribe({
      onEvent: () => undefined,
      onState: ({ state }) => states.push(state),
    });
    await until(() => subscription.state === "open", "it is open");
    await shop.client.keys.delete(id);
    assert.ok((await subscription.closed) instanceof Unauthenticated);
    assert.deepEqual(states, ["connecting", "open", "waiting", "connecting", "closed"]);
  });

  test("hears every event once over a restart of the service", async () => {
    const port = await freePort();
    const env = { ...unlimited, PORT: String(port) };
    const first = await startInstance({ env });
    const { folder, url, key } = first;
    const client = createClient({ baseUrl: url, apiKey: key });
    const [seqs, states]: [number[], string[]] = [[], []];
    const subscription = client.events.subscribe({
      after: 0,
      onEvent: ({ seq }) => seqs.push(seq),
      onState: ({ state }) => states.push(state),
    });
    const make = (name: string): Promise<unknown> => client.stores.create({ name });
    await make("one");
    await until(() => seqs.length > 0, "it hears the first");
    await first.kill();
    const second = await startInstance({ env, folder });
    await make("two");
    const { head_seq: head } = await client.events.list().page();
    await until(() => seqs.at(-1) === head, "it hears the last", 30_000);
    subscription.close();
    assert.equal(await subscription.closed, null);
    await second.stop();
    assert.deepEqual(
      seqs,
      Array.from({ length: head }, (_, index) => index + 1),
    );
    assert.ok(states.filter((state) => state === "open").length >= 2);
  });
});
