// Addresses and queries that look like ours and are not: what nobody knows is refused or not there, the
// same at every route, and what is only written in an unusual way is found.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pathParamLengthMax, skuLengthMax } from "../../src/limits.ts";
import { exampleOf, type Hostile, openHostile, reads, writes } from "../support/hostile.ts";
import { assertInvalid, assertProblem } from "../support/shop.ts";

let it: Hostile;
before(async () => {
  it = await openHostile();
});
after(() => it.close());

const isOpen = (name: string): boolean => /\/docs|openapi|livez|readyz|health|metrics/.test(name);

describe("a query parameter that a route does not know", () => {
  test("is refused by name at every route, and nothing is done", async () => {
    await it.changesNothing(async () => {
      for (const name of [...reads, "GET /api/v1/events/stream", ...writes]) {
        if (isOpen(name)) continue;
        const { url } = exampleOf(name, it.things);
        for (const query of ["unknown=1", "unknown", "unknown=1&unknown=2"]) {
          const whole = `${url}${url.includes("?") ? "&" : "?"}${query}`;
          assertInvalid(await it.send(name, { url: whole }), "?unknown");
        }
      }
    });
  });

  test("is let be at pages and probes, which tools mark for themselves", async () => {
    for (const name of reads.filter(isOpen)) {
      const { url } = exampleOf(name, it.things);
      assert.equal((await it.send(name, { url: `${url}?v=1` })).status, 200, name);
    }
  });

  test("a bare question mark is no parameter", async () => {
    const { url } = exampleOf("GET /api/v1/products/:id", it.things);
    assert.equal((await it.market.ask("GET", `${url}?`, { as: it.admin })).status, 200);
  });
});

describe("an address without the id that it ends in", () => {
  const { product, store } = { product: "mug", store: "MAD" };
  const empty = [
    "/products/",
    "/products/?limit=1",
    "/products//availability",
    "/products/sku/",
    "/stores/",
    "/reservations/",
    "/reservations//confirm",
    "/reservation-groups/",
    "/api-keys/",
    `/stock/${product}/`,
    `/stock//${store}`,
    "/stock/product/",
    "/stock/store/",
  ];
  test("is not there, for whom and by which method ever", async () => {
    await it.changesNothing(async () => {
      for (const path of empty) {
        for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
          for (const as of [it.admin, null]) {
            const answer = await it.market.ask(method, `/api/v1${path}`, { as });
            assertProblem(answer, 404, "route_not_found");
          }
        }
      }
    });
  });
});

describe("a part of an address that is written in escapes", () => {
  const skus = [
    ["four bytes for each character", "😀".repeat(skuLengthMax)],
    ["three bytes for each character", "店".repeat(skuLengthMax)],
    ["some of many bytes", "é😀x".repeat(20)],
  ] as const;
  for (const [title, sku] of skus) {
    test(`is found by what it says: ${title}`, async () => {
      const body = { sku, name: "Mug", price: 1 };
      const made = await it.send("POST /api/v1/products", { body });
      const url = `/api/v1/products/sku/${encodeURIComponent(sku)}`;
      const found = await it.send("GET /api/v1/products/sku/:sku", { url });
      assert.deepEqual(found.body, made.body);
    });
  }

  test("is found where plain letters are escaped too", async () => {
    const { product } = it.things;
    const escaped = [...product].map((one) => `%${one.charCodeAt(0).toString(16)}`).join("");
    const found = await it.send("GET /api/v1/products/:id", { url: `/api/v1/products/${escaped}` });
    assert.equal(found.body["id"], product);
  });

  test("that is longer than any id is refused, by its name up to a length", async () => {
    const ask = (part: string) =>
      it.send("GET /api/v1/products/sku/:sku", { url: `/api/v1/products/sku/${part}` });
    assertInvalid(await ask(encodeURIComponent("😀".repeat(skuLengthMax + 1))), "{sku}");
    assertInvalid(await ask("x".repeat(pathParamLengthMax)), "{sku}");
    assertProblem(await ask("x".repeat(pathParamLengthMax + 1)), 400, "validation_failed");
  });
});
