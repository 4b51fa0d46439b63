// Which column is which field: our names, Shopify's and Square's files as they come, and --map.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { columnsOf } from "./columns.ts";
import { type Kind, mappingOf } from "./mapping.ts";

const none: Parameters<typeof mappingOf>[2] = { named: {}, hasStore: false };
const columns = (kind: Kind, head: readonly string[], options = none) =>
  Object.fromEntries(mappingOf(kind, head, options).columns);

const shopify = [
  "Handle",
  "Title",
  "Option1 Name",
  "Option1 Value",
  "SKU",
  "HS Code",
  "COO",
  "Location",
  "Bin name",
  "Incoming (not editable)",
  "Unavailable (not editable)",
  "Committed (not editable)",
  "Available (not editable)",
  "On hand (current)",
  "On hand (new)",
];

describe("columns", () => {
  test("of Shopify's inventory file: what is to be on hand, by SKU and location", () => {
    assert.deepEqual(columns("stock", shopify), {
      sku: "SKU",
      store_id: "Location",
      quantity: "On hand (new)",
    });
    const older = ["Handle", "Title", "SKU", "Location", "Available", "On hand"];
    assert.equal(columns("stock", older)["quantity"], "On hand");
  });

  test("of Square's library: a count in each store's column, by the store's name", () => {
    const head = [
      "Token",
      "Item Name",
      "SKU",
      "Price",
      "Current Quantity Madrid",
      "New Quantity Madrid",
      "New Quantity Plaza Catalunya",
    ];
    const { counts, unused } = mappingOf("stock", head, none);
    assert.deepEqual(
      [...counts],
      [
        ["New Quantity Madrid", "Madrid"],
        ["New Quantity Plaza Catalunya", "Plaza Catalunya"],
      ],
    );
    assert.deepEqual(unused, ["Token", "Item Name", "Price", "Current Quantity Madrid"]);
    assert.deepEqual(columns("products", head), { sku: "SKU", name: "Item Name", price: "Price" });
  });

  test("of an exported file are its fields, and what is only told is not used", () => {
    const { columns: found, unused } = mappingOf("stock", columnsOf.stock, none);
    assert.deepEqual([...found.keys()].sort(), [
      "product_id",
      "quantity",
      "reorder_point",
      "sku",
      "store_id",
    ]);
    assert.ok(unused.includes("reserved") && unused.includes("available"));
  });

  test("that the caller names win", () => {
    const head = ["Art=Nr", "Menge", "sku"];
    const named = { sku: "Art=Nr", quantity_change: "Menge" };
    assert.deepEqual(columns("stock", head, { named, hasStore: true }), {
      sku: "Art=Nr",
      quantity_change: "Menge",
    });
  });

  test("that are missing or misspelt are named, with what the file has", () => {
    const refused = (kind: Kind, head: string[], named: Record<string, string> = {}) => {
      try {
        mappingOf(kind, head, { named, hasStore: false });
      } catch (error) {
        return String(error);
      }
      return "accepted";
    };
    assert.match(refused("products", ["name"]), /no column is sku\. The file has: name/);
    assert.match(
      refused("stock", ["sku", "quantity"]),
      /store_id \(or name a store for all rows\)/,
    );
    assert.match(refused("stock", ["sku", "store_id"]), /no column is quantity/);
    assert.match(
      refused("stock", ["sku", "store_id", "quantity", "quantity_change"]),
      /a row is a count or a change/,
    );
    assert.match(refused("stores", ["id"], { id: "Code" }), /the file has no column "Code"/);
    assert.match(refused("stores", ["id"], { colour: "id" }), /fields are id, name/);
  });
});
