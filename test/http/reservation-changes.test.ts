// Selling, releasing and prolonging a reservation: each documented answer, and what it does to the row.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { assertInvalid, assertProblem, openShop, type Shop, textOf } from "../support/shop.ts";

let shop: Shop;
let mug: string;
before(async () => {
  shop = await openShop({ limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0 } });
});
after(() => shop.close());
beforeEach(async () => {
  mug = await shop.product({ MAD: 10, BCN: 10 });
});

async function hold(over: object = {}): Promise<string> {
  const answer = await shop.reserve({ product_id: mug, ...over });
  assert.equal(answer.status, 201, answer.text);
  return textOf(answer.body, "id");
}

const post = (id: string, action: string, call: Parameters<Shop["call"]>[2] = {}) =>
  shop.call("POST", `/reservations/${id}/${action}`, call);

async function closeStore(): Promise<void> {
  await shop.given({ kind: "ChangeStore", id: "BCN", fields: { active: false }, expected: null });
}
async function openStore(): Promise<void> {
  await shop.given({ kind: "ChangeStore", id: "BCN", fields: { active: true }, expected: null });
}

describe("POST /reservations/{id}/confirm: 200", () => {
  test("the units leave the store; neither body nor content type is needed", async () => {
    const id = await hold({ quantity: 3 });
    const { status, body } = await post(id, "confirm");
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, { id, status: "CONFIRMED", confirmed_quantity: 3 });
    assert.equal(body["expires_in_seconds"], 0);
    assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 7, reserved: 0 });
  });

  test("an empty body that is called JSON is no body", async () => {
    const headers = { "content-type": "application/json" };
    assert.equal((await post(await hold(), "confirm", { headers })).status, 200);
  });

  test("of a smaller quantity the rest is released", async () => {
    const id = await hold({ quantity: 3 });
    const { body } = await post(id, "confirm", { body: { quantity: 1 } });
    assert.partialDeepStrictEqual(body, { quantity: 3, confirmed_quantity: 1 });
    assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 9, reserved: 0 });
  });

  test("an expired one is taken again where that is asked for and the units are there", async () => {
    const old = await shop.expired(mug, { quantity: 2 });
    const { status, body } = await post(old, "confirm", { body: { if_expired: "retake" } });
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, {
      status: "CONFIRMED",
      retaken_from: old,
      confirmed_quantity: 2,
    });
    const before = await shop.call("GET", `/reservations/${old}`);
    assert.partialDeepStrictEqual(before.body, { status: "EXPIRED", retaken_by: body["id"] });
    assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 8, reserved: 0 });
  });

  test("if_expired changes nothing for one that is pending", async () => {
    const id = await hold();
    const { body } = await post(id, "confirm", { body: { if_expired: "retake" } });
    assert.partialDeepStrictEqual(body, { id, status: "CONFIRMED", retaken_from: null });
  });

  for (const as of ["channel", "vendor", "manager"]) {
    test(`a ${as} sells in its store`, async () => {
      assert.equal((await post(await hold(), "confirm", { as })).status, 200);
    });
  }
});

describe("POST /reservations/{id}/confirm: 400", () => {
  for (const [title, body, path] of [
    ["no unit", { quantity: 0 }, "/quantity"],
    ["more than was held", { quantity: 3 }, "/quantity"],
    ["another word for if_expired", { if_expired: "sell" }, "/if_expired"],
    ["a field that is not known", { note: "" }, "/note"],
  ] as const) {
    test(`${title} is refused and sells nothing`, async () => {
      const id = await hold({ quantity: 2 });
      assertInvalid(await post(id, "confirm", { body }), path);
      assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 10, reserved: 2 });
    });
  }
});

describe("POST /reservations/{id}/confirm: 401 and 403", () => {
  test("nobody cannot sell", async () => {
    assertProblem(await post("any", "confirm", { as: null }), 401, "unauthenticated");
  });

  test("a customer cannot sell to itself", async () => {
    const id = await hold({ customer_id: "customer" });
    const answer = await post(id, "confirm", { as: "customer" });
    assertProblem(answer, 403, "forbidden", { scope: "reservation:confirm" });
    assert.equal((await shop.store.reservation(id))?.status, "PENDING");
  });
});

describe("confirm, cancel, extend: 404", () => {
  for (const action of ["confirm", "cancel", "extend"]) {
    const body = action === "extend" ? { ttl: 60 } : {};

    test(`${action} of one that does not exist`, async () => {
      const answer = await post("none", action, { body });
      assertProblem(answer, 404, "reservation_not_found", { reservation_id: "none" });
    });

    for (const as of ["channel", "vendor", "manager"]) {
      test(`${action} of another store's, for a ${as}`, async () => {
        const id = await hold({ store_id: "BCN" });
        assertProblem(await post(id, action, { as, body }), 404, "reservation_not_found");
        assert.equal((await shop.store.reservation(id))?.status, "PENDING");
      });
    }

    test(`${action} of another store's that has ended, so that its state is not told`, async () => {
      const id = await hold({ store_id: "BCN" });
      await post(id, "cancel");
      const answer = await post(id, action, { as: "vendor", body });
      assertProblem(answer, 404, "reservation_not_found");
    });
  }

  for (const action of ["cancel", "extend"]) {
    test(`${action} of another customer's`, async () => {
      const id = await hold({ customer_id: "ann" });
      const before = await shop.store.reservation(id);
      const body = action === "extend" ? { ttl: 60 } : {};
      const answer = await post(id, action, { as: "customer", body });
      assertProblem(answer, 404, "reservation_not_found");
      assert.deepEqual(await shop.store.reservation(id), before);
    });
  }
});

describe("confirm, cancel, extend: 409", () => {
  for (const action of ["confirm", "cancel", "extend"]) {
    const body = action === "extend" ? { ttl: 60 } : {};

    for (const [first, status] of [
      ["confirm", "CONFIRMED"],
      ["cancel", "CANCELLED"],
    ] as const) {
      test(`${action} after ${first} is refused with the state it is in`, async () => {
        const id = await hold();
        await post(id, first);
        const facts = { reservation_id: id, reservation_status: status };
        assertProblem(await post(id, action, { body }), 409, "reservation_not_pending", facts);
      });
    }

    test(`${action} after its time is refused with that time`, async () => {
      const id = await shop.expired(mug);
      const answer = await post(id, action, { body });
      assertProblem(answer, 409, "reservation_expired", { reservation_id: id });
      assert.match(textOf(answer.body, "expired_at"), /^\d{4}-.*Z$/);
      assert.equal((await shop.store.reservation(id))?.status, "EXPIRED");
      assert.equal((await shop.row(mug)).reserved, 0);
    });
  }

  test("if_expired: refuse is what confirm does anyway", async () => {
    const id = await shop.expired(mug);
    const answer = await post(id, "confirm", { body: { if_expired: "refuse" } });
    assertProblem(answer, 409, "reservation_expired");
  });

  test("an expired one whose units are gone is not taken again", async () => {
    const old = await shop.expired(mug, { quantity: 2 });
    await hold({ quantity: 9 });
    const answer = await post(old, "confirm", { body: { if_expired: "retake" } });
    assertProblem(answer, 409, "insufficient_stock", { available: 1, requested: 2 });
  });

  test("an expired one is taken again once", async () => {
    const old = await shop.expired(mug);
    const retake = { body: { if_expired: "retake" } };
    const { body } = await post(old, "confirm", retake);
    const facts = { reservation_status: "EXPIRED", retaken_by: body["id"] };
    assertProblem(await post(old, "confirm", retake), 409, "reservation_not_pending", facts);
    assert.equal((await shop.row(mug)).quantity, 9);
  });

  test("a closed store neither sells nor prolongs, but lets go", async () => {
    const id = await hold({ store_id: "BCN" });
    await closeStore();
    try {
      assertProblem(await post(id, "confirm"), 409, "store_inactive", { store_id: "BCN" });
      assertProblem(await post(id, "extend", { body: { ttl: 60 } }), 409, "store_inactive");
      assert.equal((await post(id, "cancel")).status, 200);
    } finally {
      await openStore();
    }
  });
});

describe("POST /reservations/{id}/cancel: 200", () => {
  test("the units are available again; the reason is kept", async () => {
    const id = await hold({ quantity: 4 });
    const { status, body } = await post(id, "cancel", { body: { reason: "changed my mind" } });
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, { status: "CANCELLED", cancel_reason: "changed my mind" });
    assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 10, reserved: 0 });
  });

  test("a reason is not needed, nor a body", async () => {
    const { status, body } = await post(await hold(), "cancel");
    assert.deepEqual([status, body["cancel_reason"]], [200, null]);
  });

  for (const as of ["customer", "channel", "vendor", "manager"]) {
    test(`a ${as} may`, async () => {
      const id = await hold({ customer_id: "customer" });
      assert.equal((await post(id, "cancel", { as })).status, 200);
    });
  }
});

describe("POST /reservations/{id}/cancel: 400", () => {
  test("a reason that is too long, or empty, is refused", async () => {
    const id = await hold();
    for (const reason of ["x".repeat(501), ""]) {
      assertInvalid(await post(id, "cancel", { body: { reason } }), "/reason");
    }
  });
});

describe("POST /reservations/{id}/extend: 200", () => {
  for (const [body, seconds] of [
    [{ ttl: 3_600 }, 3_600],
    [{ ttl_minutes: 30 }, 1_800],
    [{ ttl: 5 }, 5],
  ] as const) {
    test(`${JSON.stringify(body)} counts from now`, async () => {
      const id = await hold({ ttl: 60 });
      const answer = await post(id, "extend", { body });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body["expires_in_seconds"], seconds);
      const expiresAt = Date.parse(textOf(answer.body, "updated_at")) + seconds * 1_000;
      assert.equal(answer.body["expires_at"], new Date(expiresAt).toISOString());
    });
  }

  test("it is held for a day in all, and no longer", async () => {
    const id = await hold();
    const { body } = await post(id, "extend", { body: { ttl: 86_400 } });
    const last = Date.parse(textOf(body, "created_at")) + 86_400_000;
    assert.equal(body["expires_at"], new Date(last).toISOString());
  });

  for (const as of ["customer", "channel", "vendor", "manager"]) {
    test(`a ${as} may`, async () => {
      const id = await hold({ customer_id: "customer" });
      assert.equal((await post(id, "extend", { as, body: { ttl: 60 } })).status, 200);
    });
  }
});

describe("POST /reservations/{id}/extend: 400 and 409", () => {
  for (const [title, body, path] of [
    ["without a time", {}, "/ttl"],
    ["with both times", { ttl: 60, ttl_minutes: 1 }, "/ttl_minutes"],
    ["for no time", { ttl: 0 }, "/ttl"],
    ["for more than a day", { ttl_minutes: 1_441 }, "/ttl_minutes"],
  ] as const) {
    test(`${title} it is refused by its path`, async () => {
      assertInvalid(await post(await hold(), "extend", { body }), path);
    });
  }

  test("without a body it is refused", async () => {
    assertProblem(await post(await hold(), "extend"), 400, "malformed_json");
  });

  test("where its whole life is used up it is refused", async () => {
    const id = await hold({ ttl: 86_400 });
    const answer = await post(id, "extend", { body: { ttl: 86_400 } });
    assertProblem(answer, 409, "lifetime_exceeded", { max_seconds: 86_400 });
  });
});

test("each change is counted under its store", async () => {
  const id = await hold();
  await post(id, "extend", { body: { ttl: 60 } });
  await post(id, "confirm");
  await post(await hold(), "cancel");
  await post("none", "cancel");
  const counted = await shop.metrics.text();
  for (const operation of ["extend", "confirm", "cancel"]) {
    const series = `operation="${operation}",store_id="MAD",status="ok"`;
    assert.ok(counted.includes(`stock_operations_total{${series}}`), series);
  }
  const refused = 'operation="cancel",store_id="",status="reservation_not_found"';
  assert.ok(counted.includes(refused), refused);
});
