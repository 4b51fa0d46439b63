// Two or three commits at once on real connections, their parts in every order: whatever the order is, the
// outcome is that of one after the other, nobody waits for ever, and every invariant holds.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "pg";
import { commitBatch } from "../../src/commands/batch.ts";
import type { Command } from "../../src/domain/model.ts";
import { must } from "../../src/lib/assert.ts";
import { newId } from "../../src/lib/ids.ts";
import { auditLog, auditRows } from "../../src/store/postgres/audit.ts";
import { openCommit } from "../../src/store/postgres/commit.ts";
import { type Connections, openConnections } from "../../src/store/postgres/connections.ts";
import { openReads, type Reads } from "../../src/store/postgres/reads.ts";
import { migrate } from "../../src/store/postgres/schema.ts";
import { openStatements } from "../../src/store/postgres/statements.ts";
import type { Outcome } from "../../src/store/store.ts";
import {
  archiveProduct,
  cancel,
  changeStock,
  changeStore,
  confirm,
  createProduct,
  createStore,
  expireDue,
  reserve,
  setStock,
  transfer,
} from "../support/commands.ts";
import { gatedConnections, parts } from "../support/gated-connections.ts";
import { sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { until } from "../support/until.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
const options = { pooler: false, notify: null, limits, newId };

let connections: Connections;
let hand: Client;
let reads: Reads;

/** Every order of the steps of so many sessions: each is a list of session numbers. */
function ordersOf(steps: readonly number[]): number[][] {
  if (steps.every((left) => left === 0)) return [[]];
  return steps.flatMap((left, session) =>
    left === 0 ? [] : ordersOf(steps.with(session, left - 1)).map((order) => [session, ...order]),
  );
}

/** Runs commits part by part in this order; what has to wait for a lock goes on when it gets it. */
async function play(
  order: readonly number[],
  batches: readonly (readonly Command[])[],
): Promise<(Outcome | Error)[]> {
  const sessions = batches.map((commands) => {
    const gated = gatedConnections(connections);
    const commit = openCommit(gated, options);
    let isOver = false;
    // Run again where the adapter says so, as the service does; by then every gate is open.
    const settled = commitBatch({ commit }, commands, () => undefined).finally(() => {
      isOver = true;
    });
    return { gated, settled, isOver: () => isOver };
  });
  for (const turn of order) {
    const { gated, isOver } = must(sessions[turn], "a session of this order");
    gated.letOn();
    await until(
      async () => isOver() || gated.isWaiting() || isBlocked(gated.pid()),
      "a step is done",
    );
  }
  for (const { gated } of sessions) for (const _ of parts) gated.letOn();
  const all = await Promise.all(sessions.map(({ settled }) => settled));
  return all.flat().map((one) => ("outcome" in one ? one.outcome : (one.error as Error)));
}

async function isBlocked(pid: number | null): Promise<boolean> {
  if (pid === null) return false;
  const { rows } = await hand.query<{ blocked: boolean }>(
    "SELECT wait_event_type = 'Lock' AS blocked FROM pg_stat_activity WHERE pid = $1",
    [pid],
  );
  return rows[0]?.blocked === true;
}

function codeOf(outcome: Outcome | Error | undefined): string {
  assert.ok(outcome !== undefined);
  if (outcome instanceof Error) throw outcome;
  return "reply" in outcome.result ? outcome.result.reply.kind : outcome.result.rejection.code;
}

let worlds = 0;
/** A product of its own in the stores A and B of this order, `units` of it in A. */
async function world(units: number) {
  worlds += 1;
  const [product, A, B] = [`p${worlds}`, `a${worlds}`, `b${worlds}`];
  await openCommit(
    connections,
    options,
  )([
    createProduct(product, { sku: product }),
    createStore(A),
    createStore(B),
    ...(units > 0 ? [changeStock({ productId: product, storeId: A, amount: units })] : []),
  ]);
  return {
    product,
    A,
    B,
    inA: { productId: product, storeId: A },
    id: (name: string) => `${name}-${worlds}`,
  };
}
type World = Awaited<ReturnType<typeof world>>;

interface Scenario {
  readonly title: string;
  readonly units: number;
  readonly given?: (world: World) => readonly Command[];
  /** Just before the sessions begin. */
  readonly begin?: (world: World) => Promise<unknown>;
  readonly sessions: (world: World) => readonly (readonly Command[])[];
  /** What must be true of the outcomes, in the order of the sessions, and of the rows. */
  readonly check: (codes: readonly string[], world: World) => Promise<void> | void;
}

const scenarios: readonly Scenario[] = [
  {
    title: "the last unit is reserved by one of two",
    units: 1,
    sessions: ({ id, inA }) => [[reserve(id("x"), 1, inA)], [reserve(id("y"), 1, inA)]],
    check: (codes) => assert.deepEqual(codes.toSorted(), ["insufficient_stock", "reservation"]),
  },
  {
    title: "confirm and cancel of one reservation: one of them",
    units: 2,
    given: ({ id, inA }) => [reserve(id("x"), 1, inA)],
    sessions: ({ id }) => [[confirm(id("x"))], [cancel(id("x"))]],
    check: (codes) =>
      assert.deepEqual(codes.toSorted(), ["reservation", "reservation_not_pending"]),
  },
  {
    title:
      "confirm, and expiry of a hold that ends in the middle of it: a sale only before its end",
    units: 2,
    given: ({ id, inA }) => [reserve(id("x"), 1, inA)],
    begin: ({ id }) =>
      hand.query(
        `UPDATE reservations SET expires_at = 5 + extract(epoch FROM clock_timestamp()) * 1000
         WHERE id = $1`,
        [id("x")],
      ),
    sessions: ({ id }) => [[confirm(id("x"))], [expireDue()]],
    async check(codes, { id }) {
      const status = (await reads.reservation(id("x")))?.status;
      assert.ok(codes[0] === "reservation" ? status === "CONFIRMED" : status !== "CONFIRMED");
    },
  },
  {
    title: "transfers both ways between two rows",
    units: 5,
    given: ({ product, B }) => [changeStock({ productId: product, storeId: B, amount: 5 })],
    sessions: ({ product, A, B, id }) => [
      [
        transfer({
          transferId: id("t"),
          productId: product,
          fromStoreId: A,
          toStoreId: B,
          quantity: 2,
        }),
      ],
      [
        transfer({
          transferId: id("u"),
          productId: product,
          fromStoreId: B,
          toStoreId: A,
          quantity: 1,
        }),
      ],
    ],
    async check(codes, { product, A, B }) {
      assert.deepEqual(codes, ["transfer", "transfer"]);
      assert.equal((await reads.stock(product, A))?.quantity, 4);
      assert.equal((await reads.stock(product, B))?.quantity, 6);
    },
  },
  {
    title: "one idempotency key twice: one effect, one answer",
    units: 5,
    sessions: ({ inA, id }) => {
      const once = { caller: "key:test", key: id("k"), fingerprint: "f" };
      const add = { ...changeStock({ ...inA, amount: 1 }), once };
      return [[add], [{ ...add, requestId: "again" }]];
    },
    async check(codes, { product, A }) {
      assert.deepEqual(codes, ["stock", "stock"]);
      assert.equal((await reads.stock(product, A))?.quantity, 6);
    },
  },
  {
    title: "one idempotency key on two rows: the later one is refused",
    units: 5,
    given: ({ product, B }) => [changeStock({ productId: product, storeId: B, amount: 5 })],
    sessions: ({ product, A, B, id }) => {
      const add = (storeId: string) => ({
        ...changeStock({ productId: product, storeId, amount: 1 }),
        once: { caller: "key:test", key: id("k"), fingerprint: storeId },
      });
      return [[add(A)], [add(B)]];
    },
    async check(codes, { product, A, B }) {
      assert.deepEqual(codes.toSorted(), ["idempotency_key_reused", "stock"]);
      const rows = await Promise.all([reads.stock(product, A), reads.stock(product, B)]);
      assert.equal((rows[0]?.quantity ?? 0) + (rows[1]?.quantity ?? 0), 11);
    },
  },
  {
    title: "one row is made by two: both changes count",
    units: 0,
    sessions: ({ inA }) => [
      [changeStock({ ...inA, amount: 3 })],
      [changeStock({ ...inA, amount: 4 })],
    ],
    async check(codes, { product, A }) {
      assert.deepEqual(codes, ["stock", "stock"]);
      const row = await reads.stock(product, A);
      assert.deepEqual([row?.quantity, row?.version], [7, 2]);
    },
  },
  {
    title: "a product is archived while its first row is made: one of them",
    units: 0,
    sessions: ({ product, inA }) => [
      [archiveProduct(product)],
      [changeStock({ ...inA, amount: 3 })],
    ],
    check: (codes) =>
      assert.ok(
        ["product,product_not_found", "product_in_use,stock"].includes(codes.join(",")),
        codes.join(),
      ),
  },
  {
    title: "a store is closed while it sells: no sale is later in the log than the closing",
    units: 5,
    given: ({ inA }) => [setStock({ ...inA, reorderPoint: 1 })],
    sessions: ({ A, inA, id }) => [[changeStore(A, { active: false })], [reserve(id("x"), 1, inA)]],
    async check(codes, { A }) {
      assert.ok(["reservation", "store_inactive"].includes(codes[1] ?? ""), codes.join());
      const filter = {
        after: 0,
        limit: 500,
        type: null,
        storeId: A,
        productId: null,
        stores: "*",
      } as const;
      const types = (await reads.events(filter)).items.map(({ type }) => type);
      const [sold, closed] = [types.indexOf("reservation.created"), types.indexOf("store.updated")];
      assert.ok(sold < closed, types.join());
    },
  },
];

async function holds(scenario: Scenario, order: readonly number[]): Promise<void> {
  const here = await world(scenario.units);
  const given = scenario.given?.(here) ?? [];
  if (given.length > 0) await openCommit(connections, options)(given);
  await scenario.begin?.(here);
  const outcomes = await play(order, scenario.sessions(here));
  const where = `order ${order.join("")}`;
  try {
    await scenario.check(outcomes.map(codeOf), here);
  } catch (error) {
    throw new Error(`${where}: ${String(error)}`, { cause: error });
  }
}

describe("commits on PostgreSQL", { skip: noPostgres }, () => {
  before(async () => {
    const url = await (await sharedPostgres()).newDatabase();
    connections = openConnections({ url, poolMin: 4, poolMax: 8, pooler: false, directUrl: null });
    await migrate(connections, options, newId);
    hand = new Client({ connectionString: url });
    await hand.connect();
    reads = openReads(openStatements(connections, options));
  });
  after(async () => {
    await hand.end();
    await connections.close();
  });

  describe("the parts of two commits in every order", () => {
    for (const scenario of scenarios) {
      test(scenario.title, async () => {
        const orders = ordersOf([parts.length, parts.length]);
        assert.equal(orders.length, 20);
        for (const order of orders) await holds(scenario, order);
      });
    }
  });

  describe("the parts of three commits in every order", () => {
    test("confirm, cancel and a second holder of the last units: each unit is sold or held once", async () => {
      const scenario: Scenario = {
        title: "",
        units: 1,
        given: ({ id, inA }) => [reserve(id("x"), 1, inA)],
        sessions: ({ id, inA }) => [
          [confirm(id("x"))],
          [cancel(id("x"))],
          [reserve(id("y"), 1, inA)],
        ],
        async check([sale, release, second], { product, A }) {
          const row = await reads.stock(product, A);
          assert.ok((sale === "reservation") !== (release === "reservation"));
          if (sale === "reservation")
            assert.deepEqual([second, row?.quantity], ["insufficient_stock", 0]);
          else assert.equal(row?.quantity, 1);
        },
      };
      // The last two parts of each together: 90 orders instead of 1,680.
      for (const order of ordersOf([2, 2, 2])) await holds(scenario, order);
    });
  });

  test("afterwards every invariant holds", async () => {
    const statements = openStatements(connections, options);
    const rows = await auditRows(statements, { after: null, limit: 10_000, eventsMax: null });
    assert.deepEqual([...rows.findings, ...(await auditLog(statements))], []);
  });
});
