// What an empty log is filled with, and that a start which is cut off leaves nothing half done; and which
// admin keys there are after a start. The numbers of the demo are held by test/process/start.test.ts, on
// the real thing.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { commit, emptyDatabase } from "../test/support/memory-database.ts";
import { until } from "../test/support/until.ts";
import { openExecutor } from "./commands/execute.ts";
import type { DomainLimits } from "./domain/decide.ts";
import { ensureAdminKey, fillEmptyLog } from "./first-start.ts";
import { newId, newSecret, sha256 } from "./lib/ids.ts";
import { openStore } from "./store/sqlite/store.ts";
import type { Store } from "./store/store.ts";

const noLimits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };

function open(over: Partial<DomainLimits> = {}) {
  const database = emptyDatabase();
  const commits: number[] = [];
  const limits = { ...noLimits, ...over };
  const context = { now: 0, newId, isoTime: String, limits };
  const store: Pick<Store, "commit" | "head"> = {
    head: async () => ({ logId: "log", epoch: 1, seq: database.log.length, at: 0 }),
    commit: async (commands) => {
      commits.push(commands.length);
      return commit(database, commands, context).map((outcome) => ({ ...outcome, events: [] }));
    },
  };
  const { execute } = openExecutor({
    store,
    lanes: 2,
    committed: () => undefined,
    measure: () => undefined,
    nowMs: () => 0,
  });
  return { database, commits, fill: (demo: boolean) => fillEmptyLog(store, execute, demo) };
}

test("stores, catalogue and holds are one commit: cut off anywhere, all of it is there or nothing", async () => {
  const { database, commits, fill } = open();
  await fill(true);
  assert.equal(commits.length, 1);
  assert.deepEqual(
    [database.stores.size, database.products.size, database.stock.size, database.reservations.size],
    [4, 5, 20, 3],
  );
});

test("a log that has begun is left alone", async () => {
  const { database, commits, fill } = open();
  await fill(false);
  await fill(true);
  assert.equal(commits.length, 1);
  assert.equal(database.products.size, 0);
});

test("demo holds that the limits refuse are left out, and the rest is there", async () => {
  const { database, fill } = open({ unitsPerCustomer: 2 });
  await fill(true);
  assert.deepEqual([database.stores.size, database.products.size, database.stock.size], [4, 5, 20]);
  const held = Array.from(database.reservations.values(), ({ storeId }) => storeId);
  assert.deepEqual(held, ["BCN-001", "VAL-001"], "three units in Seville are one too many");
});

/** A database in which somebody has made one of the stores already. */
function withMadrid(active: boolean) {
  const opened = open();
  const madrid = { id: "MAD-001", name: "Elsewhere", address: null, city: null, country: null };
  const times = { version: 1, createdAt: 0, updatedAt: 0, archivedAt: null };
  opened.database.stores.set("MAD-001", { ...madrid, phone: null, email: null, active, ...times });
  return opened;
}

test("what another instance was faster to make is let be", async () => {
  const { database, fill } = withMadrid(true);
  await fill(true);
  assert.equal(database.stores.get("MAD-001")?.name, "Elsewhere");
  assert.deepEqual([database.stores.size, database.stock.size], [4, 20]);
});

test("anything else that is refused fails the start", async () => {
  const { fill } = withMadrid(false);
  await assert.rejects(fill(true), /the first start was refused: .*store_inactive/);
});

describe("the admin key", () => {
  async function withStore(work: (store: Store, folder: string) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "onhand-first-start-"));
    const store = await openStore(join(folder, "inventory.db"), { limits: noLimits });
    try {
      await work(store, folder);
    } finally {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  const roleOf = async (store: Store, secret: string) =>
    (await store.keyByHash(sha256(secret)))?.role ?? null;

  test("is one, of two instances that begin at once: the other makes none, and no file", () =>
    withStore(async (store, folder) => {
      const asked: Promise<unknown>[] = [];
      /** Both have asked before either adds. */
      const racing: Store = {
        ...store,
        async keys(query) {
          const keys = store.keys(query);
          asked.push(keys);
          await until(() => asked.length === 2, "both have asked");
          return keys;
        },
      };
      const folders = [join(folder, "one"), join(folder, "two")] as const;
      const paths = await Promise.all(
        folders.map((one, index) =>
          ensureAdminKey(racing, one, null, index).catch(() => ensureAdminKey(store, one, null, 3)),
        ),
      );
      const [path, ...others] = paths.filter((one) => one !== null);
      assert.deepEqual(others, []);
      assert.equal((await store.keys({ after: null, limit: 10 })).items.length, 1);
      assert.equal(await roleOf(store, readFileSync(path ?? "", "utf8").trim()), "admin");
      const files = folders.flatMap((one) => readdirSync(one));
      assert.deepEqual(files, ["admin.key"]);
    }));

  test("whose adding was not answered is kept, and can be read", () =>
    withStore(async (store, folder) => {
      const addKey: Store["addKey"] = async (...args) => {
        await store.addKey(...args);
        throw new Error("the connection broke");
      };
      const path = await ensureAdminKey({ ...store, addKey }, folder, null, 1);
      assert.equal(await roleOf(store, readFileSync(path ?? "", "utf8").trim()), "admin");
    }));

  test("from the environment replaces the one from there before, and its sessions end", () =>
    withStore(async (store, folder) => {
      const [first, second] = [newSecret(), newSecret()];
      assert.equal(await ensureAdminKey(store, folder, first, 1), null);
      const keyId = (await store.keyByHash(sha256(first)))?.id ?? null;
      const hash = new Uint8Array(32).fill(7);
      const session = {
        caller: `key:${keyId}`,
        role: "admin",
        stores: "*",
        subject: "me",
      } as const;
      await store.addSession({ ...session, keyId, createdAt: 1, expiresAt: 1e15 }, hash);

      await ensureAdminKey(store, folder, first, 2);
      assert.notEqual(await store.sessionByHash(hash), null, "the same key again changes nothing");
      assert.equal((await store.keyByHash(sha256(first)))?.createdAt, 1);

      await ensureAdminKey(store, folder, second, 3);
      assert.deepEqual([await roleOf(store, first), await roleOf(store, second)], [null, "admin"]);
      assert.equal(await store.sessionByHash(hash), null);
      assert.equal((await store.keys({ after: null, limit: 10 })).items.length, 1);
    }));

  test("from the environment leaves all keys alone that came from elsewhere", () =>
    withStore(async (store, folder) => {
      const path = await ensureAdminKey(store, folder, null, 1);
      assert.ok(path !== null && existsSync(path));
      const written = readFileSync(path, "utf8").trim();
      const fromEnvironment = newSecret();
      await ensureAdminKey(store, folder, fromEnvironment, 2);
      assert.equal(await roleOf(store, written), "admin");
      // Named in the environment, the written key is the one: the other was replaced by it.
      await ensureAdminKey(store, folder, written, 3);
      assert.equal(await roleOf(store, written), "admin");
      assert.equal(await roleOf(store, fromEnvironment), null);
    }));

  test("from the environment is none any more when the environment names none", () =>
    withStore(async (store, folder) => {
      const secret = newSecret();
      await ensureAdminKey(store, folder, secret, 1);
      const path = await ensureAdminKey(store, folder, null, 2);
      assert.equal(await roleOf(store, secret), null);
      assert.ok(path !== null, "and nobody is locked out");
      assert.equal(await roleOf(store, readFileSync(path, "utf8").trim()), "admin");
    }));

  test("from the environment may not be the secret of a key that may less", () =>
    withStore(async (store, folder) => {
      const secret = newSecret();
      const key = { id: "k", name: "till", role: "vendor", stores: ["MAD-001"] } as const;
      await store.addKey(
        { ...key, createdAt: 1, expiresAt: null, lastUsedAt: null },
        sha256(secret),
      );
      await assert.rejects(ensureAdminKey(store, folder, secret, 2), /the key k \(till\).* vendor/);
      assert.equal(await roleOf(store, secret), "vendor");
    }));
});
