// A disk that fails while the service works. strace makes the system's calls fail that the service makes: from
// one flush on, or while writes find no room. A small file system that is really full comes besides, where this
// machine lets a test have one.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { newSecret } from "../../src/lib/ids.ts";
import { type Load, openLoad } from "../support/crash-load.ts";
import {
  newRealFolder,
  noSmallDisk,
  noStrace,
  seenBy,
  smallDisk,
  startWatched,
  strace,
  type Watched,
} from "../support/crash-under.ts";
import { runOnhand, startInstance, unlimited } from "../support/instance.ts";
import {
  assertInLog,
  booksOf,
  type Client,
  type LoggedEvent,
  openShopOf,
  randomFrom,
  readLog,
  rowsOf,
} from "../support/ledger.ts";
import { until } from "../support/until.ts";

const seed = Number(process.env["DISK_SEED"] ?? randomInt(2 ** 31));
const patienceMs = 60_000;
const env = { ...unlimited, ONHAND_DEMO: "off" };

/** Calls of these names fail for one file, from one of them on, or from one to another. */
function failing(file: string, calls: string, error: string, when: string): readonly string[] {
  const trace = ["-e", `trace=${calls}`, "-e", `inject=${calls}:error=${error}:when=${when}`];
  return strace("-o", "/dev/null", "-P", file, ...trace);
}

const openLoadOn = (service: Watched): Load =>
  openLoad(service, { name: `d-${seed}-`, width: 4, random: randomFrom(seed) });

/** What was answered is there after a start, what was not is done once when it is asked again. */
async function assertKept(folder: string, clients: readonly Client[], over = env): Promise<void> {
  const service = await startInstance({ env: over, folder });
  const known = clients.flatMap(({ deeds }) => deeds.filter(({ told }) => told !== null));
  const log: LoggedEvent[] = [];
  await readLog(service, log);
  assertInLog(known, log);
  await Promise.all(clients.map((client) => client.settle(service)));
  const deeds = clients.flatMap((client) => client.deeds);
  await readLog(service, log);
  assertInLog(deeds, log);
  assert.deepEqual(await rowsOf(service), booksOf(deeds));
  await service.stop();
  const { code, stdout } = await runOnhand(["verify"], { folder });
  assert.equal(code, 0, stdout);
}

const options = { skip: noStrace, timeout: 120_000 };

describe("a flush that fails", options, () => {
  for (const [what, when] of [
    ["once", "60"],
    ["for good", "60+"],
  ] as const) {
    test(`${what}, is the last: nothing more is acknowledged, the service says why and ends`, async (t) => {
      const folder = newRealFolder();
      const wal = join(folder, "data/inventory.db-wal");
      const service = await startWatched({
        under: failing(wal, "fsync,fdatasync", "EIO", when),
        env,
        folder,
      });
      await openShopOf(service);
      const { clients, statuses, settle } = openLoadOn(service);
      assert.equal(await service.ended(), 1, service.output());
      await settle();
      const first = statuses.indexOf(503);
      t.diagnostic(`${first} answers, then ${statuses.length - first} refusals`);
      assert.ok(first > 0, "there was load, and it was refused");
      assert.deepEqual(new Set(statuses.slice(first)), new Set([503]));
      assert.match(service.output(), /"level":"fatal".*"the disk failed to keep what was written/);
      assert.doesNotMatch(service.output(), /"status":500|this is a bug/);
      await assertKept(folder, clients);
    });
  }
});

/** Refused while the disk is full, which the log says; answered again by itself when there is room. */
async function assertGoesOn(service: Watched, load: Load, makeRoom: () => void): Promise<string> {
  await until(() => load.statuses.includes(503), "writes are refused", patienceMs);
  await until(() => /the disk is full/.test(service.output()), "the log says why");
  const { status } = await fetch(`${service.url}/livez`);
  assert.equal(status, 200);
  makeRoom();
  const since = load.statuses.length;
  await until(() => load.answered(since) > 50, "writes are answered again", patienceMs);
  await load.settle();
  assert.deepEqual(new Set(load.statuses).difference(new Set([200, 201, 409, 503])), new Set());
  assert.doesNotMatch(service.output(), /"level":"(?:error|fatal)"/);
  const { length } = load.statuses;
  return `${load.answered()} answers, ${length - load.answered()} refusals`;
}

describe("a full disk", options, () => {
  test("is refused and said, and what was answered is there; with room it goes on by itself", async (t) => {
    const folder = newRealFolder();
    const wal = join(folder, "data/inventory.db-wal");
    const under = failing(wal, "pwrite64", "ENOSPC", "500..560");
    const service = await startWatched({ under, env, folder });
    await openShopOf(service);
    const load = openLoadOn(service);
    t.diagnostic(await assertGoesOn(service, load, () => undefined));
    service.signal("SIGKILL");
    await service.ended();
    await assertKept(folder, load.clients);
  });

  test("the same on a small file system that is filled up", { skip: noSmallDisk }, async (t) => {
    const folder = newRealFolder();
    const secret = { ...env, ONHAND_ADMIN_KEY: newSecret() };
    const service = await startWatched({ under: smallDisk(6_000_000), env: secret, folder });
    const ballast = seenBy(service, join(folder, "data/ballast"));
    await openShopOf(service);
    const load = openLoadOn(service);
    writeFileSync(ballast, Buffer.alloc(4_000_000));
    t.diagnostic(await assertGoesOn(service, load, () => rmSync(ballast)));
    // Its file system ends with it: what is there is taken along, as it is at one moment.
    service.signal("SIGSTOP");
    cpSync(seenBy(service, join(folder, "data")), join(folder, "kept/data"), { recursive: true });
    service.signal("SIGKILL");
    await service.ended();
    await assertKept(join(folder, "kept"), load.clients, secret);
  });
});
