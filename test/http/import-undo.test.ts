// Undoing imports: what is taken back and what stays, by whom, again, by two at once, and that nobody can pass off what
// they write for a part of it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { newId } from "../../src/lib/ids.ts";
import { importFile, undoImport } from "../support/import-lines.ts";
import { openShop, type Shop, textOf } from "../support/shop.ts";

let shop: Shop;
before(async () => {
  shop = await openShop();
});
after(() => shop.close());

const sell = (product_id: string, units: number) =>
  shop.call("POST", "/stock", {
    body: { product_id, store_id: "MAD", quantity_change: -units, reason: "SALE" },
  });

describe("undoing an import", () => {
  test("takes back what it may, names the rest, and does nothing twice", async () => {
    const [free, held, made] = [
      await shop.product({ MAD: 10 }),
      await shop.product({ MAD: 0 }),
      await shop.product({}),
    ];
    const file = `sku,store_id,quantity_change,reorder_point\n${free},MAD,-4,2\n${held},MAD,5,\n${made},BCN,3,\n`;
    const done = await importFile(shop, "stock?mode=apply", file);
    assert.deepEqual(done.counts, [1, 2, 0, 0]);
    assert.equal((await shop.reserve({ product_id: held, quantity: 3 })).status, 201);
    await sell(free, 1);
    const undone = await undoImport(shop, done.importId);
    assert.equal(
      undone.lines[0]?.rows,
      4,
      "a reorder point beside a delivery is a change of its own",
    );
    assert.deepEqual(
      undone.of("refused").map(({ row, code }) => [row, code]),
      [[3, "insufficient_stock"]],
    );
    const row = await shop.row(free);
    assert.deepEqual([row.quantity, row.reorderPoint], [9, null], "what was sold since stays sold");
    assert.deepEqual(
      [(await shop.row(held)).quantity, (await shop.row(made, "BCN")).quantity],
      [5, 0],
    );
    const again = await undoImport(shop, done.importId);
    assert.deepEqual(again.counts, [0, 0, 3, 1]);
    assert.equal((await shop.row(free)).quantity, 9);
    await shop.mustBeSound();
  });

  test("is the importer's own, or an admin's", async () => {
    const id = await shop.product({ MAD: 1 });
    const file = `sku,store_id,quantity\n${id},MAD,6\n`;
    const { importId } = await importFile(shop, "stock?mode=apply", file, { as: "manager" });
    assert.deepEqual((await undoImport(shop, importId, "vendor")).counts, [0, 0, 0, 0]);
    assert.equal((await shop.row(id)).quantity, 6);
    assert.deepEqual((await undoImport(shop, importId, "admin")).counts, [0, 1, 0, 0]);
    assert.equal((await shop.row(id)).quantity, 1);
  });

  test("archives products and stores that it made, and puts back the fields of others", async () => {
    const [old, changed, fresh, store] = [
      await shop.product({}),
      await shop.product({}),
      newId(),
      newId(),
    ];
    await shop.call("POST", "/stores", { body: { id: store, name: "Old name", city: "Jaca" } });
    const products = await importFile(
      shop,
      "products?mode=apply",
      `id,sku,name,price\n${old},${old},New,1\n${changed},${changed},New,1\n${fresh},${fresh},New,1\n`,
    );
    const stores = await importFile(
      shop,
      "stores?mode=apply",
      `id,name,city\n${store},New name,\n`,
    );
    await shop.call("PATCH", `/products/${changed}`, { body: { price: 2 } });
    const undone = await undoImport(shop, products.importId);
    assert.deepEqual(
      undone.of("refused").map(({ row, code }) => [row, code]),
      [[3, "version_mismatch"]],
    );
    const { body } = await shop.call("GET", `/products/${old}`);
    assert.partialDeepStrictEqual(body, { name: "Mug", sku: old });
    assert.equal((await shop.call("GET", `/products/${fresh}`)).status, 404);
    assert.deepEqual((await undoImport(shop, stores.importId)).counts, [0, 1, 0, 0]);
    const place = (await shop.call("GET", `/stores/${store}`)).body;
    assert.partialDeepStrictEqual(place, { name: "Old name", city: "Jaca" });
    assert.deepEqual((await undoImport(shop, products.importId, "vendor")).counts, [0, 0, 0, 0]);
  });

  test("is tried again where it was refused, when what was in its way is gone", async () => {
    const id = await shop.product({ MAD: 0 });
    const file = `sku,store_id,quantity_change\n${id},MAD,5\n`;
    const { importId } = await importFile(shop, "stock?mode=apply", file);
    const { body } = await shop.reserve({ product_id: id, quantity: 3 });
    const hold = textOf(body, "id");
    for (const _time of [1, 2]) {
      assert.deepEqual((await undoImport(shop, importId)).counts, [0, 0, 0, 1]);
    }
    await shop.call("POST", `/reservations/${hold}/cancel`);
    assert.deepEqual((await undoImport(shop, importId)).counts, [0, 1, 0, 0]);
    assert.equal((await shop.row(id)).quantity, 0);
  });

  test("by two at once takes nothing back twice", async () => {
    const id = await shop.product({ MAD: 100 });
    const file = `sku,store_id,quantity_change\n${`${id},MAD,1\n`.repeat(50)}`;
    const { importId } = await importFile(shop, "stock?mode=apply", file, { as: "manager" });
    assert.equal((await shop.row(id)).quantity, 150);
    await Promise.all(["manager", "admin"].map((as) => undoImport(shop, importId, as)));
    assert.equal((await shop.row(id)).quantity, 100);
  });

  test("goes by the ids of requests, which nobody else may write", async () => {
    const id = await shop.product({ MAD: 10 });
    const file = `sku,store_id,quantity_change\n${id},MAD,5\n`;
    const { importId } = await importFile(shop, "stock?mode=apply", file, { as: "manager" });
    const { seq } = await shop.store.head();
    const forge = async (requestId: string, quantity_change: number) => {
      const answer = await shop.call("POST", "/stock", {
        as: "vendor",
        headers: { "x-request-id": requestId },
        body: { product_id: id, store_id: "MAD", quantity_change, reason: "RETURN" },
      });
      assert.equal(answer.status, 200);
      assert.notEqual(answer.headers["x-request-id"], requestId);
    };
    // As if it were undone, and as if it were of it.
    await forge(`undo-${importId}-${seq}`, 1);
    await forge(`import-${importId}-3`, 2);
    assert.deepEqual((await undoImport(shop, importId)).counts, [0, 1, 0, 0]);
    assert.equal((await shop.row(id)).quantity, 13);
  });

  test("of an import that was not is nothing", async () => {
    assert.deepEqual((await undoImport(shop, newId())).counts, [0, 0, 0, 0]);
  });
});
