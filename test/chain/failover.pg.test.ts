// The primary dies under load and its synchronous standby is promoted. Two instances that know both hosts go on by
// themselves; nothing that was acknowledged is lost, nothing is doubled. The old primary comes back, takes writes,
// and knows nothing of what was sold since: it is never used, not even when it is the only one there.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { newSecret } from "../../src/lib/ids.ts";
import { runOnhand, startInstance, unlimited } from "../support/instance.ts";
import {
  assertInLog,
  booksOf,
  type LoggedEvent,
  openShopOf,
  randomFrom,
  readLog,
  rowsOf,
} from "../support/ledger.ts";
import { openCrowd, resolved } from "../support/outage.ts";
import { type Postgres, query, startPostgres, startStandby } from "../support/postgres.ts";
import { noPostgres, superuser } from "../support/postgres-programs.ts";
import { until } from "../support/until.ts";

const seed = Number(process.env["FAILOVER_SEED"] ?? randomInt(2 ** 31));
/** Far longer than anything takes on a busy machine. */
const patienceMs = 60_000;
const resumeMsMax = 30_000;

async function headOf(server: Postgres): Promise<number> {
  const [row] = await query(server.urlOf("shop"), "SELECT seq::integer FROM log_head");
  return Number(row?.["seq"]);
}

/** Ends what the services have open there, as a proxy or an operator may at any time. */
async function cutAll(server: Postgres): Promise<void> {
  await query(
    server.url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop'",
  );
}

/** A pair of which the second has every commit before it is answered. */
async function startPair(): Promise<readonly [primary: Postgres, standby: Postgres]> {
  const primary = await startPostgres();
  const standby = await startStandby(primary, { name: "second" });
  await query(primary.url, "ALTER SYSTEM SET synchronous_standby_names = 'second'");
  await query(primary.url, "SELECT pg_reload_conf()");
  const isSynchronous = async (): Promise<boolean> => {
    const [row] = await query(primary.url, "SELECT sync_state FROM pg_stat_replication");
    return row?.["sync_state"] === "sync";
  };
  await until(isSynchronous, "the standby is synchronous");
  await query(primary.url, "CREATE DATABASE shop");
  return [primary, standby];
}

const options = { skip: noPostgres, timeout: 120_000 };

test(
  "a failover under load loses nothing that was acknowledged, and the old primary is never used",
  options,
  async (t) => {
    const [old, next] = await startPair();
    const hosts = `127.0.0.1:${old.port},127.0.0.1:${next.port}`;
    const env = {
      ...unlimited,
      ONHAND_DEMO: "off",
      ONHAND_ADMIN_KEY: newSecret(),
      DATABASE_URL: `postgres://${superuser}@${hosts}/shop`,
    };
    const services = await Promise.all([startInstance({ env }), startInstance({ env })]);
    const [service] = services;
    await openShopOf(service);
    const random = randomFrom(seed);
    const crowds = services.map((one, place) =>
      openCrowd([one], { name: `f${place}`, width: 4, random }),
    );
    const allDone = (since: number, many = 0): boolean =>
      crowds.every((crowd) => crowd.done(since) > many);
    const allRefused = (since: number): boolean =>
      crowds.every((crowd) => crowd.refused(since) > 0);
    try {
      await until(() => allDone(0, 50), "there is load", patienceMs);

      const diedAt = performance.now();
      await old.kill();
      await until(() => allRefused(diedAt), "writes are refused", patienceMs);
      const promotedAt = performance.now();
      await next.promote();
      await until(() => allDone(promotedAt), "writes resume", resumeMsMax);
      const resumedAt = performance.now();
      t.diagnostic(
        `writes resumed ${Math.round(resumedAt - diedAt)} ms after the primary died, ${Math.round(resumedAt - promotedAt)} ms after the promotion began`,
      );
      assert.ok(resumedAt - diedAt < resumeMsMax);
      const started = await startInstance({ env });
      assert.equal((await started.stop()).code, 0, "with its first host down a service starts");

      // Nobody stands behind it any more: it would take writes at once.
      appendFileSync(
        join(old.folder, "data/postgresql.auto.conf"),
        "synchronous_standby_names = ''\n",
      );
      await old.start();
      await query(old.url, "CREATE TABLE takes_writes ()");
      const stale = await headOf(old);
      for (let round = 0; round < 3; round += 1) {
        const cutAt = performance.now();
        await cutAll(next);
        await until(() => allDone(cutAt, 5), "writes go on", patienceMs);
      }
      const leftAt = performance.now();
      await next.stop("fast");
      await until(() => allRefused(leftAt), "writes are refused", patienceMs);
      await until(
        () => crowds.every((crowd) => crowd.refused(leftAt) > 10),
        "and stay refused",
        patienceMs,
      );
      const backAt = performance.now();
      await next.start();
      await until(() => allDone(backAt, 5), "writes resume", patienceMs);
      t.diagnostic(`after its restart: ${Math.round(performance.now() - backAt)} ms`);
      assert.equal(await headOf(old), stale, "the old primary was written to");
    } finally {
      for (const crowd of crowds) void crowd.settle();
    }

    const deeds = await Promise.all(crowds.map((crowd) => crowd.settle()));
    const log: LoggedEvent[] = [];
    await readLog(service, log);
    const keyless = resolved(
      deeds.flatMap((one) => one.keyless),
      log,
    );
    const all = [...deeds.flatMap((one) => one.keyed), ...keyless];
    t.diagnostic(`${all.length} writes, FAILOVER_SEED=${seed}`);
    assertInLog(all, log);
    assert.deepEqual(await rowsOf(service), booksOf(all));
    const { code, stdout } = await runOnhand(["verify"], { env });
    assert.equal(code, 0, stdout);
    for (const one of services) assert.equal((await one.stop()).code, 0);
    await Promise.all([old.close(), next.close()]);
  },
);
