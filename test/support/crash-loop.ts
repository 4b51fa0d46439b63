// Ends a service under load and starts it again, as often as is wanted, and holds it to what its clients were
// told: after each start all of that is there, and what they were not told is asked again and happens once.

import assert from "node:assert/strict";
import {
  type Environment,
  type Instance,
  newFolder,
  runOnhand,
  startInstance,
} from "./instance.ts";
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
} from "./ledger.ts";

const width = 8;
/** Of load before a kill: from nothing that was answered to many commits. */
const loadMsMax = 500;

/** Answers what it did, in words. */
export async function killAgainAndAgain(options: {
  readonly kills: number;
  readonly seed: number;
  readonly env: Environment;
}): Promise<string> {
  const { kills, seed, env } = options;
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
    await service.kill(5 + Math.floor(random() * loadMsMax));
    await Promise.all(working);
    // Nothing is tidied up: the next one starts without being told anything.
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
  assert.ok(retried > 0, "kills met requests on their way");
  await assertStatuses(service, deeds);
  await assertBooks(service, deeds, { env, folder });
  await service.kill();
  return `${kills} kills, ${deeds.length} requests, ${retried} of them without an answer at first`;
}

/** In the end: every deed is in the log, once; the rows are what the books say; every invariant holds. */
export async function assertBooks(
  service: Instance,
  deeds: readonly Deed[],
  { env, folder }: { readonly env: Environment; readonly folder: string },
): Promise<void> {
  // Nothing that they ask for has a reason to be refused: books of refusals alone would always agree.
  const refused = deeds.filter(({ told }) => told?.status === 409);
  assert.deepEqual(refused, [], "what was asked for was done");
  const log: LoggedEvent[] = [];
  await readLog(service, log);
  assertInLog(deeds, log);
  assert.deepEqual(await rowsOf(service), booksOf(deeds));
  const { code, stdout } = await runOnhand(["verify"], { env, folder });
  assert.equal(code, 0, stdout);
}

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
