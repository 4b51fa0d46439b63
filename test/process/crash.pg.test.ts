// On PostgreSQL, under load: an instance is killed, again and again, and what it left half done is the server's to
// end; the server is stopped at once and started, which it recovers from; the connections of commits are ended at
// any moment. What was acknowledged is there, once; what was not is asked again and happens once.
// `npm run test:long` does each of them more often.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, type TestContext, test } from "node:test";
import { newSecret } from "../../src/lib/ids.ts";
import { type Load, openLoad } from "../support/crash-load.ts";
import { assertBooks, killAgainAndAgain } from "../support/crash-loop.ts";
import { type Environment, newFolder, startInstance, unlimited } from "../support/instance.ts";
import { openShopOf, randomFrom } from "../support/ledger.ts";
import { type Postgres, query, startPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { until } from "../support/until.ts";

const kills = Number(process.env["CRASH_KILLS"] ?? 3);
const seed = Number(process.env["CRASH_SEED"] ?? randomInt(2 ** 31));
/** Far longer than it takes on a busy machine. */
const timeout = 120_000 + kills * 30_000;
const patienceMs = 60_000;
const width = 6;

describe("on PostgreSQL", { skip: noPostgres, timeout: 3 * timeout }, () => {
  let postgres: Postgres;
  const key = newSecret();
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres.close());

  async function newEnvironment(): Promise<Environment> {
    const url = await postgres.newDatabase();
    return { ...unlimited, ONHAND_DEMO: "off", DATABASE_URL: url, ONHAND_ADMIN_KEY: key };
  }

  test(`${kills} kills of an instance lose nothing that was acknowledged and double nothing that is asked again`, {
    timeout,
  }, async (t) => {
    t.diagnostic(`CRASH_SEED=${seed} asks for the same things`);
    t.diagnostic(await killAgainAndAgain({ kills, seed, env: await newEnvironment() }));
  });

  /** Breaks what is under the service, again and again; it stays up and its clients come through. */
  async function breakAgainAndAgain(t: TestContext, blow: () => Promise<void>): Promise<void> {
    const [env, folder, random] = [await newEnvironment(), newFolder(), randomFrom(seed)];
    const service = await startInstance({ env, folder });
    await openShopOf(service);
    const load = openLoad(service, { name: `b-${seed}-`, width, random });
    for (let round = 0; round < kills; round += 1) {
      await untilAnswered(load, 1 + Math.floor(random() * 40));
      await blow();
    }
    await untilAnswered(load, 20);
    await load.settle();
    const deeds = load.clients.flatMap((client) => client.deeds);
    const refused = load.statuses.length - load.answered();
    t.diagnostic(`CRASH_SEED=${seed}: ${deeds.length} requests, refused ${refused} times`);
    assert.ok(
      deeds.every(({ told }) => told !== null),
      "everyone was told",
    );
    await assertBooks(service, deeds, { env, folder });
    await service.kill();
  }

  test(`${kills} immediate stops of the server do neither`, { timeout }, (t) =>
    breakAgainAndAgain(t, async () => {
      await postgres.stop("immediate");
      await postgres.start();
    }),
  );

  test(`${kills} ends of all its connections do neither`, { timeout }, (t) =>
    breakAgainAndAgain(t, async () => {
      const others = "pid <> pg_backend_pid() AND backend_type = 'client backend'";
      await query(
        postgres.url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`,
      );
    }),
  );
});

async function untilAnswered(load: Load, count: number): Promise<void> {
  const since = load.statuses.length;
  await until(() => load.answered(since) >= count, "writes are answered", patienceMs);
}
