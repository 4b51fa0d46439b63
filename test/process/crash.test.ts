// The real process is killed under load, again and again, on one database file. What it had
// acknowledged must be there after each restart, once; what it had not acknowledged is asked for again
// under the same idempotency key and must happen once.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import {
  type Instance,
  newFolder,
  runOnhand,
  startInstance,
  unlimited,
} from "../support/instance.ts";
import {
  assertInLog,
  booksOf,
  type Client,
  type Deed,
  type LoggedEvent,
  openClient,
  openConnection,
  openShopOf,
  randomFrom,
  readLog,
  rowsOf,
  statusesOf,
} from "../support/ledger.ts";

const kills = 20;
const width = 8;
const env = { ...unlimited, ONHAND_DEMO: "off" };

test(`${kills} kills under load lose nothing that was acknowledged and double nothing that is asked again`, async (t) => {
  const seed = Number(process.env["CRASH_SEED"] ?? randomInt(2 ** 31));
  t.diagnostic(`CRASH_SEED=${seed} asks for the same things and kills at the same moments`);
  const random = randomFrom(seed);
  const folder = newFolder();
  const clients = Array.from({ length: width }, (_, n) => openClient(`c${n}-${seed}`, random));
  const log: LoggedEvent[] = [];
  let retried = 0;
  let service = await startInstance({ env, folder });
  await openShopOf(service);

  for (let round = 0; round < kills; round += 1) {
    const before = clients.map(({ deeds }) => deeds.length);
    const working = clients.map((client) => client.work(service));
    await service.kill(5 + Math.floor(random() * 495));
    await Promise.all(working);
    // The lock on the file went with the process: the next one starts without being told anything.
    service = await startInstance({ env, folder });

    const since = clients.flatMap(({ deeds }, n) => deeds.slice(before[n]));
    await readLog(service, log);
    assertInLog(since, log);
    await assertStatuses(service, since);
    retried += await settleAll(clients, service);
    await readLog(service, log);
    assertInLog(since, log);
  }

  const deeds = clients.flatMap((client) => client.deeds);
  t.diagnostic(`${deeds.length} requests, ${retried} of them without an answer at first`);
  assert.ok(retried > 0, "kills met requests on their way");
  assertInLog(deeds, log);
  await assertStatuses(service, deeds);
  assert.deepEqual(await rowsOf(service), booksOf(deeds));
  const { code, stdout } = await runOnhand(["verify"], { folder });
  assert.equal(code, 0, stdout);
  await service.kill();
});

/** Each reservation is what its client was told last; reads take the connections of several clients. */
async function assertStatuses(service: Instance, deeds: readonly Deed[]): Promise<void> {
  const statuses = statusesOf(deeds);
  const ids = [...statuses.keys()];
  const readers = Array.from({ length: width }, async () => {
    const connection = openConnection(service);
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      const reply = await connection.get(`/reservations/${id}`);
      assert.ok(reply.kind === "told", `${id}: ${JSON.stringify(reply)}`);
      assert.equal(reply.body["status"], statuses.get(id), `${id} was acknowledged`);
    }
    connection.close();
  });
  await Promise.all(readers);
}

/** What was not answered is asked again; what was answered last, too: the answer is the same to the byte. */
async function settleAll(clients: readonly Client[], service: Instance): Promise<number> {
  const counts = clients.map(async (client) => {
    const known = client.deeds.findLast(({ told }) => told !== null);
    const open = await client.settle(service);
    if (known !== undefined) {
      const connection = openConnection(service);
      const again = await connection.post(known.path, known.body, known.key);
      connection.close();
      assert.ok(again.kind === "told");
      assert.equal(again.headers["idempotent-replayed"], "true", known.key);
      assert.equal(again.text, known.told?.text);
    }
    return open.length;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
