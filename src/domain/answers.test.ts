// What an accepted command answers, whole, and the words of its events: what was not said by the caller is not in them,
// not even as null.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Fact,
  given,
  held,
  hour,
  product,
  shop,
  start,
  stock,
  store,
} from "../../test/given.ts";
import {
  archiveProduct,
  archiveStore,
  batch,
  cancel,
  changeProduct,
  changeStock,
  changeStore,
  confirm,
  createProduct,
  createStore,
  extend,
  madridFields,
  mugFields,
  reserve,
  reserveGroup,
  setStock,
  transfer,
} from "../../test/support/commands.ts";
import { must } from "../lib/assert.ts";
import type { Command, Reply, Reservation, Stock } from "./model.ts";

const born = { version: 1, createdAt: start, updatedAt: start, archivedAt: null };
const mug = { id: "mug", ...mugFields, ...born };
const madrid = { id: "MAD", ...madridFields, ...born };
const row: Stock = {
  id: "mug@MAD",
  productId: "mug",
  storeId: "MAD",
  quantity: 5,
  reserved: 0,
  version: 2,
  reorderPoint: null,
  lowTold: false,
  updatedAt: start,
};
const pending: Reservation = {
  id: "r",
  productId: "mug",
  storeId: "MAD",
  customerId: "ann",
  quantity: 2,
  status: "PENDING",
  expiresAt: start + 600_000,
  createdAt: start,
  updatedAt: null,
  groupId: null,
  metadata: null,
  confirmedQuantity: null,
  cancelReason: null,
  retakenFrom: null,
  retakenBy: null,
};
const sold: Reservation = {
  ...pending,
  status: "CONFIRMED",
  updatedAt: start,
  confirmedQuantity: 2,
};
const left: Reservation = { ...pending, status: "CANCELLED", updatedAt: start };

const ofProduct = ["sku", "name", "description", "category", "price", "version"];
const ofStore = ["name", "address", "city", "country", "phone", "email", "active", "version"];
const ofChange = ["quantity_change", "reason", "stock"];
const ofHold = ["reservation_id", "quantity", "customer_id", "expires_at"];
const ofTransfer = [
  ...["transfer_id", "quantity", "reason"],
  ...["direction", "quantity_change", "other_store_id", "stock"],
];

interface Case {
  readonly title: string;
  readonly given: readonly Fact[];
  readonly when: Command;
  readonly reply: Reply;
  /** The names in the payload of each event. */
  readonly words: readonly (readonly string[])[];
}

const pair = [held("r", 2, { groupId: "g" }), held("s", 1, { groupId: "g" })];
const second = { id: "s", quantity: 1 };
const inGroup = (one: Reservation): Reservation => ({ ...one, groupId: "g" });

const cases: readonly Case[] = [
  {
    title: "a new product: as it is",
    given: [],
    when: createProduct("mug"),
    reply: { kind: "product", product: mug },
    words: [ofProduct],
  },
  {
    title: "a changed product: as it is now",
    given: [product("mug")],
    when: changeProduct("mug", { name: "Cup" }),
    reply: { kind: "product", product: { ...mug, sku: "mug-sku", name: "Cup", version: 2 } },
    words: [ofProduct],
  },
  {
    title: "an archived product: with when it was",
    given: [product("mug")],
    when: archiveProduct("mug"),
    reply: { kind: "product", product: { ...mug, sku: "mug-sku", version: 2, archivedAt: start } },
    words: [ofProduct],
  },
  {
    title: "a new store: as it is",
    given: [],
    when: createStore("MAD"),
    reply: { kind: "store", store: madrid },
    words: [ofStore],
  },
  {
    title: "a changed store: as it is now",
    given: [store("MAD")],
    when: changeStore("MAD", { name: "Sol" }),
    reply: { kind: "store", store: { ...madrid, name: "Sol", version: 2 } },
    words: [ofStore],
  },
  {
    title: "an archived store: with when it was",
    given: [store("MAD")],
    when: archiveStore("MAD"),
    reply: { kind: "store", store: { ...madrid, version: 2, archivedAt: start } },
    words: [ofStore],
  },
  {
    title: "a change that made its row: the row, and that it is new",
    given: [product("mug"), store("MAD")],
    when: changeStock({ amount: 5 }),
    reply: { kind: "stock", stock: { ...row, id: "id-1", version: 1 }, created: true },
    words: [ofChange],
  },
  {
    title: "a change: the row",
    given: [shop(4)],
    when: changeStock(),
    reply: { kind: "stock", stock: row, created: false },
    words: [ofChange],
  },
  {
    title: "a change with a note, a reference and a user: the row",
    given: [shop(4)],
    when: changeStock({ note: "n", reference: "PO-9", userId: "eva" }),
    reply: { kind: "stock", stock: row, created: false },
    words: [["quantity_change", "reason", "note", "reference", "user_id", "stock"]],
  },
  {
    title: "a count: the row, which keeps its reorder point",
    given: [product("mug"), store("MAD"), stock(4, { reorderPoint: 3 })],
    when: setStock({ quantity: 5 }),
    reply: { kind: "stock", stock: { ...row, reorderPoint: 3 }, created: false },
    words: [ofChange],
  },
  {
    title: "a reorder point with a note: the row",
    given: [shop(5)],
    when: setStock({ reorderPoint: 3, note: "n" }),
    reply: { kind: "stock", stock: { ...row, reorderPoint: 3 }, created: false },
    words: [
      ["quantity_change", "reason", "note", "reorder_point", "previous_reorder_point", "stock"],
    ],
  },
  {
    title: "a transfer: both rows",
    given: [shop(6), store("BCN")],
    when: transfer(),
    reply: {
      kind: "transfer",
      transferId: "transfer-1",
      from: row,
      to: { ...row, id: "id-1", storeId: "BCN", quantity: 1, version: 1 },
    },
    words: [ofTransfer, ofTransfer],
  },
  {
    title: "a batch: each line",
    given: [shop(4)],
    when: batch("skip_failed", { amount: 1 }, { productId: "cup" }),
    reply: {
      kind: "batch",
      results: [
        { index: 0, stock: row, rejection: null },
        { index: 1, stock: null, rejection: { code: "product_not_found", productId: "cup" } },
      ],
    },
    words: [ofChange],
  },
  {
    title: "a reserve: the hold",
    given: [shop(5)],
    when: reserve("r", 2),
    reply: { kind: "reservation", reservation: pending },
    words: [[...ofHold, "stock"]],
  },
  {
    title: "a basket: its holds, under its id",
    given: [shop(5)],
    when: reserveGroup("g", [{ id: "r", quantity: 2 }, second]),
    reply: {
      kind: "group",
      groupId: "g",
      reservations: [inGroup(pending), { ...inGroup(pending), ...second }],
    },
    words: [
      [...ofHold, "group_id", "stock"],
      [...ofHold, "group_id", "stock"],
    ],
  },
  {
    title: "a sale: the reservation",
    given: [shop(5), held("r", 2)],
    when: confirm("r"),
    reply: { kind: "reservation", reservation: sold },
    words: [[...ofHold, "confirmed_quantity", "released_quantity", "stock"]],
  },
  {
    title: "a basket that is sold: its reservations; a part of it cannot be asked for",
    given: [shop(5), ...pair],
    when: confirm("group:g", { quantity: 1 }),
    reply: {
      kind: "group",
      groupId: "g",
      reservations: [inGroup(sold), { ...inGroup(sold), ...second, confirmedQuantity: 1 }],
    },
    words: Array(2).fill([
      ...ofHold,
      "group_id",
      "confirmed_quantity",
      "released_quantity",
      "stock",
    ]),
  },
  {
    title: "a hold that is given up: the reservation",
    given: [shop(5), held("r", 2)],
    when: cancel("r"),
    reply: { kind: "reservation", reservation: left },
    words: [[...ofHold, "stock"]],
  },
  {
    title: "a hold that is given up with a reason: the reservation",
    given: [shop(5), held("r", 2)],
    when: cancel("r", { reason: "why" }),
    reply: { kind: "reservation", reservation: { ...left, cancelReason: "why" } },
    words: [[...ofHold, "reason", "stock"]],
  },
  {
    title: "a hold that lasts longer: the reservation, with its new end",
    given: [shop(5), held("r", 2)],
    when: extend("r", hour),
    reply: {
      kind: "reservation",
      reservation: { ...pending, expiresAt: start + hour, updatedAt: start },
    },
    words: [[...ofHold, "previous_expires_at"]],
  },
];

describe("the answer to", () => {
  for (const { title, given: facts, when, reply, words } of cases) {
    test(title, () => {
      const outcome = must(given(...facts).when(when).outcomes[0], "one command");
      assert.deepEqual(outcome.result, { reply });
      assert.deepEqual(
        outcome.events.map(({ payload }) => Object.keys(payload).sort()),
        words.map((names) => names.toSorted()),
      );
    });
  }
});

describe("commands that cannot be are bugs of their callers", () => {
  const two = [
    { id: "r", quantity: 1 },
    { id: "s", quantity: 1 },
  ];
  const single = reserve("r", 1);
  const several = { ...reserveGroup("g", two), groupId: null };
  const bugs: readonly (readonly [title: string, command: Command, words: RegExp])[] = [
    ["a basket of nothing", reserveGroup("g", []), /^a reserve command has at least one line$/],
    ["a reserve of nothing", { ...single, lines: [] }, /^a reserve command has at least one line$/],
    ["several lines and no basket", several, /^several lines make a group$/],
  ];
  for (const [title, command, message] of bugs) {
    test(`${title} is stopped, and nothing is stored`, () => {
      const story = given(shop(5));
      assert.throws(() => story.when(command), { name: "AssertionFailure", message });
      assert.equal(story.world.database.log.length, 0);
    });
  }
});
