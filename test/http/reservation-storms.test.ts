// Many at once, and the same again: what holds when 200 want the last unit, when three things happen to
// one reservation together, and when a client does not know whether its first try was heard.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { newId } from "../../src/lib/ids.ts";
import type { Answer } from "../support/app.ts";
import { assertProblem, openShop, type Shop, textOf } from "../support/shop.ts";

let shop: Shop;
before(async () => {
  shop = await openShop({ limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0 } });
});
after(() => shop.close());
afterEach(() => shop.mustBeSound());

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const withStatus = (answers: readonly Answer[], status: number): Answer[] =>
  answers.filter((answer) => answer.status === status);
const replayed = (answers: readonly Answer[]): Answer[] =>
  answers.filter(({ headers }) => headers["idempotent-replayed"] === "true");

describe("many at once", () => {
  test("of 200 who want the last unit exactly one gets it", async () => {
    const mug = await shop.product({ MAD: 1 });
    const answers = await Promise.all(
      times(200, (n) => shop.reserve({ product_id: mug, customer_id: `c-${n}` })),
    );
    assert.equal(withStatus(answers, 201).length, 1);
    const refused = withStatus(answers, 409);
    assert.equal(refused.length, 199);
    for (const one of refused) {
      assertProblem(one, 409, "insufficient_stock", { available: 0, requested: 1 });
    }
    assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 1, reserved: 1 });
  });

  test("of 500 clients who each want units until there are none, for the last 100, each unit goes once", async () => {
    const mug = await shop.product({ MAD: 100 });
    const client = async (n: number): Promise<Answer[]> => {
      const answers: Answer[] = [];
      do {
        answers.push(
          await shop.reserve({ product_id: mug, customer_id: `c-${n}`, quantity: 1 + (n % 3) }),
        );
      } while (answers.at(-1)?.status === 201);
      return answers;
    };
    const answers = (await Promise.all(times(500, client))).flat();
    const held = withStatus(answers, 201).map(({ body }) => Number(body["quantity"]));
    const units = held.reduce((sum, one) => sum + one, 0);
    // Who wants three units of the last two is refused; who wants one gets it.
    assert.equal(units, 100);
    assert.equal(withStatus(answers, 409).length, 500);
    assert.equal(answers.length, held.length + 500);
    assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 100, reserved: 100 });
  });

  test("baskets over the same two rows in either order hold what there is, and no more", async () => {
    const mug = await shop.product({ MAD: 30 });
    const cup = await shop.product({ MAD: 30 });
    const line = (product_id: string) => ({ product_id, store_id: "MAD", quantity: 1 });
    const answers = await Promise.all(
      times(100, (n) => {
        const lines = n % 2 === 0 ? [line(mug), line(cup)] : [line(cup), line(mug)];
        return shop.call("POST", "/reservations", { body: { customer_id: `c-${n}`, lines } });
      }),
    );
    assert.equal(withStatus(answers, 201).length, 30);
    assert.equal((await shop.row(mug)).reserved, 30);
    assert.equal((await shop.row(cup)).reserved, 30);
  });

  test("confirm, cancel and extend of one reservation at once end it exactly once", async () => {
    for (let round = 0; round < 10; round += 1) {
      const mug = await shop.product({ MAD: 5 });
      const { body } = await shop.reserve({ product_id: mug, quantity: 2 });
      const url = `/reservations/${textOf(body, "id")}`;
      const calls = times(6, (n) => {
        const action = ["extend", "confirm", "cancel"][(n + round) % 3];
        const call = action === "extend" ? { body: { ttl: 3_600 } } : {};
        return shop.call("POST", `${url}/${action}`, call);
      });
      const ended = (await Promise.all(calls)).filter(
        ({ status, body: one }) => status === 200 && one["status"] !== "PENDING",
      );
      assert.equal(ended.length, 1);
      const { body: now } = await shop.call("GET", url);
      assert.equal(now["status"], ended[0]?.body["status"]);
      const sold = now["status"] === "CONFIRMED" ? 2 : 0;
      assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 5 - sold, reserved: 0 });
    }
  });

  test("an id that 50 bring at once is taken once", async () => {
    const mug = await shop.product({ MAD: 50 });
    const id = newId();
    const answers = await Promise.all(times(50, () => shop.reserve({ product_id: mug, id })));
    assert.equal(withStatus(answers, 201).length, 1);
    for (const one of withStatus(answers, 409)) assertProblem(one, 409, "id_taken", { id });
    assert.equal((await shop.row(mug)).reserved, 1);
  });
});

describe("the same Idempotency-Key", () => {
  test("50 times at once is one effect and one answer, marked on 49", async () => {
    const mug = await shop.product({ MAD: 100 });
    const headers = { "idempotency-key": newId() };
    const answers = await Promise.all(
      times(50, () => shop.reserve({ product_id: mug }, { headers })),
    );
    assert.equal(withStatus(answers, 201).length, 50);
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal(replayed(answers).length, 49);
    assert.equal(new Set(answers.map(({ headers: { location } }) => location)).size, 1);
    assert.equal((await shop.row(mug)).reserved, 1);
  });

  test("with the fields in another order is the same request", async () => {
    const mug = await shop.product({ MAD: 10 });
    const headers = { "idempotency-key": newId() };
    const fields = { product_id: mug, store_id: "MAD", quantity: 1, customer_id: "ann" };
    const turned = Object.fromEntries(Object.entries(fields).reverse());
    const first = await shop.call("POST", "/reservations", { body: fields, headers });
    const second = await shop.call("POST", "/reservations", { body: turned, headers });
    assert.equal(second.text, first.text);
    assert.equal((await shop.row(mug)).reserved, 1);
  });

  test("with another body is refused and does nothing", async () => {
    const mug = await shop.product({ MAD: 10 });
    const headers = { "idempotency-key": newId() };
    await shop.reserve({ product_id: mug }, { headers });
    const answer = await shop.reserve({ product_id: mug, quantity: 2 }, { headers });
    assertProblem(answer, 422, "idempotency_key_reused");
    assert.equal((await shop.row(mug)).reserved, 1);
  });

  test("with two bodies at once does one of them", async () => {
    const mug = await shop.product({ MAD: 100 });
    const headers = { "idempotency-key": newId() };
    const answers = await Promise.all(
      times(20, (n) => shop.reserve({ product_id: mug, quantity: 1 + (n % 2) }, { headers })),
    );
    assert.equal(withStatus(answers, 201).length, 10);
    assert.equal(withStatus(answers, 422).length, 10);
    const [done] = withStatus(answers, 201);
    assert.equal((await shop.row(mug)).reserved, done?.body["quantity"]);
  });

  test("of two callers is two keys", async () => {
    const mug = await shop.product({ MAD: 10 });
    const headers = { "idempotency-key": newId() };
    await shop.reserve({ product_id: mug }, { headers, as: "vendor" });
    const second = await shop.reserve({ product_id: mug }, { headers, as: "manager" });
    assert.equal(second.headers["idempotent-replayed"], undefined);
    assert.equal((await shop.row(mug)).reserved, 2);
  });

  test("gives a refusal again, to the byte, also when there is stock meanwhile", async () => {
    const mug = await shop.product({ MAD: 1 });
    const headers = { "idempotency-key": newId() };
    const wanted = { product_id: mug, quantity: 2 };
    const first = await shop.reserve(wanted, { headers });
    assertProblem(first, 409, "insufficient_stock", { available: 1 });
    await shop.given({
      kind: "SetStock",
      productId: mug,
      storeId: "MAD",
      quantity: 50,
      reorderPoint: undefined,
      reason: "COUNT",
      note: null,
      expected: null,
    });
    const second = await shop.reserve(wanted, { headers });
    assert.equal(second.status, 409);
    assert.equal(second.text, first.text);
    assert.equal(second.headers["idempotent-replayed"], "true");
    assert.equal((await shop.reserve(wanted)).status, 201);
  });

  test("does not keep what was not valid or not there", async () => {
    const mug = await shop.product({ MAD: 1 });
    const headers = { "idempotency-key": newId() };
    assert.equal((await shop.reserve({ product_id: mug, quantity: 0 }, { headers })).status, 400);
    assert.equal((await shop.reserve({ product_id: "none" }, { headers })).status, 404);
    assert.equal((await shop.reserve({ product_id: mug }, { headers })).status, 201);
  });

  test("sells once, and answers with the sale each time", async () => {
    const mug = await shop.product({ MAD: 5 });
    const { body } = await shop.reserve({ product_id: mug, quantity: 2 });
    const url = `/reservations/${textOf(body, "id")}/confirm`;
    const headers = { "idempotency-key": newId() };
    const answers = await Promise.all(times(20, () => shop.call("POST", url, { headers })));
    assert.equal(withStatus(answers, 200).length, 20);
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal((await shop.row(mug)).quantity, 3);
    assertProblem(await shop.call("POST", url), 409, "reservation_not_pending");
  });

  test("takes an expired reservation again once", async () => {
    const mug = await shop.product({ MAD: 5 });
    const url = `/reservations/${await shop.expired(mug)}/confirm`;
    const call = { body: { if_expired: "retake" }, headers: { "idempotency-key": newId() } };
    const answers = await Promise.all(times(20, () => shop.call("POST", url, call)));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal((await shop.row(mug)).quantity, 4);
  });
});
