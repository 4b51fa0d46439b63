// The expiry worker's tick: nothing due, something due, much due, late; by which time it goes; rows that
// are broken; and with the loop around it, that it wakes when the next hold is due. The worker decides
// nothing; the command that it sends does.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { changeStock, createProduct, createStore, reserve } from "../../test/support/commands.ts";
import { openShop } from "../../test/support/shop.ts";
import { until } from "../../test/support/until.ts";
import type { BrokenRow, Command } from "../domain/model.ts";
import { must } from "../lib/assert.ts";
import { newId } from "../lib/ids.ts";
import { openLoop } from "../lib/loop.ts";
import { expireCommandMax } from "../limits.ts";
import { openFile } from "../store/sqlite/open.ts";
import { openStore } from "../store/sqlite/store.ts";
import type { Finding, Outcome, Store } from "../store/store.ts";
import { openExpire } from "./expire.ts";

interface Ended {
  readonly count: number;
  readonly broken?: readonly BrokenRow[];
}

interface Over {
  readonly executes?: () => Promise<void>;
  /** Time of the last commit. */
  readonly logAt?: number;
  /** What each command ends; one hold where nothing is said. */
  readonly ends?: readonly Ended[];
}

/** A worker whose store answers these due times, one after the other. */
function openWorker(dueTimes: readonly (number | null)[], over: Over = {}) {
  const clock = { now: 1_000 };
  const left = [...dueTimes];
  const ends = [...(over.ends ?? [])];
  const commands: Command[] = [];
  const lags: number[] = [];
  const found: Finding[][] = [];
  const at = over.logAt ?? 0;
  const tick = openExpire({
    store: {
      nextDueAt: async () => left.shift() ?? null,
      time: async () => Math.max(clock.now, at),
    },
    execute: async (command): Promise<Outcome> => {
      await over.executes?.();
      commands.push(command);
      const { count, broken = [] } = ends.shift() ?? { count: 1 };
      const result = { reply: { kind: "expired", count, broken } } as const;
      return { at, requestId: command.requestId, result, replayed: false, events: [] };
    },
    now: () => clock.now,
    newRequestId: () => "request-1",
    lag: (ms) => lags.push(ms),
    found: (findings) => found.push([...findings]),
  });
  return { clock, commands, lags, found, tick };
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
    assert.equal(await tick(), 1_000);
    assert.equal(commands.length, 1);
  });

  test("with more due rests for as long as the command took: others are in the queue too", async () => {
    const { clock, tick } = openWorker([900, 950], {
      executes: async () => {
        clock.now += 40;
      },
    });
    assert.equal(await tick(), 1_080);
  });

  test("with more due rests no longer where its command waited for its turn", async () => {
    const { clock, tick } = openWorker([900, 950], {
      executes: async () => {
        clock.now += 2_000;
      },
    });
    assert.equal(await tick(), 3_100);
  });

  test("that cannot execute fails, and says nothing of when to go on", async () => {
    const full = new Error("too much is waiting");
    const { tick } = openWorker([900], { executes: () => Promise.reject(full) });
    await assert.rejects(tick(), full);
  });
});

describe("a tick while the log is ahead of the clock", () => {
  test("ends what the log's time has passed, though the clock has not", async () => {
    const { commands, lags, tick } = openWorker([5_000, 9_000], { logAt: 6_000 });
    assert.equal(await tick(), 1_000 + 3_000, "by its own clock, when 3 s of the log's have gone");
    assert.deepEqual([commands.length, lags], [1, [1_000]]);
  });

  test("comes back at once where more of that is due, and does not wait for the clock", async () => {
    const { tick } = openWorker([5_000, 5_500], { logAt: 6_000 });
    assert.equal(await tick(), 1_000);
  });

  test("leaves what is not due by the log's time, and sleeps until it may be", async () => {
    const { commands, tick } = openWorker([6_001], { logAt: 6_000 });
    assert.equal(await tick(), 1_001);
    assert.equal(commands.length, 0);
  });
});

describe("a tick that meets a broken row", () => {
  const why = "I1 would break: quantity 5, reserved -1";
  const row = (productId: string, holds: number, words = why): BrokenRow => ({
    productId,
    storeId: "MAD",
    holds,
    why: words,
  });

  test("says so once while it lasts, and again when it has come back", async () => {
    const ends = [[row("mug", 1)], [row("mug", 1), row("pen", 2, "no row")], [], [row("mug", 1)]];
    const { found, tick } = openWorker(
      Array.from({ length: 8 }, () => 900),
      {
        ends: ends.map((broken) => ({ count: 1, broken })),
      },
    );
    for (const _ of ends) await tick();
    const mug = { invariant: "I1", detail: `stock mug at MAD: 1 due holds cannot end: ${why}` };
    const pen = { invariant: "other", detail: "stock pen at MAD: 2 due holds cannot end: no row" };
    assert.deepEqual(found, [[mug], [pen], [mug]]);
  });

  test("goes on at once while others end, then rests: holds that cannot end do not make it spin", async () => {
    const broken = [row("mug", 3)];
    const { tick } = openWorker([900, 900, 900], {
      ends: [
        { count: 7, broken },
        { count: 0, broken },
      ],
    });
    assert.equal(await tick(), 1_000);
    assert.equal(await tick(), 2_000, "a second later, for those that come due meanwhile");
  });

  test("reaches beyond the holds that cannot end, at once where they fill the command", async () => {
    const broken = [row("mug", expireCommandMax)];
    const { commands, tick } = openWorker([900, 900, 900, 900, null], {
      ends: [
        { count: 0, broken },
        { count: 1, broken },
      ],
    });
    assert.equal(await tick(), 1_000);
    await tick();
    const limits = commands.map((command) => "limit" in command && command.limit);
    assert.deepEqual(limits, [expireCommandMax, 2 * expireCommandMax]);
  });
});

describe("the worker over the real database", () => {
  test("ends what is due by ticks that follow each other, and leaves what is not", async () => {
    const shop = await openShop({ limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0 } });
    try {
      const mug = await shop.product({ MAD: 1_000 });
      const count = expireCommandMax + 50;
      const held = (ttlMs: number) =>
        reserve(newId(), 1, { productId: mug, idBrought: false, ttlMs });
      await shop.given(...Array.from({ length: count }, () => held(1)), held(600_000));
      const made = Date.now();
      await until(() => Date.now() > made + 1, "the holds are due");
      const lags: number[] = [];
      const tick = openExpire({
        store: shop.store,
        execute: shop.execute,
        now: Date.now,
        newRequestId: newId,
        lag: (ms) => lags.push(ms),
        found: (findings) => assert.deepEqual(findings, []),
      });
      const begunAt = Date.now();
      const between = await tick();
      const endedAt = Date.now();
      assert.ok(between !== null && between <= 2 * endedAt - begunAt, "more is due, after a rest");
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
      tick: openExpire({
        store: shop.store,
        execute: shop.execute,
        now: Date.now,
        newRequestId: newId,
        lag: () => undefined,
        found: (findings) => assert.deepEqual(findings, []),
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

describe("the worker over a database that somebody has had a hand in", () => {
  const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };

  /** Two stores with a hold of a minute each, "a" and "b"; then this is done to the file. */
  async function withHand(
    sql: string,
    work: (store: Store, tick: () => Promise<number | null>, found: Finding[]) => Promise<void>,
  ): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "onhand-expire-"));
    const path = join(folder, "inventory.db");
    const store = await openStore(path, { limits });
    const found: Finding[] = [];
    try {
      await store.commit([
        createStore("MAD"),
        createStore("BCN"),
        createProduct("mug"),
        changeStock({ amount: 5 }),
        changeStock({ amount: 5, storeId: "BCN" }),
        reserve("a", 1, { ttlMs: 60_000 }),
        reserve("b", 1, { ttlMs: 60_000, storeId: "BCN" }),
      ]);
      const db = openFile(path);
      db.exec(sql);
      db.close();
      const tick = openExpire({
        store,
        execute: async (command) => must((await store.commit([command]))[0], "one outcome"),
        now: Date.now,
        newRequestId: newId,
        lag: () => undefined,
        found: (findings) => found.push(...findings),
      });
      await work(store, tick, found);
    } finally {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  const states = async (store: Store): Promise<unknown[]> =>
    Promise.all(["a", "b"].map(async (id) => (await store.reservation(id))?.status));

  test("ends the holds of every other row where an invariant is broken in one, and rests", () =>
    withHand(
      `UPDATE reservations SET expires_at = created_at;
       UPDATE stock SET reserved = 0 WHERE store_id = 'MAD'`,
      async (store, tick, found) => {
        const begunAt = Date.now();
        const next = await tick();
        const took = Date.now() - begunAt;
        assert.ok(next !== null && next <= Date.now() + took, "at once, but for its rest");
        assert.deepEqual(await states(store), ["PENDING", "EXPIRED"]);
        const pause = ((await tick()) ?? Number.POSITIVE_INFINITY) - Date.now();
        assert.ok(pause > 0 && pause <= 1_000, `looks again in ${pause} ms`);
        assert.deepEqual(
          found.map(({ invariant, detail }) => [invariant, detail.slice(0, 16)]),
          [["I1", "stock mug at MAD"]],
        );
      },
    ));

  test("goes by the log's time where a clock was ahead once: what commits take for due ends", () =>
    withHand("UPDATE log_head SET at = at + 3600000", async (store, tick) => {
      await store.commit([reserve("later", 1, { ttlMs: 600_000 })]);
      assert.deepEqual(await states(store), ["EXPIRED", "PENDING"], "a commit met one of them");
      const pause = async (): Promise<number> => ((await tick()) ?? 0) - Date.now();
      assert.ok(Math.abs((await pause()) - 600_000) < 5_000);
      assert.deepEqual(await states(store), ["EXPIRED", "EXPIRED"]);
      assert.ok(Math.abs((await pause()) - 600_000) < 5_000, "and sleeps until the next is due");
    }));
});
