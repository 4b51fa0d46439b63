// Writing several stock rows at once over HTTP: transfers between stores, and batches of changes.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { newId } from "../../src/lib/ids.ts";
import { batchLinesMax, quantityMax } from "../../src/limits.ts";
import type { Call } from "../support/app.ts";
import {
  assertInvalid,
  assertProblem,
  listOf,
  openShop,
  type Shop,
  textOf,
} from "../support/shop.ts";

let shop: Shop;
let mug: string;
/** A manager's key for both stores. */
let regional: string;
before(async () => {
  shop = await openShop();
  regional = (await shop.addKey({ role: "manager", name: "regional", stores: ["MAD", "BCN"] }))
    .secret;
});
after(async () => {
  await shop.mustBeSound();
  await shop.close();
});
beforeEach(async () => {
  mug = await shop.product({ MAD: 10, BCN: 10 });
});

const transfer = (over: object = {}, call: Call = {}) =>
  shop.call("POST", "/stock/transfer", {
    ...call,
    body: { product_id: mug, from_store_id: "MAD", to_store_id: "BCN", quantity: 4, ...over },
  });
const line = (over: object = {}) => ({
  product_id: mug,
  store_id: "MAD",
  quantity_change: 1,
  reason: "RESTOCK",
  ...over,
});
const batch = (changes: readonly object[], over: object = {}, call: Call = {}) =>
  shop.call("POST", "/stock/batch", { ...call, body: { changes, ...over } });

async function units(): Promise<readonly number[]> {
  return [(await shop.row(mug)).quantity, (await shop.row(mug, "BCN")).quantity];
}

describe("POST /stock/transfer: 200", () => {
  test("units leave one row and arrive in the other, and the answer shows both", async () => {
    const { status, body } = await transfer({}, { as: regional });
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, {
      from: { store_id: "MAD", quantity: 6, version: 2 },
      to: { store_id: "BCN", quantity: 14, version: 2 },
    });
    assert.deepEqual(await units(), [6, 14]);
  });

  test("the log has two events with the transfer's id: out and in", async () => {
    const { body } = await transfer({ note: "for the weekend" });
    for (const [storeId, direction] of [
      ["MAD", "out"],
      ["BCN", "in"],
    ]) {
      const history = await shop.call("GET", `/stock/${mug}/${storeId}/history?limit=1`);
      const [event] = listOf(history.body);
      assert.partialDeepStrictEqual(event, {
        type: "stock.transferred",
        payload: {
          transfer_id: body["transfer_id"],
          direction,
          reason: "TRANSFER",
          note: "for the weekend",
        },
      });
    }
  });

  test("the destination row is made if there is none", async () => {
    mug = await shop.product({ MAD: 10 });
    const { body } = await transfer();
    assert.partialDeepStrictEqual(body, { to: { quantity: 4, version: 1 } });
  });

  test("the source's version that was seen lets it through", async () => {
    assert.equal((await transfer({ expected_version: 1 })).status, 200);
    assert.equal((await transfer({}, { headers: { "if-match": '"v2"' } })).status, 200);
  });

  test("the same request under the same key moves the units once", async () => {
    const call = { headers: { "idempotency-key": newId() } };
    const [first, again] = [await transfer({}, call), await transfer({}, call)];
    assert.equal(again.text, first.text);
    assert.deepEqual(await units(), [6, 14]);
  });

  test("transfers back and forth at once lose nothing", async () => {
    const back = { from_store_id: "BCN", to_store_id: "MAD", quantity: 1 };
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        n % 2 === 0 ? transfer({ quantity: 1 }) : transfer(back),
      ),
    );
    assert.ok(answers.every(({ status }) => status === 200 || status === 409));
    const [mad = 0, bcn = 0] = await units();
    assert.equal(mad + bcn, 20);
  });
});

describe("POST /stock/transfer: 400", () => {
  for (const value of [0, -1, 1.5, "1", 2 ** 53, null, quantityMax + 1]) {
    test(`${JSON.stringify(value)} is no number of units to move`, async () => {
      assertInvalid(await transfer({ quantity: value }), "/quantity");
      assert.deepEqual(await units(), [10, 10]);
    });
  }

  test("OTHER without a note, and an unknown field, are refused by name", async () => {
    assertInvalid(await transfer({ reason: "OTHER" }), "/note");
    assertInvalid(await transfer({ store_id: "MAD" }), "/store_id");
  });

  test("more than the destination can count is refused", async () => {
    const body = { quantity: quantityMax };
    await shop.call("PUT", `/stock/${mug}/BCN`, { body });
    assertInvalid(await transfer(), "/quantity");
  });
});

describe("POST /stock/transfer: 403", () => {
  for (const as of ["customer", "channel", "vendor"]) {
    test(`a ${as} may not transfer`, async () => {
      assertProblem(await transfer({}, { as }), 403, "forbidden");
    });
  }

  test("a manager must own both stores, and is told which it does not", async () => {
    const facts = { store_id: "BCN" };
    assertProblem(await transfer({}, { as: "manager" }), 403, "forbidden", facts);
    const back = { from_store_id: "BCN", to_store_id: "MAD" };
    assertProblem(await transfer(back, { as: "manager" }), 403, "forbidden", facts);
    assert.deepEqual(await units(), [10, 10]);
  });
});

describe("POST /stock/transfer: 404, 409, 412", () => {
  test("an unknown product or store, and a closed store, are refused by name", async () => {
    const facts = { store_id: "NOPE" };
    assertProblem(await transfer({ to_store_id: "NOPE" }), 404, "store_not_found", facts);
    assertProblem(await transfer({ from_store_id: "NOPE" }), 404, "store_not_found", facts);
    assertProblem(await transfer({ to_store_id: "OLD" }), 409, "store_inactive", {
      store_id: "OLD",
    });
    assertProblem(await transfer({ product_id: "none" }), 404, "product_not_found");
  });

  test("a source without the product has nothing to give", async () => {
    mug = await shop.product({ BCN: 1 });
    assertProblem(await transfer(), 404, "stock_not_found", { store_id: "MAD" });
  });

  test("a store is no destination of its own units", async () => {
    assertProblem(await transfer({ to_store_id: "MAD" }), 409, "same_store", { store_id: "MAD" });
  });

  test("held units stay where they are held", async () => {
    await shop.reserve({ product_id: mug, quantity: 7 });
    const facts = { store_id: "MAD", available: 3, requested: 4 };
    assertProblem(await transfer(), 409, "insufficient_stock", facts);
    assert.equal((await transfer({ quantity: 3 })).status, 200);
  });

  test("an older version of the source moves nothing", async () => {
    assertProblem(await transfer({ expected_version: 5 }), 409, "version_mismatch");
    assertProblem(await transfer({}, { headers: { "if-match": '"v5"' } }), 412, "version_mismatch");
    assert.deepEqual(await units(), [10, 10]);
  });
});

describe("POST /stock/batch: 200", () => {
  test("lines apply in order and see those before them; one row may come twice", async () => {
    const { status, body } = await batch([
      line({ quantity_change: 5 }),
      line({ quantity_change: -15 }),
      line({ store_id: "BCN", quantity_change: 1, expected_version: 1 }),
    ]);
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(listOf(body, "results"), [
      { index: 0, status: "ok", stock: { quantity: 15, version: 2 } },
      { index: 1, status: "ok", stock: { quantity: 0, version: 3 } },
      { index: 2, status: "ok", stock: { store_id: "BCN", quantity: 11 } },
    ]);
  });

  test("skip_failed does what can be done and says of each other line what it met", async () => {
    const lines = [
      line({ quantity_change: -11 }),
      line({ quantity_change: 2 }),
      line({ product_id: "none" }),
      line({ store_id: "NOPE" }),
      line({ store_id: "OLD" }),
      line({ quantity_change: undefined, initial_quantity: 1 }),
      line({ expected_version: 1 }),
    ];
    const { status, body } = await batch(lines, { error_policy: "skip_failed" });
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(listOf(body, "results"), [
      {
        index: 0,
        status: "failed",
        error: { code: "insufficient_stock", available: 10, requested: 11, store_id: "MAD" },
      },
      { index: 1, status: "ok", stock: { quantity: 12 } },
      { index: 2, status: "failed", error: { code: "product_not_found", product_id: "none" } },
      { index: 3, status: "failed", error: { code: "store_not_found", store_id: "NOPE" } },
      { index: 4, status: "failed", error: { code: "store_inactive", store_id: "OLD" } },
      { index: 5, status: "failed", error: { code: "stock_exists" } },
      { index: 6, status: "failed", error: { code: "version_mismatch", current_version: 2 } },
    ]);
    assert.deepEqual(await units(), [12, 10]);
  });

  test("takes as many lines as it says, in one transaction", async () => {
    const { seq } = await shop.store.head();
    const { status, body } = await batch(
      Array.from({ length: batchLinesMax }, () => line()),
      {},
      { as: "manager" },
    );
    assert.equal(status, 200);
    assert.equal(listOf(body, "results").length, batchLinesMax);
    assert.equal((await shop.row(mug)).quantity, 10 + batchLinesMax);
    assert.equal((await shop.store.head()).seq, seq + batchLinesMax);
  });

  test("the same request under the same key is done once and answered the same", async () => {
    const call = { headers: { "idempotency-key": newId() } };
    const lines = [line(), line({ quantity_change: -1_000 })];
    const policy = { error_policy: "skip_failed" };
    const [first, again] = [await batch(lines, policy, call), await batch(lines, policy, call)];
    assert.equal(again.text, first.text);
    assert.deepEqual(await units(), [11, 10]);
  });
});

describe("POST /stock/batch: 400", () => {
  for (const [title, changes, path] of [
    ["no line", [], "/changes"],
    ["a line more than allowed", Array.from({ length: batchLinesMax + 1 }, () => ({})), "/changes"],
    ["a change of 0 in a line", [{ quantity_change: 0 }], "/changes/1/quantity_change"],
    ["a change and an initial quantity", [{ initial_quantity: 1 }], "/changes/1/initial_quantity"],
    ["no number", [{ quantity_change: undefined }], "/changes/1/quantity_change"],
    ["no reason", [{ reason: undefined }], "/changes/1/reason"],
    ["OTHER without a note", [{ reason: "OTHER" }], "/changes/1/note"],
    ["an unknown field", [{ price: 1 }], "/changes/1/price"],
  ] as const) {
    test(`${title} is refused by the line's place, and nothing is done`, async () => {
      const lines = changes.map((over) => line(over));
      assertInvalid(await batch(path === "/changes" ? lines : [line(), ...lines]), path);
      assert.deepEqual(await units(), [10, 10]);
    });
  }

  test("an unknown policy is refused by name", async () => {
    assertInvalid(await batch([line()], { error_policy: "best_effort" }), "/error_policy");
  });

  test("If-Match is refused, not ignored: it can guard one row only", async () => {
    const headers = { "if-match": '"v1"' };
    assertInvalid(await batch([line()], {}, { headers }), "If-Match");
  });
});

describe("POST /stock/batch: 403", () => {
  for (const as of ["customer", "channel", "vendor"]) {
    test(`a ${as} may not send batches`, async () => {
      assertProblem(await batch([line()], {}, { as }), 403, "forbidden");
    });
  }

  test("one line in a store that is not the caller's refuses the whole batch", async () => {
    const lines = [line(), line({ store_id: "BCN" })];
    const answer = await batch(lines, { error_policy: "skip_failed" }, { as: "manager" });
    assertProblem(answer, 403, "forbidden", { store_id: "BCN" });
    assert.deepEqual(await units(), [10, 10]);
  });
});

describe("POST /stock/batch: 409", () => {
  test("without a policy, one line that is refused undoes all, and the results say which", async () => {
    const { seq } = await shop.store.head();
    const answer = await batch([line(), line({ quantity_change: -12 })]);
    assertProblem(answer, 409, "batch_failed");
    assert.partialDeepStrictEqual(listOf(answer.body, "results"), [
      { index: 0, status: "ok" },
      { index: 1, status: "failed", error: { code: "insufficient_stock", available: 11 } },
    ]);
    assert.equal(listOf(answer.body, "results")[0]?.["stock"], undefined);
    assert.deepEqual(await units(), [10, 10]);
    assert.equal((await shop.store.head()).seq, seq);
  });
});

describe("POST /stock/batch: 413", () => {
  test("takes a body of more than 64 kB, but not of more than 1 MB", async () => {
    const note = "n".repeat(490);
    const large = Array.from({ length: 500 }, () => line({ note }));
    assert.ok(JSON.stringify(large).length > 256 * 1024);
    assert.equal((await batch(large)).status, 200);
    const tooLarge = JSON.stringify({ changes: [line({ note: "n".repeat(1024 * 1024) })] });
    const answer = await shop.call("POST", "/stock/batch", { body: tooLarge });
    assertProblem(answer, 413, "body_too_large");
  });
});

describe("what the log of requests is told of a batch", () => {
  test("the store is a label only where all that was done is in one", async () => {
    const series = async (): Promise<ReadonlyMap<string, number>> => {
      const { values } = await shop.metrics.stockOperations.get();
      const own = values.filter(
        ({ labels }) => labels.operation === "batch_stock" && labels.status === "ok",
      );
      return new Map(own.map(({ labels, value }) => [String(labels.store_id), value]));
    };
    const first = await series();
    await batch([line(), line({ store_id: "NOPE" })], { error_policy: "skip_failed" });
    await batch([line(), line({ store_id: "BCN" })]);
    const then = await series();
    for (const store of ["MAD", ""]) {
      assert.equal(then.get(store), (first.get(store) ?? 0) + 1, `"${store}"`);
    }
    assert.equal(then.has("NOPE"), false);
    assert.match(textOf({ text: await shop.metrics.text() }, "text"), /batch_stock/);
  });
});
