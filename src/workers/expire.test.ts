// The expiry worker's tick: nothing due, something due, much due, late; and with the loop around it, that
// it wakes when the next hold is due. The worker decides nothing; the command that it sends does.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openShop } from "../../test/support/shop.ts";
import { until } from "../../test/support/until.ts";
import type { Command } from "../domain/model.ts";
import { newId } from "../lib/ids.ts";
import { openLoop } from "../lib/loop.ts";
import { expireCommandMax } from "../limits.ts";
import type { Outcome } from "../store/store.ts";
import { expireTick } from "./expire.ts";

/** A worker whose store answers these due times, one after the other. */
function openWorker(
  dueTimes: readonly (number | null)[],
  over: { executes?: () => Promise<void> } = {},
) {
  const clock = { now: 1_000 };
  const left = [...dueTimes];
  const commands: Command[] = [];
  const lags: number[] = [];
  const tick = () =>
    expireTick({
      store: { nextDueAt: async () => left.shift() ?? null },
      execute: async (command): Promise<Outcome> => {
        await over.executes?.();
        commands.push(command);
        const result = { reply: { kind: "expired", count: 1 } } as unknown as Outcome["result"];
        return { at: clock.now, requestId: command.requestId, result, replayed: false, events: [] };
      },
      now: () => clock.now,
      newRequestId: () => "request-1",
      lag: (ms) => lags.push(ms),
    });
  return { clock, commands, lags, tick };
}

describe("a tick", () => {
  test("with nothing pending does nothing and names no time", async () => {
    const { commands, lags, tick } = openWorker([null]);
    assert.equal(await tick(), null);
    assert.deepEqual([commands, lags], [[], []]);
  });

  test("with nothing due does nothing and says when something will be", async () => {
    const { commands, lags, tick } = openWorker([1_001]);
    assert.equal(await tick(), 1_001);
    assert.deepEqual([commands, lags], [[], []]);
  });

  test("with a hold that is due ends it by one bounded command, in its own name", async () => {
    const { commands, tick } = openWorker([1_000, 5_000]);
    assert.equal(await tick(), 5_000);
    assert.deepEqual(commands, [
      {
        kind: "ExpireDue",
        limit: expireCommandMax,
        actor: "system:expiry",
        requestId: "request-1",
        once: null,
      },
    ]);
  });

  test("says how late the oldest due hold was found", async () => {
    const { lags, tick } = openWorker([400, null]);
    await tick();
    assert.deepEqual(lags, [600]);
  });

  test("with more due than one command ends asks for the next tick at once, not for a longer one", async () => {
    const { commands, tick } = openWorker([900, 950]);
    assert.equal(await tick(), 950);
    assert.equal(commands.length, 1);
  });

  test("that cannot execute fails, and says nothing of when to go on", async () => {
    const full = new Error("too much is waiting");
    const { tick } = openWorker([900], { executes: () => Promise.reject(full) });
    await assert.rejects(tick(), full);
  });
});

describe("the worker over the real database", () => {
  test("ends what is due by ticks that follow each other, and leaves what is not", async () => {
    const shop = await openShop({ limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0 } });
    try {
      const mug = await shop.product({ MAD: 1_000 });
      const count = expireCommandMax + 50;
      const held = (ttlMs: number) =>
        ({
          kind: "Reserve",
          groupId: null,
          customerId: "ann",
          ttlMs,
          metadata: null,
          lines: [
            {
              reservationId: newId(),
              idBrought: false,
              productId: mug,
              storeId: "MAD",
              quantity: 1,
            },
          ],
        }) as const;
      await shop.given(...Array.from({ length: count }, () => held(1)), held(600_000));
      const made = Date.now();
      await until(() => Date.now() > made + 1, "the holds are due");
      const lags: number[] = [];
      const tick = () =>
        expireTick({
          store: shop.store,
          execute: shop.execute,
          now: Date.now,
          newRequestId: newId,
          lag: (ms) => lags.push(ms),
        });
      const between = await tick();
      assert.ok(between !== null && between <= Date.now(), "more is due");
      assert.equal((await shop.row(mug)).reserved, 51);
      const next = await tick();
      assert.ok(next !== null && next > Date.now(), "only the long one is left");
      assert.equal((await shop.row(mug)).reserved, 1);
      assert.equal(lags.length, 2);
      await shop.mustBeSound();
    } finally {
      await shop.close();
    }
  });

  test("wakes when the next hold is due, long before its longest pause", async () => {
    const shop = await openShop();
    const loop = openLoop({
      tick: () =>
        expireTick({
          store: shop.store,
          execute: shop.execute,
          now: Date.now,
          newRequestId: newId,
          lag: () => undefined,
        }),
      pauseMsMax: 600_000,
      now: Date.now,
      failed: (error) => {
        throw error;
      },
    });
    try {
      const mug = await shop.product({ MAD: 5 });
      const { body } = await shop.reserve({ product_id: mug, ttl: 1 });
      const due = Date.parse(String(body["expires_at"]));
      loop.wakeAt(due);
      const id = String(body["id"]);
      await until(
        async () => (await shop.store.reservation(id))?.status === "EXPIRED",
        "the worker has ended the hold",
      );
      assert.ok(Date.now() >= due);
      assert.equal((await shop.row(mug)).reserved, 0);
    } finally {
      await loop.stop();
      await shop.close();
    }
  });
});
