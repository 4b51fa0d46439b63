// A reservation whose id the caller brought may be named by others before it is there. It may be committed between
// another batch's locks and its reads; then that batch has not locked its row, and must not decide on it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Command } from "../../src/domain/model.ts";
import {
  cancel,
  changeStock,
  confirm,
  createProduct,
  extend,
  reserve,
} from "../support/commands.ts";
import { parts } from "../support/gated-connections.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { openStage, ordersOf, type Scenario, type Stage } from "./stage.ts";

const minute = 60_000;

/** What is done to it, and how it is when that was done. */
const deeds: readonly (readonly [name: string, make: (id: string) => Command, status: string])[] = [
  ["confirm", (id) => confirm(id), "CONFIRMED"],
  ["cancel", (id) => cancel(id), "CANCELLED"],
  ["extend", (id) => extend(id, 20 * minute), "PENDING"],
];

/** A batch that names a hold, and rows of the same product and of the same store: all that a decision on it reads. */
function amongOthers(name: Command, product: string, other: string, A: string, B: string) {
  return [
    name,
    changeStock({ productId: product, storeId: B }),
    changeStock({ productId: other, storeId: A }),
  ];
}

describe("a reservation by a brought id, named before it is there", { skip: noPostgres }, () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage.close());

  for (const [name, make, done] of deeds) {
    const scenario: Scenario = {
      title: `${name}: after the reservation it is done, before it there is no such reservation`,
      units: 2,
      given: ({ id }) => [createProduct(id("other"), { sku: id("other") })],
      sessions: ({ product, A, B, inA, id }) => [
        [reserve(id("x"), 1, inA)],
        amongOthers(make(id("x")), product, id("other"), A, B),
      ],
      async check([made, code, ...others], { id, reads }) {
        assert.deepEqual([made, ...others], ["reservation", "stock", "stock"]);
        const x = await reads.reservation(id("x"));
        if (code === "reservation") assert.equal(x?.status, done);
        else assert.deepEqual([code, x?.status], ["reservation_not_found", "PENDING"]);
        const isExtended = (x?.expiresAt ?? 0) - (x?.createdAt ?? 0) > 15 * minute;
        assert.equal(isExtended, name === "extend" && code === "reservation");
      },
    };
    test(scenario.title, async () => {
      for (const order of ordersOf([parts.length, parts.length])) {
        await stage.holds(scenario, order);
      }
    });
  }

  for (const [name, make] of deeds.filter(([other]) => other !== "confirm")) {
    const scenario: Scenario = {
      title: `what was confirmed stays confirmed, whatever a batch with its ${name} has read before`,
      units: 2,
      given: ({ id }) => [createProduct(id("other"), { sku: id("other") })],
      sessions: ({ product, A, B, inA, id }) => [
        amongOthers(make(id("x")), product, id("other"), A, B),
        [reserve(id("x"), 1, inA)],
        [confirm(id("x"))],
      ],
      async check(codes, { id, reads }) {
        const sale = codes.at(-1);
        const status = (await reads.reservation(id("x")))?.status;
        assert.equal(sale === "reservation", status === "CONFIRMED", `${codes.join()}: ${status}`);
      },
    };
    test(scenario.title, async () => {
      // The others whole, between any two parts of the batch.
      for (const order of ordersOf([parts.length, 1, 1])) {
        await stage.holds(
          scenario,
          order.flatMap((session) => (session === 0 ? [0] : parts.map(() => session))),
        );
      }
    });
  }

  test("afterwards every invariant holds", async () => {
    assert.deepEqual(await stage.findings(), []);
  });
});
