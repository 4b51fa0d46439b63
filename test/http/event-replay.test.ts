// POST /events/replay: who may, which ranges and streams are taken, and what is said of what is in the way.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventTypes } from "../../src/domain/model.ts";
import { replayEventsMax } from "../../src/limits.ts";
import { openTestApp, type TestApp } from "../support/app.ts";
import { changeStock, createProduct, createStore } from "../support/commands.ts";
import { assertProblem } from "../support/shop.ts";

let it: TestApp;
before(async () => {
  it = await openTestApp();
  await it.given(createStore("MAD"), createProduct("mug"));
  await it.given(...Array.from({ length: 8 }, () => changeStock({ amount: 1 })));
});
after(() => it.close());

const replay = (body: object, as = "admin") =>
  it.call("POST", "/events/replay", {
    body: { stream: "again", from_seq: 1, to_seq: 5, ...body },
    as,
  });

describe("POST /events/replay: 200", () => {
  test("says what was asked for and how much is new", async () => {
    const first = await replay({});
    assert.equal(first.status, 200, first.text);
    const range = { stream: "again", from_seq: 1, to_seq: 5 };
    assert.deepEqual(first.body, { ...range, published: 5 });
    assert.deepEqual((await replay({})).body, { ...range, published: 0 });
    assert.equal((await replay({ to_seq: 10 })).body["published"], 5);
  });

  test("of one type and store", async () => {
    const { body } = await replay({ stream: "some", to_seq: 10, type: "stock.updated" });
    assert.equal(body["published"], 7);
    const other = await replay({ stream: "others", to_seq: 10, store_id: "BCN" });
    assert.equal(other.body["published"], 0);
  });
});

describe("POST /events/replay: 400", () => {
  const refused = async (body: object, path: string): Promise<void> => {
    const answer = await replay(body);
    assertProblem(answer, 400, "validation_failed");
    const [error] = answer.body["errors"] as readonly { path: string }[];
    assert.equal(error?.path, path, answer.text);
  };

  for (const stream of ["inventory-events", "inventory-events:state", "inventory-events:relay"]) {
    test(`${stream} is a live name`, () => refused({ stream }, "/stream"));
  }
  test("so is every type, and each of them behind another's prefix", async () => {
    for (const type of eventTypes) {
      await refused({ stream: type }, "/stream");
      await refused({ stream: `shop:${type}` }, "/stream");
    }
    await refused({ stream: "shop:inventory-events" }, "/stream");
    await refused({ stream: "shop:inventory-events:state" }, "/stream");
  });
  test("a stream has a name", () => refused({ stream: "" }, "/stream"));
  test("a range does not end before it begins", () => refused({ from_seq: 6 }, "/to_seq"));
  test("a range ends within the log", () => refused({ to_seq: 11 }, "/to_seq"));
  test("a range begins with the log", () => refused({ from_seq: 0 }, "/from_seq"));
  test("a range is not endless", async () => {
    const { store } = it;
    const { head } = store;
    Object.assign(store, { head: async () => ({ ...(await head()), seq: 10 * replayEventsMax }) });
    await refused({ to_seq: replayEventsMax + 1 }, "/to_seq");
    Object.assign(store, { head });
  });
  test("an Idempotency-Key is not taken: it is not needed", async () => {
    const answer = await it.call("POST", "/events/replay", {
      body: { stream: "again", from_seq: 1, to_seq: 5 },
      headers: { "idempotency-key": "k" },
    });
    assertProblem(answer, 400, "invalid_idempotency_key");
  });
});

describe("POST /events/replay: 403, 409", () => {
  test("only an admin may", async () => {
    for (const role of ["customer", "channel", "vendor", "manager"]) {
      assertProblem(await replay({}, role), 403, "forbidden", { scope: "events:replay" });
    }
  });

  test("a stream that goes beyond is named with its end", async () => {
    await replay({ stream: "late", from_seq: 4, to_seq: 6 });
    const answer = await replay({ stream: "late", from_seq: 3, to_seq: 6 });
    assertProblem(answer, 409, "stream_in_use", { stream: "late" });
    assert.match(String(answer.body["last_id"]), /^\d+-6$/);
  });
});
