// A primary that was replaced by its standby and is still alive: it takes writes, and what it takes is lost. As soon as
// one thread of an instance has seen the new primary, no thread of it uses the old one.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { commitBatch } from "../../src/commands/batch.ts";
import { newId } from "../../src/lib/ids.ts";
import { openCommit } from "../../src/store/postgres/commit.ts";
import {
  type Connections,
  noTimelineSeen,
  openConnections,
} from "../../src/store/postgres/connections.ts";
import { migrate } from "../../src/store/postgres/schema.ts";
import { lost } from "../../src/store/postgres/statements.ts";
import { createStore } from "../support/commands.ts";
import { gatedConnections, parts } from "../support/gated-connections.ts";
import {
  databaseAt,
  type Postgres,
  query,
  startPostgres,
  startStandby,
} from "../support/postgres.ts";
import { noPostgres, superuser } from "../support/postgres-programs.ts";
import { until } from "../support/until.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
const options = { pooler: false, notify: null, limits, newId };

async function storesOf(server: Postgres): Promise<unknown[]> {
  const rows = await query(server.url, "SELECT id FROM stores ORDER BY n");
  return rows.map(({ id }) => id);
}

async function portOf(connections: Connections): Promise<unknown> {
  const client = await connections.take();
  const { rows } = await client.query<{ port: number }>("SELECT inet_server_port() AS port");
  connections.release(client);
  return rows[0]?.port;
}

describe("an old primary that is still alive", { skip: noPostgres }, () => {
  let old: Postgres;
  let next: Postgres;
  const seen = noTimelineSeen();
  const threads: Connections[] = [];
  before(async () => {
    old = await startPostgres();
    const single = openConnections(databaseAt(old.url));
    await migrate(single, options, newId);
    await single.close();
    next = await startStandby(old);
    const hosts = `127.0.0.1:${old.port},127.0.0.1:${next.port}`;
    const database = databaseAt(`postgres://${superuser}@${hosts}/postgres`);
    for (let count = 0; count < 2; count += 1) threads.push(openConnections(database, seen));
  });
  after(async () => {
    await Promise.all(threads.map((one) => one.close()));
    await Promise.all([old.close(), next.close()]);
  });

  test("is given no commit once another thread has seen the new one, and answers none that was under way", async () => {
    const [reads, writes] = threads;
    assert.ok(reads !== undefined && writes !== undefined);
    assert.deepEqual([await portOf(reads), await portOf(writes)], [old.port, old.port]);
    const gated = gatedConnections(writes);
    const underWay = openCommit(gated, options)([createStore("UNDER-WAY")]).catch((error) => error);
    for (const _ of parts.slice(1)) gated.letOn();
    await until(() => gated.isWaiting(), "it is decided, and to be committed");

    await next.promote();
    const isPromoted = async () => (await query(next.url, "SELECT pg_is_in_recovery() AS is"))[0];
    await until(async () => (await isPromoted())?.["is"] === false, "the standby is promoted");
    // As when the other thread's connection breaks.
    reads.release(await reads.take(), lost);
    assert.equal(await portOf(reads), next.port);

    const commit = openCommit(writes, options);
    const [later] = await commitBatch({ commit }, [createStore("LATER")], () => undefined);
    assert.ok(later !== undefined && "outcome" in later);
    assert.deepEqual([await storesOf(old), await storesOf(next)], [[], ["LATER"]]);

    gated.letOn();
    const trouble: unknown = await underWay;
    assert.ok(trouble instanceof Error);
    assert.match(trouble.message, /was replaced by a standby during a commit/);
    assert.deepEqual(await storesOf(next), ["LATER"], "it is to be run again");
  });
});
