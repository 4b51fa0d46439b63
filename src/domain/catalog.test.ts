import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  did,
  given,
  held,
  hour,
  product,
  promise,
  refused,
  row,
  shop,
  start,
  stock,
  store,
} from "../../test/given.ts";
import {
  adjust,
  archiveProduct,
  archiveStore,
  cancel,
  changeProduct,
  changeStock,
  changeStore,
  createProduct,
  createStore,
  reserve,
  transfer,
} from "../../test/support/commands.ts";

const header = (version: number | "*") => ({ version, source: "header" }) as const;
const cup = product("cup", { sku: "CUP" });

describe("a product", () => {
  promise([
    {
      title: "is created with what is told of it, the price in units of currency",
      given: [],
      when: [createProduct("mug", { sku: "MUG", description: "blue", priceCents: 1_099 })],
      expect: [
        did([
          "product.created",
          {
            sku: "MUG",
            name: "Mug",
            description: "blue",
            category: null,
            price: 10.99,
            version: 1,
          },
        ]),
      ],
    },
    {
      title: "may be free",
      given: [],
      when: [createProduct("mug", { priceCents: 0 })],
      expect: [did(["product.created", { price: 0 }])],
    },
    {
      title: "has an id of its own",
      given: [cup],
      when: [createProduct("cup", { sku: "NEW" })],
      expect: [refused("id_taken", { id: "cup" })],
    },
    {
      title: "has a SKU of its own",
      given: [cup],
      when: [createProduct("mug", { sku: "CUP" }), createProduct("mug", { sku: "cup" })],
      expect: [refused("sku_taken", { sku: "CUP", productId: "cup" }), did("product.created")],
    },
    {
      title: "changes what is named and keeps the rest, one version further",
      given: [cup],
      when: [changeProduct("cup", { name: "Teacup", category: "china" })],
      expect: [
        did([
          "product.updated",
          { sku: "CUP", name: "Teacup", category: "china", price: 9.95, version: 2 },
        ]),
      ],
    },
    {
      title: "may keep its SKU in a change, but not take another's",
      given: [cup, product("mug", { sku: "MUG" })],
      when: [changeProduct("cup", { sku: "CUP" }), changeProduct("cup", { sku: "MUG" })],
      expect: [did("product.updated"), refused("sku_taken", { sku: "MUG", productId: "mug" })],
    },
    {
      title: "leaves its old SKU to others",
      given: [cup],
      when: [changeProduct("cup", { sku: "C2" }), createProduct("mug", { sku: "CUP" })],
      expect: [did("product.updated"), did("product.created")],
    },
    {
      title: "changes only at the version that the caller saw",
      given: [cup],
      when: [
        changeProduct("cup", { name: "x" }, { expected: header(1) }),
        changeProduct("cup", { name: "y" }, { expected: header(1) }),
        changeProduct("cup", { name: "z" }, { expected: header("*") }),
      ],
      expect: [
        did("product.updated"),
        refused("version_mismatch", { source: "header", expected: 1, current: 2 }),
        did("product.updated"),
      ],
    },
    {
      title: "that is not there cannot be changed or archived",
      given: [product("old", { archivedAt: start })],
      when: [
        changeProduct("cup", { name: "x" }),
        archiveProduct("cup"),
        changeProduct("old", { name: "x" }),
        archiveProduct("old"),
      ],
      expect: [
        refused("product_not_found", { productId: "cup" }),
        refused("product_not_found"),
        refused("product_not_found", { productId: "old" }),
        refused("product_not_found"),
      ],
    },
    {
      title: "is not archived while there are units of it anywhere",
      given: [shop(0), store("BCN"), stock(2, { storeId: "BCN" })],
      when: [archiveProduct("mug")],
      expect: [refused("product_in_use", { productId: "mug", quantity: 2 })],
    },
    {
      title: "is not archived while it is held",
      given: [shop(2), held("r", 2)],
      when: [archiveProduct("mug")],
      expect: [refused("product_in_use", { quantity: 2 })],
    },
    {
      title: "is archived when its rows are empty, and its rows are closed",
      given: [shop(0)],
      when: [archiveProduct("mug", { expected: header(1) }), adjust({ amount: 1 })],
      expect: [did("product.archived"), refused("product_not_found"), row({ version: 1 })],
    },
    {
      title: "that is archived runs low nowhere: its empty rows lose their reorder points",
      given: [shop(0), store("BCN"), stock(0, { storeId: "BCN", reorderPoint: 3 })],
      when: [archiveProduct("mug")],
      expect: [
        did(
          [
            "stock.updated",
            {
              quantity_change: 0,
              reason: "CORRECTION",
              note: "the product was archived",
              reorder_point: null,
              previous_reorder_point: 3,
            },
          ],
          "product.archived",
        ),
        row({ reorderPoint: null, version: 2 }, "BCN"),
        row({ version: 1 }),
      ],
    },
    {
      title: "that is archived frees its SKU and keeps its id",
      given: [cup],
      when: [
        archiveProduct("cup"),
        createProduct("cup", { sku: "OTHER" }),
        createProduct("mug", { sku: "CUP" }),
        createProduct("pot", { sku: "CUP" }),
      ],
      expect: [
        did(["product.archived", { version: 2 }]),
        refused("id_taken", { id: "cup" }),
        did("product.created"),
        refused("sku_taken", { productId: "mug" }),
      ],
    },
  ]);

  test("is written about for the whole chain", () => {
    const { outcomes } = given().when(createProduct("mug"));
    assert.partialDeepStrictEqual(outcomes[0]?.events, [
      { aggregateType: "product", aggregateId: "mug", productId: "mug", storeId: "*" },
    ]);
  });

  test("keeps the times of its making, changing and archiving", () => {
    const story = given()
      .when(createProduct("mug"))
      .later(hour)
      .when(changeProduct("mug", { name: "x" }))
      .later(hour)
      .when(archiveProduct("mug"));
    assert.partialDeepStrictEqual(story.world.database.products.get("mug"), {
      version: 3,
      createdAt: start,
      updatedAt: start + 2 * hour,
      archivedAt: start + 2 * hour,
    });
  });
});

describe("a store", () => {
  promise([
    {
      title: "is created with what is told of it",
      given: [],
      when: [createStore("MAD", { phone: "123" })],
      expect: [
        did([
          "store.created",
          { name: "Madrid", country: "España", phone: "123", active: true, version: 1 },
        ]),
      ],
    },
    {
      title: "has an id of its own, also after it was archived",
      given: [store("MAD"), store("OLD", { archivedAt: start })],
      when: [createStore("MAD"), createStore("OLD")],
      expect: [refused("id_taken", { id: "MAD" }), refused("id_taken", { id: "OLD" })],
    },
    {
      title: "changes what is named and keeps the rest, at the version that the caller saw",
      given: [store("MAD")],
      when: [
        changeStore("MAD", { name: "Centro" }, { expected: header(1) }),
        changeStore("MAD", { name: "Sol" }, { expected: header(1) }),
      ],
      expect: [
        did(["store.updated", { name: "Centro", city: "Madrid", version: 2 }]),
        refused("version_mismatch", { expected: 1, current: 2 }),
      ],
    },
    {
      title: "with stock can be deactivated and activated again",
      given: [shop(5)],
      when: [
        changeStore("MAD", { active: false }),
        reserve("r", 1),
        changeStore("MAD", { active: true }),
        reserve("r", 1),
      ],
      expect: [
        did(["store.updated", { active: false }]),
        refused("store_inactive"),
        did("store.updated"),
        did("reservation.created"),
      ],
    },
    {
      title: "with stock of anything is not archived",
      given: [shop(0), product("pen"), stock(3, { productId: "pen" })],
      when: [archiveStore("MAD")],
      expect: [refused("store_in_use", { storeId: "MAD", quantity: 3 })],
    },
    {
      title: "without stock is archived, also if it is inactive, and then is not there",
      given: [shop(0), store("MAD", { active: false })],
      when: [archiveStore("MAD"), changeStock(), changeStore("MAD", {}), archiveStore("MAD")],
      expect: [
        did(["store.archived", { version: 2 }]),
        refused("store_not_found", { storeId: "MAD" }),
        refused("store_not_found"),
        refused("store_not_found"),
      ],
    },
    {
      title: "is archived only at the version that the caller saw",
      given: [store("MAD")],
      when: [
        archiveStore("MAD", { expected: header(2) }),
        archiveStore("MAD", { expected: header(1) }),
      ],
      expect: [refused("version_mismatch"), did("store.archived")],
    },
  ]);

  test("is written about under its own id, without a product", () => {
    const { outcomes } = given().when(createStore("MAD"));
    assert.partialDeepStrictEqual(outcomes[0]?.events, [
      { aggregateType: "store", aggregateId: "MAD", productId: null, storeId: "MAD" },
    ]);
  });
});

describe("within one transaction the catalogue is as strict as between two", () => {
  test("units received a moment ago keep product and store from being archived", () => {
    given(product("mug"), store("MAD"))
      .whenTogether(changeStock({ amount: 2 }), archiveProduct("mug"), archiveStore("MAD"))
      .expect(
        did("stock.created"),
        refused("product_in_use", { quantity: 2 }),
        refused("store_in_use", { quantity: 2 }),
      );
  });

  test("units that left a moment ago do not", () => {
    given(shop(2), store("BCN"), held("r", 1))
      .whenTogether(
        cancel("r"),
        transfer({ quantity: 2 }),
        archiveStore("MAD"),
        archiveProduct("mug"),
        adjust({ storeId: "BCN", amount: -2 }),
        archiveProduct("mug"),
      )
      .expect(
        did("reservation.cancelled"),
        did("stock.transferred", "stock.transferred", "stock.out"),
        did("store.archived"),
        refused("product_in_use", { quantity: 2 }),
        did("stock.updated", "stock.out"),
        did("product.archived"),
      );
  });

  test("ids and SKUs are taken and freed at once", () => {
    given(cup)
      .whenTogether(
        createProduct("mug", { sku: "MUG" }),
        createProduct("mug", { sku: "M2" }),
        createProduct("pot", { sku: "MUG" }),
        changeProduct("mug", { sku: "M2" }),
        createProduct("pot", { sku: "MUG" }),
        archiveProduct("cup"),
        changeProduct("pot", { sku: "CUP" }),
        createProduct("jar", { sku: "MUG" }),
        createStore("S"),
        createStore("S"),
      )
      .expect(
        did("product.created"),
        refused("id_taken"),
        refused("sku_taken"),
        did("product.updated"),
        did("product.created"),
        did("product.archived"),
        did("product.updated"),
        did("product.created"),
        did("store.created"),
        refused("id_taken"),
      );
  });
});
