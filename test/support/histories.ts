// Random histories of commands over a chain so small that everything collides: few products and
// stores of which some are unknown, six units a row, holds of seconds, a life of six. Each command
// comes at a time; `cut` says where a run may also begin a new transaction.

import fc from "fast-check";
import type { Command, Once, Precondition, Visibility } from "../../src/domain/model.ts";
import type { DomainLimits } from "../../src/domain/slice.ts";
import {
  archiveProduct,
  archiveStore,
  batch,
  cancel,
  change,
  changeProduct,
  changeStock,
  changeStore,
  confirm,
  createProduct,
  createStore,
  everything,
  expireDue,
  extend,
  reserve,
  reserveGroup,
  setStock,
  transfer,
} from "./commands.ts";

export interface Step {
  readonly now: number;
  readonly cut: boolean;
  readonly command: Command;
}

export const tightLimits: DomainLimits = {
  reservationsPerCustomer: 4,
  unitsPerCustomer: 9,
  reservationLifeMs: 6_000,
};

const begin = Date.UTC(2026, 0, 1);

/** Products, stores and stock that every history starts from. */
export const opening: readonly Command[] = [
  ...["p0", "p1"].map((id) => createProduct(id, { sku: `sku-${id}` })),
  ...["s0", "s1"].map((id) => createStore(id)),
  ...["p0", "p1"].flatMap((productId) =>
    ["s0", "s1"].map((storeId) => changeStock({ productId, storeId, amount: 6 })),
  ),
];

const kinds = [
  ...Array<"reserve">(8).fill("reserve"),
  ...Array<"confirm">(6).fill("confirm"),
  ...Array<"cancel">(2).fill("cancel"),
  ...Array<"extend">(3).fill("extend"),
  ...Array<"change">(3).fill("change"),
  ...Array<"transfer">(2).fill("transfer"),
  ...(["group", "group", "set", "set", "batch", "expire"] as const),
  ...(["createProduct", "changeProduct", "archiveProduct"] as const),
  ...(["createStore", "changeStore", "archiveStore"] as const),
] as const;

// A few likely values and a few rare ones; a list with repeats is a weight.
const productIds = ["p0", "p0", "p0", "p0", "p1", "p1", "p1", "p2"];
const storeIds = ["s0", "s0", "s0", "s0", "s1", "s1", "s1", "s2"];
const waits = [0, 0, 0, 0, 0, 0, 1, 999, 1_000, 1_000, 2_000, 5_000];
const ttls = [1_000, 1_000, 2_000, 3_000, 5_000, 6_000, 30_000];

const nothing = fc.constant(null);
const expectation: fc.Arbitrary<Precondition | null> = fc.oneof(
  { weight: 4, arbitrary: nothing },
  {
    weight: 1,
    arbitrary: fc.record({
      version: fc.constantFrom("*" as const, 0, 1, 2, 3, 4),
      source: fc.constantFrom("body" as const, "header" as const),
    }),
  },
);
const onceOrNull: fc.Arbitrary<Once | null> = fc.oneof(
  { weight: 3, arbitrary: nothing },
  {
    weight: 1,
    arbitrary: fc.record({
      caller: fc.constantFrom("key:a", "key:b"),
      key: fc.constantFrom("k0", "k1"),
      fingerprint: fc.constantFrom("f0", "f0", "f0", "f1"),
    }),
  },
);
const visibility: fc.Arbitrary<Visibility> = fc.constantFrom<Visibility>(
  ...Array<Visibility>(6).fill(everything),
  { stores: ["s0"], customerId: null },
  { stores: "*", customerId: "c0" },
);

const sketch = fc.record({
  kind: fc.constantFrom(...kinds),
  wait: fc.constantFrom(...waits),
  cut: fc.boolean(),
  productId: fc.constantFrom(...productIds),
  otherProductId: fc.constantFrom(...productIds),
  storeId: fc.constantFrom(...storeIds),
  otherStoreId: fc.constantFrom(...storeIds),
  customerId: fc.constantFrom("c0", "c0", "c1", "c2"),
  number: fc.nat(7),
  quantity: fc.integer({ min: 1, max: 4 }),
  ttlMs: fc.constantFrom(...ttls),
  flag: fc.boolean(),
  rare: fc.nat(3).map((n) => n === 0),
  expected: expectation,
  once: onceOrNull,
  visibleTo: visibility,
});
type Sketch = typeof sketch extends fc.Arbitrary<infer Value> ? Value : never;

export function histories(options: {
  readonly versions: boolean;
  /** Commands in each; without it up to 40. */
  readonly length?: number;
}): fc.Arbitrary<readonly Step[]> {
  const { length: minLength = 1, length: maxLength = 40 } = options;
  return fc.array(sketch, { minLength, maxLength, size: "max" }).map((sketches) => {
    let now = begin;
    let groups = 0;
    return sketches.map((drawn, index) => {
      now += drawn.wait;
      const expected = options.versions ? drawn.expected : null;
      const command = build({ ...drawn, expected }, index, groups);
      if (command.kind === "Reserve" && command.groupId !== null) groups += 1;
      return { now, cut: drawn.cut, command: { ...command, once: drawn.once } };
    });
  });
}

/** The hold that a command is about: mostly one of those brought, else a basket or one of its lines. */
function target({ number, rare, quantity }: Sketch): string {
  if (!rare) return `r${number}`;
  return quantity > 2 ? `group:g${number % 4}` : `g${number % 4}-${quantity}`;
}

function build(drawn: Sketch, index: number, groups: number): Command {
  const { productId, storeId, customerId, quantity, ttlMs, expected, visibleTo, flag, rare } =
    drawn;
  const place = { productId, storeId };
  const signed = flag ? quantity : -quantity;
  switch (drawn.kind) {
    case "reserve":
      return reserve(`r${drawn.number}`, quantity, { ...place, customerId, ttlMs });
    case "group": {
      const line = (n: number) => ({ id: `g${groups}-${n}`, quantity: ((quantity + n) % 3) + 1 });
      const lines = [
        { ...line(2), ...place },
        { ...line(1), productId: drawn.otherProductId, storeId: drawn.otherStoreId },
      ];
      return reserveGroup(`g${groups}`, lines, { customerId, ttlMs });
    }
    case "confirm": {
      const holds = target(drawn);
      const some = rare && !holds.startsWith("group:") ? quantity : null;
      return confirm(holds, { visibleTo, quantity: some, retakeId: flag ? `t${index}` : null });
    }
    case "cancel":
      return cancel(target(drawn), { visibleTo, reason: flag ? "no more" : null });
    case "extend":
      return extend(target(drawn), ttlMs, { visibleTo });
    case "change":
      return changeStock({
        ...place,
        mode: rare ? "initial" : "add",
        amount: rare ? quantity : signed,
        createMissing: flag,
        expected,
      });
    case "set":
      return setStock({
        ...place,
        quantity: flag ? quantity : rare ? 0 : null,
        reorderPoint: flag ? undefined : rare ? null : quantity,
        expected,
      });
    case "transfer":
      return transfer({
        transferId: `transfer-${index}`,
        productId,
        fromStoreId: storeId,
        toStoreId: drawn.otherStoreId,
        quantity,
        expected,
      });
    case "batch":
      return batch(
        flag ? "skip_failed" : "all_or_nothing",
        change({ ...place, amount: signed, expected }),
        change({ productId: drawn.otherProductId, storeId, amount: -1 }),
        change({ ...place, amount: drawn.number - 3 || 1 }),
      );
    case "expire":
      return expireDue();
    default:
      return buildCatalog(drawn);
  }
}

function buildCatalog(drawn: Sketch): Command {
  const { storeId, expected, number, flag } = drawn;
  const productId = `p${1 + (number % 3)}`;
  switch (drawn.kind) {
    case "createProduct":
      return createProduct(productId, { sku: `sku-p${number % 4}` });
    case "changeProduct":
      return changeProduct(productId, flag ? { sku: `sku-p${number % 4}` } : { name: "New" }, {
        expected,
      });
    case "archiveProduct":
      return archiveProduct(productId, { expected });
    case "createStore":
      return createStore(storeId);
    case "changeStore":
      // Closed stores refuse most commands: they are opened more often than they are closed.
      return changeStore(storeId, { active: number > 1 }, { expected });
    default:
      return archiveStore(storeId, { expected });
  }
}
