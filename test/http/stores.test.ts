// Stores over HTTP: made, changed, closed, deleted, and what becomes of writes to one that is closed. Each
// route by its documented answers.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { newId } from "../../src/lib/ids.ts";
import type { Call } from "../support/app.ts";
import {
  assertInvalid,
  assertProblem,
  idsOf,
  listOf,
  openShop,
  type Shop,
  textOf,
} from "../support/shop.ts";

let shop: Shop;
before(async () => {
  shop = await openShop();
});
after(async () => {
  await shop.mustBeSound();
  await shop.close();
});

const everything = {
  name: "Sevilla Centro",
  address: "Calle Sierpes 1",
  city: "Sevilla",
  country: "España",
  phone: "+34 954 000 000",
  email: "sevilla@example.com",
  active: true,
};
const nothing = { address: null, city: null, country: null, phone: null, email: null };

/** A store with all its fields; answers its id. */
async function made(over: object = {}): Promise<string> {
  const body = { ...everything, ...over };
  return textOf((await shop.call("POST", "/stores", { body })).body, "id");
}
const get = (id: string, call: Call = {}) => shop.call("GET", `/stores/${id}`, call);
const put = (id: string, body: object, headers = {}) =>
  shop.call("PUT", `/stores/${id}`, { body, headers });
const patch = (id: string, body: object, headers = {}) =>
  shop.call("PATCH", `/stores/${id}`, { body, headers });
const remove = (id: string, headers = {}) => shop.call("DELETE", `/stores/${id}`, { headers });

/** The last event of a store. */
async function lastEvent(id: string): Promise<Record<string, unknown>> {
  const { body } = await shop.call("GET", `/events?store_id=${id}&limit=500`);
  const event = listOf(body).at(-1);
  assert.ok(event);
  return event;
}

describe("GET /stores: 200", () => {
  test("lists them in the order in which they were made, the closed ones too", async () => {
    const { status, body } = await shop.call("GET", "/stores");
    assert.equal(status, 200);
    assert.deepEqual(idsOf(body).slice(0, 3), ["MAD", "BCN", "OLD"]);
  });

  test("pages hold each store once, and deleted ones not at all", async () => {
    const gone = await made();
    await remove(gone);
    const last = await made();
    const found: string[] = [];
    let cursor: unknown = null;
    do {
      const query = typeof cursor === "string" ? `&cursor=${cursor}` : "";
      const { body } = await shop.call("GET", `/stores?limit=2${query}`);
      found.push(...idsOf(body));
      cursor = body["next_cursor"];
    } while (cursor !== null);
    assert.equal(new Set(found).size, found.length);
    assert.equal(found.at(-1), last);
    assert.ok(!found.includes(gone));
  });
});

describe("GET /stores/:id", () => {
  test("200 with all that is known of it", async () => {
    const id = await made();
    const { status, headers, body } = await get(id);
    assert.equal(status, 200);
    assert.equal(headers["etag"], '"v1"');
    const { created_at, updated_at, ...rest } = body;
    assert.equal(created_at, updated_at);
    assert.match(String(created_at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(rest, { id, ...everything, version: 1 });
  });

  test("304 for who has that version, 200 again when it changes", async () => {
    const id = await made();
    const headers = { "if-none-match": '"v1"' };
    assert.deepEqual(
      [(await get(id, { headers })).status, (await get(id, { headers })).text],
      [304, ""],
    );
    await patch(id, { name: "Other" });
    assert.equal((await get(id, { headers })).body["name"], "Other");
  });

  test("404 where there never was one", async () => {
    assertProblem(await get("NOWHERE"), 404, "store_not_found", { store_id: "NOWHERE" });
  });
});

describe("POST /stores", () => {
  test("201 with what was given, and where it is", async () => {
    const id = `SEV-${newId()}`;
    const { status, headers, body } = await shop.call("POST", "/stores", {
      body: { id, ...everything },
    });
    assert.equal(status, 201);
    assert.equal(headers["location"], `/api/v1/stores/${id}`);
    assert.equal(headers["etag"], '"v1"');
    assert.partialDeepStrictEqual(body, { id, ...everything, version: 1 });
    assert.deepEqual((await get(id)).body, body);
  });

  test("201 with a name alone: an id is made, the store is open, the rest is null", async () => {
    const { body } = await shop.call("POST", "/stores", { body: { name: "x" } });
    assert.match(textOf(body, "id"), /^[0-9a-f-]{36}$/);
    assert.partialDeepStrictEqual(body, { name: "x", ...nothing, active: true });
  });

  test("the log says who made it, and what it is", async () => {
    const id = await made();
    assert.partialDeepStrictEqual(await lastEvent(id), {
      type: "store.created",
      aggregate_type: "store",
      aggregate_id: id,
      store_id: id,
      product_id: null,
      actor: "key:admin",
      payload: { ...everything, version: 1 },
    });
  });

  test("the same Idempotency-Key makes it once", async () => {
    const call = { body: { name: "once" }, headers: { "idempotency-key": newId() } };
    const first = await shop.call("POST", "/stores", call);
    const again = await shop.call("POST", "/stores", call);
    assert.equal(again.text, first.text);
    assert.equal(again.headers["idempotent-replayed"], "true");
  });

  const wrong: readonly (readonly [body: object, path: string])[] = [
    [{}, "/name"],
    [{ name: "" }, "/name"],
    [{ name: " " }, "/name"],
    [{ name: "x".repeat(201) }, "/name"],
    [{ name: "a\nb" }, "/name"],
    [{ name: "x", id: "a b" }, "/id"],
    [{ name: "x", id: "transfer" }, "/id"],
    [{ name: "x", active: "yes" }, "/active"],
    [{ name: "x", city: 1 }, "/city"],
    [{ name: "x", version: 3 }, "/version"],
  ];
  for (const [body, path] of wrong) {
    test(`400 for ${JSON.stringify(body).slice(0, 40)} names ${path}`, async () => {
      assertInvalid(await shop.call("POST", "/stores", { body }), path);
    });
  }

  test("409 id_taken, also by a store that was deleted: its history is filed under it", async () => {
    const gone = await made();
    await remove(gone);
    for (const id of ["MAD", gone]) {
      const answer = await shop.call("POST", "/stores", { body: { id, name: "x" } });
      assertProblem(answer, 409, "id_taken", { id });
    }
  });
});

describe("PUT /stores/:id", () => {
  test("200: what is left out is null, and the store is open", async () => {
    const id = await made({ active: false });
    const { status, headers, body } = await put(id, { name: "New" });
    assert.equal(status, 200);
    assert.equal(headers["etag"], '"v2"');
    assert.partialDeepStrictEqual(body, { id, name: "New", ...nothing, active: true, version: 2 });
    assert.equal((await lastEvent(id))["type"], "store.updated");
  });

  test("200 for the version that was seen, and for any", async () => {
    const id = await made();
    for (const version of ['"v1"', '"v2"', "*"]) {
      assert.equal((await put(id, { name: "x" }, { "if-match": version })).status, 200);
    }
  });

  test("412 for another version, with the one that it has; nothing is changed", async () => {
    const id = await made();
    const facts = { current_version: 1, expected_version: 7 };
    assertProblem(
      await put(id, { name: "x" }, { "if-match": '"v7"' }),
      412,
      "version_mismatch",
      facts,
    );
    assert.partialDeepStrictEqual((await get(id)).body, { ...everything, version: 1 });
  });

  test("400 without a name, 404 without a store", async () => {
    assertInvalid(await put("MAD", { city: "x" }), "/name");
    assertProblem(await put("NOWHERE", { name: "x" }), 404, "store_not_found");
  });
});

describe("PATCH /stores/:id", () => {
  test("200: only what is named changes, and null takes away", async () => {
    const id = await made();
    const { status, body } = await patch(id, { city: "Utrera", phone: null });
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, { ...everything, city: "Utrera", phone: null, version: 2 });
  });

  test("of two changes from one version one is made", async () => {
    const id = await made();
    const both = await Promise.all(
      ["one", "two"].map((name) => patch(id, { name }, { "if-match": '"v1"' })),
    );
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412]);
    assert.equal((await get(id)).body["version"], 2);
  });

  test("400 for nothing, for a name that is null and for what is not known", async () => {
    assertInvalid(await patch("MAD", {}), "");
    assertInvalid(await patch("MAD", { name: null }), "/name");
    assertInvalid(await patch("MAD", { id: "x" }), "/id");
  });

  test("404 without a store", async () => {
    assertProblem(await patch("NOWHERE", { name: "x" }), 404, "store_not_found");
  });

  test("a new name shows in availability at once", async () => {
    const id = await made();
    const mug = await shop.product({ [id]: 1 });
    const named = async () =>
      listOf((await shop.call("GET", `/products/${mug}/availability`)).body, "stores")[0]?.[
        "store_name"
      ];
    assert.equal(await named(), "Sevilla Centro");
    await patch(id, { name: "Sevilla Este" });
    assert.equal(await named(), "Sevilla Este");
  });
});

describe("DELETE /stores/:id", () => {
  test("204: it is gone from reads, and the log says so", async () => {
    const id = await made();
    const { status, text } = await remove(id);
    assert.deepEqual([status, text], [204, ""]);
    assertProblem(await get(id), 404, "store_not_found");
    assertProblem(await remove(id), 404, "store_not_found");
    assertProblem(await patch(id, { name: "x" }), 404, "store_not_found");
    assert.equal((await lastEvent(id))["type"], "store.archived");
  });

  test("409 store_in_use while it has units, with how many; it can be closed instead", async () => {
    const id = await made();
    await shop.product({ [id]: 3 });
    const mug = await shop.product({ [id]: 4 });
    assertProblem(await remove(id), 409, "store_in_use", { store_id: id, quantity: 7 });
    assert.equal((await patch(id, { active: false })).status, 200);
    assertProblem(await remove(id), 409, "store_in_use");
    assert.equal((await shop.row(mug, id)).quantity, 4);
  });

  test("204 once its rows are empty", async () => {
    const id = await made();
    const mug = await shop.product({ [id]: 2 });
    await shop.call("POST", "/stock/transfer", {
      body: { product_id: mug, from_store_id: id, to_store_id: "MAD", quantity: 2 },
    });
    assert.equal((await remove(id)).status, 204);
  });

  test("412 for another version, and it is still there", async () => {
    const id = await made();
    const facts = { current_version: 1, expected_version: 2 };
    assertProblem(await remove(id, { "if-match": '"v2"' }), 412, "version_mismatch", facts);
    assert.equal((await get(id)).status, 200);
    assert.equal((await remove(id, { "if-match": '"v1"' })).status, 204);
  });
});

describe("a store that is closed", () => {
  let id: string;
  let mug: string;
  let held: string;
  before(async () => {
    id = await made();
    mug = await shop.product({ [id]: 10, MAD: 10 });
    const { body } = await shop.reserve({ product_id: mug, store_id: id });
    held = textOf(body, "id");
    await patch(id, { active: false });
  });

  test("takes no write of stock and no hold, and each is told why", async () => {
    const place = { product_id: mug, store_id: id };
    const move = { product_id: mug, quantity: 1 };
    const writes: readonly (readonly [method: string, url: string, body: object])[] = [
      ["POST", "/stock", { ...place, quantity_change: 1, reason: "RESTOCK" }],
      ["PUT", `/stock/${mug}/${id}`, { quantity: 1 }],
      ["POST", `/stock/${mug}/${id}/adjust`, { adjustment: 1, reason: "RETURN" }],
      ["POST", "/stock/transfer", { ...move, from_store_id: id, to_store_id: "MAD" }],
      ["POST", "/stock/transfer", { ...move, from_store_id: "MAD", to_store_id: id }],
      ["POST", "/reservations", { ...place, quantity: 1, customer_id: "ann" }],
      ["POST", `/reservations/${held}/confirm`, {}],
      ["POST", `/reservations/${held}/extend`, { ttl: 60 }],
    ];
    for (const [method, url, body] of writes) {
      const answer = await shop.call(method, url, { body });
      assertProblem(answer, 409, "store_inactive", { store_id: id });
    }
    assert.partialDeepStrictEqual(await shop.row(mug, id), { quantity: 10, reserved: 1 });
  });

  test("is read like any other, but offers nothing to customers", async () => {
    assert.equal((await shop.call("GET", `/stock/${mug}/${id}`)).status, 200);
    const { body } = await shop.call("GET", `/products/${mug}/availability`);
    assert.deepEqual(
      listOf(body, "stores").map((one) => one["store_id"]),
      ["MAD"],
    );
    assert.equal(body["total_quantity"], 10);
  });

  test("lets a hold go, and works again when it is opened", async () => {
    assert.equal((await shop.call("POST", `/reservations/${held}/cancel`)).status, 200);
    await patch(id, { active: true });
    assert.equal((await shop.reserve({ product_id: mug, store_id: id })).status, 201);
  });
});
