// The catalogue over HTTP: lists and reads, creation, replacement, change and archiving, each by its
// documented answers. Every test works on products of its own.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { newId } from "../../src/lib/ids.ts";
import type { Answer } from "../support/app.ts";
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
after(() => shop.close());

/** A product that nobody else has, by the API. */
async function made(over: object = {}): Promise<Answer> {
  const sku = newId();
  const body = { sku, name: `Mug ${sku}`, price: 9.95, ...over };
  const answer = await shop.call("POST", "/products", { body });
  assert.equal(answer.status, 201, answer.text);
  return answer;
}

const idOf = ({ body }: Answer): string => textOf(body, "id");
const skuOf = ({ body }: Answer): string => textOf(body, "sku");
const whole = (over: object = {}) => ({ sku: newId(), name: "Mug", price: 1, ...over });

describe("GET /products: 200", () => {
  const list = (query: string) => shop.call("GET", `/products?${query}`, { as: null });

  test("nobody has to sign in to read the catalogue", async () => {
    const mug = await made();
    const { status, body } = await list("limit=500");
    assert.equal(status, 200);
    assert.ok(idsOf(body).includes(idOf(mug)));
  });

  test("search finds a piece of the name or of the SKU, whatever the case and the accents", async () => {
    const word = newId();
    const byName = await made({ name: `Café ${word} grande` });
    const bySku = await made({ sku: `K-${word}` });
    for (const search of [word, word.toUpperCase()]) {
      assert.deepEqual(idsOf((await list(`search=${search}`)).body), [idOf(byName), idOf(bySku)]);
    }
    const accents = await list(`search=${encodeURIComponent(`CAFE ${word}`)}`);
    assert.deepEqual(idsOf(accents.body), [idOf(byName)]);
  });

  test("search takes its text as it is, without wildcards", async () => {
    for (const search of ["%25", "_____", "%27%20OR%201%3D1"]) {
      const { status, body } = await list(`search=${search}`);
      assert.deepEqual([status, idsOf(body)], [200, []], search);
    }
  });

  test("category is the whole category", async () => {
    const category = newId();
    const mug = await made({ category });
    assert.deepEqual(idsOf((await list(`category=${category}`)).body), [idOf(mug)]);
    assert.deepEqual(idsOf((await list(`category=${category.slice(1)}`)).body), []);
  });

  test("pages give every product once, also while others are created", async () => {
    const category = newId();
    const ids = [await made({ category }), await made({ category }), await made({ category })];
    const first = await list(`category=${category}&limit=2`);
    ids.push(await made({ category }));
    const second = await list(
      `category=${category}&limit=2&cursor=${textOf(first.body, "next_cursor")}`,
    );
    assert.deepEqual([...idsOf(first.body), ...idsOf(second.body)], ids.map(idOf));
    assert.equal(second.body["next_cursor"], null);
  });
});

describe("GET /products: 400", () => {
  for (const [query, path] of [
    ["limit=0", "?limit"],
    ["limit=501", "?limit"],
    ["limit=1.5", "?limit"],
    ["search=", "?search"],
    ["search=%00", "?search"],
    [`category=${"c".repeat(101)}`, "?category"],
    ["sort=name", "?sort"],
  ] as const) {
    test(`${query.slice(0, 20)} is refused by name`, async () => {
      assertInvalid(await shop.call("GET", `/products?${query}`), path);
    });
  }

  test("a cursor of another list is refused", async () => {
    const { body } = await shop.call("GET", "/stores?limit=1");
    const cursor = textOf(body, "next_cursor");
    assertProblem(await shop.call("GET", `/products?cursor=${cursor}`), 400, "invalid_cursor");
  });
});

describe("GET /products/{id} and /products/sku/{sku}: 200", () => {
  test("a product by its id and by its SKU is the same, with its version as ETag", async () => {
    const mug = await made({ description: "Two\nlines", category: "Cups" });
    const byId = await shop.call("GET", `/products/${idOf(mug)}`, { as: null });
    const bySku = await shop.call("GET", `/products/sku/${skuOf(mug)}`, { as: null });
    for (const answer of [byId, bySku]) {
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["etag"], '"v1"');
      assert.deepEqual(answer.body, mug.body);
    }
  });

  test("an SKU may have characters that an address has to escape", async () => {
    const sku = `Ñ/ ${newId()}?#%`;
    const mug = await made({ sku });
    const { body } = await shop.call("GET", `/products/sku/${encodeURIComponent(sku)}`);
    assert.equal(body["id"], idOf(mug));
  });
});

describe("GET /products/{id} and /products/sku/{sku}: 304", () => {
  test("whoever has this version gets no body; whoever has an older one gets the product", async () => {
    const mug = await made();
    for (const path of [`/products/${idOf(mug)}`, `/products/sku/${skuOf(mug)}`]) {
      const same = await shop.call("GET", path, { headers: { "if-none-match": '"v1"' } });
      assert.deepEqual([same.status, same.text, same.headers["etag"]], [304, "", '"v1"']);
      const older = await shop.call("GET", path, { headers: { "if-none-match": '"v0"' } });
      assert.equal(older.status, 200);
    }
  });
});

describe("GET /products/{id} and /products/sku/{sku}: 404", () => {
  test("of what does not exist, naming what was asked for", async () => {
    const facts = { product_id: "none" };
    assertProblem(await shop.call("GET", "/products/none"), 404, "product_not_found", facts);
    const bySku = await shop.call("GET", "/products/sku/none");
    assertProblem(bySku, 404, "product_not_found", { sku: "none" });
  });
});

describe("POST /products: 201", () => {
  test("the service makes an id, and says where the product is", async () => {
    const { body, headers } = await made({ price: 0 });
    assert.match(textOf(body, "id"), /^[0-9a-f-]{36}$/);
    assert.equal(headers["location"], `/api/v1/products/${textOf(body, "id")}`);
    assert.equal(headers["etag"], '"v1"');
    const { description, category, price, version } = body;
    assert.deepEqual(
      { description, category, price, version },
      {
        description: null,
        category: null,
        price: 0,
        version: 1,
      },
    );
  });

  test("an id of one's own is taken as it is", async () => {
    const id = `prod-${newId()}`;
    assert.equal(idOf(await made({ id })), id);
  });

  test("a price keeps its cents exactly", async () => {
    for (const price of [0.1, 0.29, 1.15, 4.35, 19.99, 1_234_567.89, 9_999_999.99, 10_000_000]) {
      const { body } = await shop.call("GET", `/products/${idOf(await made({ price }))}`);
      assert.equal(body["price"], price);
    }
  });

  test("the same request under the same key makes one product and gives the same bytes", async () => {
    const call = { body: whole(), headers: { "idempotency-key": newId() } };
    const first = await shop.call("POST", "/products", call);
    const again = await shop.call("POST", "/products", call);
    assert.equal(again.text, first.text);
    assert.equal(again.headers["location"], first.headers["location"]);
    assert.equal(again.headers["idempotent-replayed"], "true");
  });
});

describe("POST /products: 400", () => {
  for (const [title, over, path] of [
    ["no SKU", { sku: undefined }, "/sku"],
    ["no name", { name: undefined }, "/name"],
    ["no price", { price: undefined }, "/price"],
    ["three decimals", { price: 9.999 }, "/price"],
    ["a negative price", { price: -0.01 }, "/price"],
    ["a price as text", { price: "9.95" }, "/price"],
    ["a price beyond the largest", { price: 10_000_000.01 }, "/price"],
    ["a blank name", { name: "  " }, "/name"],
    ["a name that is too long", { name: "n".repeat(201) }, "/name"],
    ["an SKU that is too long", { sku: "s".repeat(65) }, "/sku"],
    ["an SKU of two lines", { sku: "a\nb" }, "/sku"],
    ["a description that is too long", { description: "d".repeat(2_001) }, "/description"],
    ["an id with a slash", { id: "a/b" }, "/id"],
    ["an id that is a route", { id: "sku" }, "/id"],
    ["a field that is not known", { colour: "red" }, "/colour"],
  ] as const) {
    test(`${title} is refused by name`, async () => {
      assertInvalid(await shop.call("POST", "/products", { body: whole(over) }), path);
    });
  }
});

describe("POST /products: 403", () => {
  for (const as of ["customer", "channel", "vendor", "manager"]) {
    test(`a ${as} may not create products`, async () => {
      assertProblem(await shop.call("POST", "/products", { as, body: whole() }), 403, "forbidden");
    });
  }
});

describe("POST /products: 409", () => {
  test("an id that exists is taken, also by an archived product", async () => {
    const id = idOf(await made());
    const taken = () => shop.call("POST", "/products", { body: whole({ id }) });
    assertProblem(await taken(), 409, "id_taken", { id });
    await shop.call("DELETE", `/products/${id}`);
    assertProblem(await taken(), 409, "id_taken", { id });
  });

  test("an SKU that exists is taken, and the answer says by whom", async () => {
    const mug = await made();
    const answer = await shop.call("POST", "/products", { body: whole({ sku: skuOf(mug) }) });
    assertProblem(answer, 409, "sku_taken", { sku: skuOf(mug), product_id: idOf(mug) });
  });
});

describe("POST /products: 422", () => {
  test("a key that was used for another product is refused", async () => {
    const headers = { "idempotency-key": newId() };
    await shop.call("POST", "/products", { body: whole(), headers });
    const other = await shop.call("POST", "/products", { body: whole(), headers });
    assertProblem(other, 422, "idempotency_key_reused");
  });
});

describe("PUT /products/{id}: 200", () => {
  test("everything is replaced; what is left out becomes null", async () => {
    const mug = await made({ description: "old", category: "old" });
    const body = whole({ price: 2.5, category: "new" });
    const put = await shop.call("PUT", `/products/${idOf(mug)}`, { body });
    assert.equal(put.status, 200);
    assert.equal(put.headers["etag"], '"v2"');
    assert.partialDeepStrictEqual(put.body, { ...body, description: null, version: 2 });
    assert.deepEqual((await shop.call("GET", `/products/${idOf(mug)}`)).body, put.body);
  });
});

describe("PATCH /products/{id}: 200", () => {
  test("one field changes and the others stay", async () => {
    const mug = await made({ description: "stays", category: "goes" });
    for (const [change, version] of [
      [{ price: 3.5 }, 2],
      [{ name: "Cup" }, 3],
      [{ category: null }, 4],
    ] as const) {
      const answer = await shop.call("PATCH", `/products/${idOf(mug)}`, { body: change });
      assert.equal(answer.status, 200);
      assert.partialDeepStrictEqual(answer.body, { ...change, version, description: "stays" });
    }
  });

  test("If-Match with the current version lets the change through", async () => {
    const id = idOf(await made());
    for (const condition of ['"v1"', "*"]) {
      const headers = { "if-match": condition };
      const answer = await shop.call("PATCH", `/products/${id}`, { body: { price: 1 }, headers });
      assert.equal(answer.status, 200, condition);
    }
  });
});

const changes = [
  ["PUT", () => whole()],
  ["PATCH", () => ({ name: "Cup" })],
] as const;

for (const [method, body] of changes) {
  describe(`${method} /products/{id}: 400, 404, 409, 412`, () => {
    test("a price with three decimals, and an unknown field, are refused by name", async () => {
      const path = `/products/${idOf(await made())}`;
      const price = await shop.call(method, path, { body: { ...body(), price: 9.999 } });
      assertInvalid(price, "/price");
      const other = await shop.call(method, path, { body: { ...body(), id: "new" } });
      assertInvalid(other, "/id");
    });

    test("an If-Match that cannot be read is refused, not ignored", async () => {
      const headers = { "if-match": "1" };
      const path = `/products/${idOf(await made())}`;
      assertInvalid(await shop.call(method, path, { body: body(), headers }), "If-Match");
    });

    test("of what does not exist", async () => {
      const answer = await shop.call(method, "/products/none", { body: body() });
      assertProblem(answer, 404, "product_not_found", { product_id: "none" });
    });

    test("an SKU of another product is taken; its own is not", async () => {
      const [mug, cup] = [await made(), await made()];
      const path = `/products/${idOf(mug)}`;
      const own = await shop.call(method, path, { body: { ...body(), sku: skuOf(mug) } });
      assert.equal(own.status, 200);
      const others = await shop.call(method, path, { body: { ...body(), sku: skuOf(cup) } });
      assertProblem(others, 409, "sku_taken", { product_id: idOf(cup) });
    });

    test("an older version changes nothing and answers with the current one", async () => {
      const mug = await made();
      const path = `/products/${idOf(mug)}`;
      const headers = { "if-match": '"v7"' };
      const answer = await shop.call(method, path, { body: body(), headers });
      assertProblem(answer, 412, "version_mismatch", { current_version: 1, expected_version: 7 });
      assert.deepEqual((await shop.call("GET", path)).body, mug.body);
    });
  });
}

describe("PATCH /products/{id}: 400", () => {
  test("nothing to change is refused", async () => {
    assertInvalid(await shop.call("PATCH", `/products/${idOf(await made())}`, { body: {} }), "");
  });
});

describe("DELETE /products/{id}: 204", () => {
  test("the product is gone from reads and lists, and its SKU is free again", async () => {
    const mug = await made();
    const gone = await shop.call("DELETE", `/products/${idOf(mug)}`);
    assert.deepEqual([gone.status, gone.text], [204, ""]);
    for (const path of [`/products/${idOf(mug)}`, `/products/sku/${skuOf(mug)}`]) {
      assert.equal((await shop.call("GET", path)).status, 404, path);
    }
    const { body } = await shop.call("GET", `/products?search=${skuOf(mug)}`);
    assert.deepEqual(listOf(body), []);
    assert.notEqual(idOf(await made({ sku: skuOf(mug) })), idOf(mug));
  });

  test("a product whose stock was sold to the last unit can go, and its history stays", async () => {
    const id = await shop.product({ MAD: 1 });
    const hold = await shop.reserve({ product_id: id });
    await shop.call("POST", `/reservations/${textOf(hold.body, "id")}/confirm`);
    assert.equal((await shop.call("DELETE", `/products/${id}`)).status, 204);
    const { body } = await shop.call("GET", `/stock/${id}/MAD/history`);
    assert.deepEqual(
      listOf(body).map((event) => event["type"]),
      ["reservation.confirmed", "stock.out", "reservation.created", "stock.created"],
    );
  });
});

describe("DELETE /products/{id}: 404, 409, 412", () => {
  test("of what does not exist, or was archived", async () => {
    const path = `/products/${idOf(await made())}`;
    await shop.call("DELETE", path);
    assertProblem(await shop.call("DELETE", path), 404, "product_not_found");
  });

  test("a product with stock or held units stays", async () => {
    const id = await shop.product({ MAD: 2 });
    const facts = { product_id: id, quantity: 2 };
    assertProblem(await shop.call("DELETE", `/products/${id}`), 409, "product_in_use", facts);
    assert.equal((await shop.call("GET", `/products/${id}`)).status, 200);
  });

  test("another version stays", async () => {
    const path = `/products/${idOf(await made())}`;
    const answer = await shop.call("DELETE", path, { headers: { "if-match": '"v2"' } });
    assertProblem(answer, 412, "version_mismatch", { current_version: 1 });
    assert.equal((await shop.call("GET", path)).status, 200);
  });
});
