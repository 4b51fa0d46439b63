// A database file that is taken away, or another one put in its place, under the running service: what is written there
// is gone with the process, so nobody is told that it was kept.

import assert from "node:assert/strict";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Instance, runOnhand, startInstance } from "../support/instance.ts";

async function createStore({ url, key }: Instance, id: string): Promise<number> {
  const { status } = await fetch(`${url}/api/v1/stores`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify({ id, name: id }),
  });
  return status;
}

async function assertEnds(service: Instance, how: RegExp): Promise<void> {
  assert.equal(await createStore(service, "AFTER"), 503);
  assert.equal((await service.ended()).code, 1);
  const said = service.output();
  assert.match(said, how);
  assert.match(said, /"level":"fatal"[^\n]*"the database can serve no more: stopping"/);
}

// Elsewhere the system lets nobody take away a file that is open.
describe("a file that is taken away", { skip: process.platform === "win32" }, () => {
  test("ends the service before it tells anyone that something was written", async () => {
    const service = await startInstance();
    assert.equal(await createStore(service, "BEFORE"), 201);
    rmSync(service.database);
    await assertEnds(service, /inventory\.db was removed while it was served/);
  });

  test("and a backup in its place is served by the next start, whole", async () => {
    const service = await startInstance();
    const { folder, database, key } = service;
    const path = join(folder, "copy.db");
    assert.equal(await createStore(service, "KEPT"), 201);
    assert.equal((await runOnhand(["backup", "--to", path], { folder })).code, 0);
    assert.equal(await createStore(service, "LOST"), 201);
    renameSync(path, database);
    await assertEnds(service, /inventory\.db was replaced while it was served/);

    const next = await startInstance({ folder });
    const statusOf = async (id: string): Promise<number> => {
      const headers = { "x-api-key": key };
      return (await fetch(`${next.url}/api/v1/stores/${id}`, { headers })).status;
    };
    assert.deepEqual(await Promise.all(["KEPT", "LOST", "AFTER"].map(statusOf)), [200, 404, 404]);
    await next.stop();
    assert.equal((await runOnhand(["verify"], { folder })).code, 0);
  });
});
