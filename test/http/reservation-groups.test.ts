// Baskets: reservations made by one call, and sold, released or prolonged by one call, all or none.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
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
import { until } from "../support/until.ts";

let shop: Shop;
let mug: string;
let cup: string;
before(async () => {
  shop = await openShop({ limits: { reservationsPerCustomer: 100, unitsPerCustomer: 0 } });
});
after(() => shop.close());
beforeEach(async () => {
  mug = await shop.product({ MAD: 10, BCN: 10 });
  cup = await shop.product({ MAD: 10 });
});

const line = (product_id: string, quantity = 1, store_id = "MAD") => ({
  product_id,
  store_id,
  quantity,
});

const basket = (
  lines: readonly object[],
  over: object = {},
  call: Parameters<Shop["call"]>[2] = {},
): Promise<Answer> =>
  shop.call("POST", "/reservations", { ...call, body: { customer_id: newId(), lines, ...over } });

async function made(lines: readonly object[], over: object = {}): Promise<string> {
  const answer = await basket(lines, over);
  assert.equal(answer.status, 201, answer.text);
  return textOf(answer.body, "group_id");
}

const post = (id: string, action: string, call: Parameters<Shop["call"]>[2] = {}) =>
  shop.call("POST", `/reservation-groups/${id}/${action}`, call);

const statuses = ({ body }: Answer): unknown[] =>
  listOf(body, "reservations").map((one) => one["status"]);

describe("POST /reservations with lines: 201", () => {
  test("a reservation for each line, in their order, under one group", async () => {
    const lines = [line(cup, 2), line(mug, 1), line(mug, 3, "BCN")];
    const answer = await basket(lines, { customer_id: "bob", ttl: 60, metadata: { order: 1 } });
    assert.equal(answer.status, 201, answer.text);
    const groupId = textOf(answer.body, "group_id");
    assert.deepEqual(Object.keys(answer.body), ["group_id", "reservations"]);
    assert.equal(answer.headers["location"], `/api/v1/reservation-groups/${groupId}`);
    const told = listOf(answer.body, "reservations");
    const shared = { customer_id: "bob", group_id: groupId, metadata: { order: 1 } };
    const common = { ...shared, status: "PENDING", expires_in_seconds: 60 };
    assert.partialDeepStrictEqual(
      told,
      lines.map((one) => ({ ...one, ...common })),
    );
    assert.deepEqual(told[0]?.["reservation_id"], told[0]?.["id"]);
    const read = await shop.call("GET", `/reservation-groups/${groupId}`);
    assert.deepEqual(idsOf(read.body, "reservations"), idsOf(answer.body, "reservations"));
  });

  test("one line makes a group too", async () => {
    const { body } = await basket([line(mug)]);
    assert.equal(listOf(body, "reservations").length, 1);
    assert.equal(typeof body["group_id"], "string");
  });

  test("two lines of one row may take all that it has", async () => {
    assert.equal((await basket([line(mug, 4), line(mug, 6)])).status, 201);
    assert.equal((await shop.row(mug)).reserved, 10);
  });

  test("fifty lines are taken", async () => {
    const wide = await shop.product({ MAD: 50 });
    const answer = await basket(Array.from({ length: 50 }, () => line(wide)));
    assert.equal(answer.status, 201, answer.text);
    assert.equal((await shop.row(wide)).reserved, 50);
  });
});

describe("POST /reservations with lines: 400", () => {
  const lines = [line("mug")];
  for (const [title, body, path] of [
    ["no line", { lines: [] }, "/lines"],
    ["51 lines", { lines: Array.from({ length: 51 }, () => line("mug")) }, "/lines"],
    ["a list that is none", { lines: {} }, "/lines"],
    ["a line without a store", { lines: [{ product_id: "a", quantity: 1 }] }, "/lines/0/store_id"],
    ["101 units in the second line", { lines: [line("a"), line("a", 101)] }, "/lines/1/quantity"],
    ["an id in a line", { lines: [{ ...line("a"), id: "x" }] }, "/lines/0/id"],
    ["an id beside lines", { lines, id: "x" }, "/id"],
    ["a product beside lines", { lines, product_id: "x" }, "/product_id"],
    ["a store beside lines", { lines, store_id: "x" }, "/store_id"],
    ["a quantity beside lines", { lines, quantity: 1 }, "/quantity"],
    ["both times", { lines, ttl: 60, ttl_minutes: 1 }, "/ttl_minutes"],
    ["no customer", { lines, customer_id: undefined }, "/customer_id"],
  ] as const) {
    test(`${title} is refused by its path`, async () => {
      assertInvalid(await basket([], body), path);
    });
  }
});

describe("POST /reservations with lines: 403, 404, 409: nothing is held", () => {
  test("a line in a store that is not the caller's", async () => {
    const answer = await basket([line(mug), line(mug, 1, "BCN")], {}, { as: "channel" });
    assertProblem(answer, 403, "forbidden", { store_id: "BCN" });
    assert.equal((await shop.row(mug)).reserved, 0);
  });

  test("a customer for another", async () => {
    const answer = await basket([line(mug)], { customer_id: "ann" }, { as: "customer" });
    assertProblem(answer, 403, "forbidden", { customer_id: "ann" });
  });

  test("a line of a product that does not exist", async () => {
    const answer = await basket([line(mug), line("nothing")]);
    assertProblem(answer, 404, "product_not_found", { product_id: "nothing" });
    assert.equal((await shop.row(mug)).reserved, 0);
  });

  test("a line that asks for too much", async () => {
    const answer = await basket([line(mug, 2), line(cup, 11)]);
    const facts = { product_id: cup, available: 10, requested: 11 };
    assertProblem(answer, 409, "insufficient_stock", facts);
    assert.equal((await shop.row(mug)).reserved, 0);
  });

  test("two lines of one row that together ask for too much", async () => {
    const answer = await basket([line(mug, 6), line(cup), line(mug, 5)]);
    const facts = { product_id: mug, store_id: "MAD", available: 10, requested: 11 };
    assertProblem(answer, 409, "insufficient_stock", facts);
    assert.equal((await shop.row(mug)).reserved, 0);
    assert.equal((await shop.row(cup)).reserved, 0);
  });

  test("more lines than the customer may hold", async () => {
    const strict = await openShop({ limits: { reservationsPerCustomer: 2 } });
    try {
      const id = await strict.product({ MAD: 10 });
      const body = { customer_id: "bob", lines: [line(id), line(id), line(id)] };
      const answer = await strict.call("POST", "/reservations", { body });
      assertProblem(answer, 409, "customer_limit_reached", { limit: "reservations", current: 0 });
    } finally {
      await strict.close();
    }
  });
});

describe("POST /reservation-groups/{group_id}/confirm, cancel, extend: 200", () => {
  test("confirm sells every line", async () => {
    const id = await made([line(mug, 2), line(cup, 3)]);
    const answer = await post(id, "confirm");
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(statuses(answer), ["CONFIRMED", "CONFIRMED"]);
    assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 8, reserved: 0 });
    assert.partialDeepStrictEqual(await shop.row(cup), { quantity: 7, reserved: 0 });
  });

  test("cancel releases every line, for one reason", async () => {
    const id = await made([line(mug, 2), line(cup, 3)]);
    const answer = await post(id, "cancel", { body: { reason: "left" } });
    assert.deepEqual(statuses(answer), ["CANCELLED", "CANCELLED"]);
    const reasons = listOf(answer.body, "reservations").map((one) => one["cancel_reason"]);
    assert.deepEqual(reasons, ["left", "left"]);
    assert.equal((await shop.row(mug)).reserved, 0);
  });

  test("extend holds every line longer", async () => {
    const id = await made([line(mug), line(cup)]);
    const answer = await post(id, "extend", { body: { ttl_minutes: 60 } });
    const left = listOf(answer.body, "reservations").map((one) => one["expires_in_seconds"]);
    assert.deepEqual(left, [3_600, 3_600]);
  });

  test("a customer cancels and prolongs its own", async () => {
    const id = await made([line(mug), line(mug, 1, "BCN")], { customer_id: "customer" });
    const as = "customer";
    assert.equal((await post(id, "extend", { as, body: { ttl: 60 } })).status, 200);
    assert.equal((await post(id, "cancel", { as })).status, 200);
  });
});

describe("POST /reservation-groups/{group_id}/confirm, cancel, extend: 400, 401, 403", () => {
  test("a part of a group cannot be sold by a quantity, nor a group taken again", async () => {
    const id = await made([line(mug)]);
    assertInvalid(await post(id, "confirm", { body: { quantity: 1 } }), "/quantity");
    assertInvalid(await post(id, "confirm", { body: { if_expired: "retake" } }), "/if_expired");
  });

  test("extend needs one time", async () => {
    const id = await made([line(mug)]);
    assertInvalid(await post(id, "extend", { body: {} }), "/ttl");
    assertInvalid(await post(id, "extend", { body: { ttl: 1, ttl_minutes: 1 } }), "/ttl_minutes");
  });

  test("nobody and customers do not sell", async () => {
    const id = await made([line(mug)], { customer_id: "customer" });
    assertProblem(await post(id, "confirm", { as: null }), 401, "unauthenticated");
    assertProblem(await post(id, "confirm", { as: "customer" }), 403, "forbidden");
  });
});

describe("/reservation-groups/{group_id}: 404", () => {
  const calls = [
    ["GET", "", undefined],
    ["POST", "/confirm", {}],
    ["POST", "/cancel", {}],
    ["POST", "/extend", { ttl: 60 }],
  ] as const;
  for (const [method, action, body] of calls) {
    const ask = (id: string, as = "admin"): Promise<Answer> =>
      shop.call(
        method,
        `/reservation-groups/${id}${action}`,
        body === undefined ? { as } : { as, body },
      );

    test(`${method} ${action} of a group that does not exist`, async () => {
      assertProblem(await ask("none"), 404, "group_not_found", { group_id: "none" });
    });

    test(`${method} ${action} of a group with a line in another's store`, async () => {
      const id = await made([line(mug), line(mug, 1, "BCN")]);
      assertProblem(await ask(id, "manager"), 404, "group_not_found");
      assert.equal((await shop.row(mug)).reserved, 1);
    });

    if (action === "/confirm") continue;
    test(`${method} ${action} of another customer's group`, async () => {
      const id = await made([line(mug)], { customer_id: "ann" });
      assertProblem(await ask(id, "customer"), 404, "group_not_found");
    });
  }
});

describe("POST /reservation-groups/{group_id}/confirm, cancel, extend: 409, none of it is done", () => {
  for (const [action, body] of [
    ["confirm", {}],
    ["cancel", {}],
    ["extend", { ttl: 60 }],
  ] as const) {
    test(`${action} where one of them has ended`, async () => {
      const answer = await basket([line(mug, 2), line(cup, 2)]);
      const [, second = ""] = idsOf(answer.body, "reservations");
      await shop.call("POST", `/reservations/${second}/cancel`);
      const refused = await post(textOf(answer.body, "group_id"), action, { body });
      const facts = { reservation_id: second, reservation_status: "CANCELLED" };
      assertProblem(refused, 409, "reservation_not_pending", facts);
      assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 10, reserved: 2 });
    });

    test(`${action} where they have expired`, async () => {
      const groupId = newId();
      const lines = [mug, cup].map((productId) => ({
        reservationId: newId(),
        idBrought: false,
        productId,
        storeId: "MAD",
        quantity: 1,
      }));
      const held = { customerId: "ann", ttlMs: 1, metadata: null, groupId, lines };
      await shop.given({ kind: "Reserve", ...held });
      const [one] = await shop.store.group(groupId);
      await until(() => Date.now() > (one?.expiresAt ?? 0), "the holds are over");
      assertProblem(await post(groupId, action, { body }), 409, "reservation_expired");
      assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 10, reserved: 0 });
    });
  }

  test("extend where the life of one is used up", async () => {
    const id = await made([line(mug), line(cup)], { ttl: 86_400 });
    const answer = await post(id, "extend", { body: { ttl: 86_400 } });
    assertProblem(answer, 409, "lifetime_exceeded", { max_seconds: 86_400 });
  });
});

describe("retries of a basket", () => {
  test("the same key with the same basket holds once and answers the same", async () => {
    const headers = { "idempotency-key": newId() };
    const over = { customer_id: "kim" };
    const first = await basket([line(mug, 2), line(cup)], over, { headers });
    const second = await basket([line(mug, 2), line(cup)], over, { headers });
    assert.equal(second.text, first.text);
    assert.equal(second.headers["location"], first.headers["location"]);
    assert.equal(second.headers["idempotent-replayed"], "true");
    assert.equal((await shop.row(mug)).reserved, 2);
  });
});
