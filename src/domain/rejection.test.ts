import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Fact,
  given,
  held,
  hour,
  limits,
  product,
  start,
  stock,
  store,
} from "../../test/given.ts";
import {
  adjust,
  archiveProduct,
  archiveStore,
  batch,
  cancel,
  changeProduct,
  changeStore,
  confirm,
  createProduct,
  createStore,
  extend,
  reserveGroup,
  setStock,
  transfer,
} from "../../test/support/commands.ts";
import { quantityMax } from "../limits.ts";
import { answerKey } from "./decide.ts";
import type { Command, Precondition, StockChange } from "./model.ts";
import { isKept, precedence, type Rejection, type RejectionCode } from "./rejection.ts";
import { rowKey } from "./slice.ts";

/** One way in which a command can be refused: something wrong in the world, or in the command. */
interface Fault {
  readonly code: RejectionCode;
  readonly world?: Fact;
  /** Fields of the command, and of its `change`, that are wrong. */
  readonly command?: object;
  readonly change?: Partial<StockChange>;
  /** Faults of one slot spoil the same thing, so that no command can have both. */
  readonly slot?: string;
}

interface Subject {
  readonly title: string;
  readonly codes: readonly RejectionCode[];
  readonly pairs: readonly (readonly [RejectionCode, RejectionCode])[];
  /** What the command answers with these faults. */
  readonly answer: (codes: readonly RejectionCode[]) => RejectionCode | "accepted";
}

const once = { caller: "key:test", key: "k", fingerprint: "this request" };
const reused: Fault = {
  code: "idempotency_key_reused",
  world({ database }) {
    const result = { rejection: { code: "id_taken", id: "x" } } as const;
    const outcome = { at: start, requestId: "request-0", result };
    database.answers.set(answerKey(once), { fingerprint: "another request", outcome });
  },
};

// Mugs and pens in two stores; three mugs are held in each, together a basket.
const shops = [
  ...[product("mug"), product("pen"), store("MAD"), store("BCN")],
  ...[stock(10), stock(10, { storeId: "BCN" }), stock(10, { productId: "pen" })],
  ...[held("r", 3, { groupId: "g" }), held("s", 3, { groupId: "g", storeId: "BCN" })],
];

/** A command that is accepted as it is, and the faults that it can have. */
function subject(
  title: string,
  command: Command,
  faults: readonly Fault[],
  ...facts: readonly Fact[]
): Subject {
  const all = [reused, ...faults].sort((a, b) => rank(a.code) - rank(b.code));
  const apart = (a: Fault, b: Fault) => a.slot === undefined || a.slot !== b.slot;
  return {
    title,
    codes: all.map(({ code }) => code),
    pairs: all.flatMap((first, index) =>
      all
        .slice(index + 1)
        .filter((second) => apart(first, second))
        .map((second) => [first.code, second.code] as const),
    ),
    answer(codes) {
      const chosen = all.filter(({ code }) => codes.includes(code));
      const spoilt = chosen.reduce(spoilBy, command);
      const worlds = chosen.flatMap(({ world }) => world ?? []);
      const story = given(...shops, ...facts, ...worlds).when({ ...spoilt, once });
      const result = story.outcomes[0]?.result ?? assert.fail("no outcome");
      return "rejection" in result ? result.rejection.code : "accepted";
    },
  };
}

function spoilBy(command: Command, fault: Fault): Command {
  const spoilt = { ...command, ...fault.command };
  return spoilt.kind === "ChangeStock"
    ? { ...spoilt, change: { ...spoilt.change, ...fault.change } }
    : spoilt;
}

function rank(code: RejectionCode): number {
  return precedence.indexOf(code);
}

function without(table: "products" | "stores" | "stock", key: string): Fact {
  return ({ database }) => database[table].delete(key);
}

const noMug = { code: "product_not_found", world: without("products", "mug") } as const;
const noMadrid = {
  code: "store_not_found",
  slot: "MAD",
  world: without("stores", "MAD"),
} as const;
const closedMadrid = {
  code: "store_inactive",
  slot: "MAD",
  world: store("MAD", { active: false }),
} as const;
const noBarcelona = { code: "store_not_found", world: without("stores", "BCN") } as const;
const noRow = {
  code: "stock_not_found",
  slot: "row",
  world: without("stock", rowKey("mug", "MAD")),
} as const;
const place = [noMug, noMadrid, closedMadrid];
const places = [noMug, noBarcelona, closedMadrid];

function spoil(code: RejectionCode, command: object): Fault {
  return { code, command };
}

const expected: Precondition = { version: 99, source: "body" };
const stale = spoil("version_mismatch", { expected });
const noUnits = { code: "insufficient_stock", world: stock(3, { reserved: 3 }) } as const;
const hidden = { visibleTo: { stores: [], customerId: null } };
const sold = held("r", 3, { groupId: "g", status: "CONFIRMED" });
const late = (id: string, storeId: string): Fact =>
  held(id, 3, { groupId: "g", storeId, status: "EXPIRED", expiresAt: start - 1 });
const one = [
  spoil("reservation_not_found", hidden),
  { code: "reservation_not_pending", slot: "state", world: sold },
  { code: "reservation_expired", slot: "state", world: late("r", "MAD") },
] as const;
const group = [
  spoil("group_not_found", hidden),
  { code: "reservation_not_pending", world: sold },
  { code: "reservation_expired", world: late("s", "BCN") },
] as const;
const tooLong = {
  code: "lifetime_exceeded",
  world: limits({ reservationLifeMs: 600_000 }),
} as const;
const lines = [
  { id: "a", quantity: 1, idBrought: true },
  { id: "b", quantity: 1, storeId: "BCN" },
  { id: "c", quantity: 1, productId: "pen" },
];

const subjects: readonly Subject[] = [
  subject("ChangeStock", adjust(), [
    ...place,
    noRow,
    { code: "stock_exists", slot: "row", change: { mode: "initial" } },
    { code: "version_mismatch", change: { expected } },
    { code: "insufficient_stock", slot: "amount", change: { amount: -100 } },
    { code: "quantity_out_of_range", slot: "amount", change: { amount: quantityMax } },
  ]),
  subject("SetStock", setStock(), [
    ...place,
    noRow,
    stale,
    spoil("quantity_below_reserved", { quantity: 2 }),
  ]),
  subject("TransferStock", transfer(), [
    noMug,
    { ...noBarcelona, slot: "BCN" },
    closedMadrid,
    { code: "same_store", slot: "BCN", command: { toStoreId: "MAD" } },
    noRow,
    stale,
    { ...noUnits, slot: "row" },
    { code: "quantity_out_of_range", slot: "BCN", world: stock(quantityMax, { storeId: "BCN" }) },
  ]),
  subject("BatchStock", batch("all_or_nothing", {}), [
    { code: "batch_failed", command: batch("all_or_nothing", { amount: -100 }) },
  ]),
  subject("Reserve", reserveGroup("h", lines), [
    { ...noMug, world: without("products", "pen") },
    noBarcelona,
    closedMadrid,
    { code: "id_taken", world: held("a", 1, { status: "CANCELLED" }) },
    spoil("lifetime_exceeded", { ttlMs: 25 * hour }),
    { code: "customer_limit_reached", world: limits({ unitsPerCustomer: 8 }) },
    noUnits,
  ]),
  subject("Confirm", confirm("r"), [
    ...place,
    ...one,
    spoil("quantity_out_of_range", { quantity: 4 }),
  ]),
  subject(
    "Confirm that retakes",
    confirm("r", { retakeId: "new" }),
    [
      ...place,
      spoil("reservation_not_found", hidden),
      {
        code: "reservation_not_pending",
        world: held("r", 3, { status: "EXPIRED", retakenBy: "x" }),
      },
      noUnits,
      spoil("quantity_out_of_range", { quantity: 4 }),
    ],
    late("r", "MAD"),
  ),
  subject("Confirm of a group", confirm("group:g"), [...places, ...group]),
  subject("Cancel", cancel("r"), one),
  subject("Cancel of a group", cancel("group:g"), group),
  subject("Extend", extend("r", hour), [...place, ...one, tooLong]),
  subject("Extend of a group", extend("group:g", hour), [...places, ...group, tooLong]),
  subject("CreateProduct", createProduct("cup", { sku: "CUP" }), [
    { code: "id_taken", world: product("cup", { archivedAt: start }) },
    { code: "sku_taken", world: product("other", { sku: "CUP" }) },
  ]),
  subject("ChangeProduct", changeProduct("mug", { sku: "NEW" }), [
    noMug,
    { code: "sku_taken", world: product("other", { sku: "NEW" }) },
    stale,
  ]),
  subject(
    "ArchiveProduct",
    archiveProduct("cup"),
    [
      { ...noMug, world: without("products", "cup") },
      stale,
      { code: "product_in_use", world: stock(1, { productId: "cup" }) },
    ],
    product("cup"),
  ),
  subject("CreateStore", createStore("VAL"), [{ code: "id_taken", world: store("VAL") }]),
  subject("ChangeStore", changeStore("MAD", { active: false }), [noMadrid, stale]),
  subject(
    "ArchiveStore",
    archiveStore("VAL"),
    [
      { ...noMadrid, world: without("stores", "VAL") },
      stale,
      { code: "store_in_use", world: stock(1, { storeId: "VAL" }) },
    ],
    store("VAL"),
  ),
];

describe("of several refusals the earlier one wins", () => {
  for (const { title, codes, pairs, answer } of subjects) {
    test(title, () => {
      assert.equal(answer([]), "accepted", "without a fault");
      for (const code of codes) assert.equal(answer([code]), code, "alone");
      for (const [first, second] of pairs) {
        assert.equal(answer([first, second]), first, `${first} before ${second}`);
      }
    });
  }

  test("every refusal of the domain is met, alone and beside others", () => {
    const met = new Set(subjects.flatMap(({ codes }) => codes));
    assert.deepEqual([...met].sort(), [...precedence].sort());
    const pairs = new Set(subjects.flatMap((one) => one.pairs.map((pair) => pair.join(" "))));
    assert.ok(pairs.size >= 100, `${pairs.size} pairs`);
  });

  test("lines of one fault are refused by the first of them", () => {
    const story = given(...shops, store("MAD", { active: false }), store("BCN", { active: false }));
    const { result } = story.when(reserveGroup("h", lines)).outcomes[0] ?? assert.fail();
    assert.deepEqual(result, { rejection: { code: "store_inactive", storeId: "MAD" } });
  });
});

test("the order names every refusal once", () => {
  // A code of the union that the list leaves out is a type error here.
  const missing: Exclude<RejectionCode, (typeof precedence)[number]>[] = [];
  const complete: never[] = missing;
  assert.deepEqual(complete, []);
  assert.equal(new Set(precedence).size, precedence.length);
});

describe("an idempotency key keeps", () => {
  const forgotten: readonly RejectionCode[] = [
    "product_not_found",
    "store_not_found",
    "stock_not_found",
    "reservation_not_found",
    "group_not_found",
    "idempotency_key_reused",
    "quantity_out_of_range",
  ];
  for (const code of precedence) {
    const kept = !forgotten.includes(code);
    test(`${code}: ${kept ? "yes" : "no"}`, () => {
      assert.equal(isKept({ code } as Rejection), kept);
    });
  }
});
