// The start of the real process: what a first start makes, what a second one leaves alone, and what a
// start that cannot be says before it ends.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { newSecret } from "../../src/lib/ids.ts";
import { ask, type Instance, newFolder, runOnhand, startInstance } from "../support/instance.ts";
import { listOf } from "../support/shop.ts";

const laptop = "550e8400-e29b-41d4-a716-446655440000";

async function items(service: Instance, path: string): Promise<readonly Record<string, unknown>[]> {
  const { status, body } = await ask(service, "GET", path);
  assert.equal(status, 200, path);
  return listOf(body);
}

/** Some fields of each item, in an order of their own. */
async function columns(
  service: Instance,
  path: string,
  ...names: readonly string[]
): Promise<unknown[][]> {
  return (await items(service, path)).map((one) => names.map((name) => one[name])).sort();
}

/** All that a client can read of it, as text; without what goes on with time and use. */
async function everything(service: Instance): Promise<string[]> {
  const paths = ["/products", "/stores", "/api-keys", "/events?limit=500", "/reservations"];
  const lists = paths.map(async (path) => JSON.stringify(await items(service, path)));
  return (await Promise.all(lists)).map((text) =>
    text.replaceAll(/"(?:expires_in_seconds|last_used_at)":[^,}]+/g, ""),
  );
}

/** One sentence to the operator and nothing else: no stack, no JSON. */
function assertOneSentence(stderr: string): void {
  assert.match(stderr, /^onhand: [^\n]+\n$/);
  assert.doesNotMatch(stderr, /\bat [^\n]*:\d+:\d+|bug/);
}

describe("a first start in an empty folder", { timeout: 120_000 }, () => {
  let service: Instance;
  before(async () => {
    service = await startInstance({ env: { TZ: "UTC" } });
  });
  after(() => service.kill());

  test("makes the database file and the four stores", async () => {
    assert.ok(existsSync(join(service.folder, "data", "inventory.db")));
    assert.deepEqual(await columns(service, "/stores", "id", "name", "country", "active"), [
      ["BCN-001", "Barcelona Plaza Catalunya", "España", true],
      ["MAD-001", "Madrid Centro", "España", true],
      ["SEV-001", "Sevilla Centro", "España", true],
      ["VAL-001", "Valencia Norte", "España", true],
    ]);
  });

  test("makes the demo catalogue: 50 laptops, of which three real reservations of a day hold 6", async () => {
    assert.deepEqual(
      (await columns(service, "/products", "sku")).flat(),
      Array.from({ length: 5 }, (_, n) => `PROD-00${n + 1}`),
    );
    const { body } = await ask(service, "GET", `/products/${laptop}/availability`);
    assert.partialDeepStrictEqual(body, {
      product_name: "Laptop HP Pavilion 15",
      total_quantity: 50,
      total_reserved: 6,
      total_available: 44,
    });
    const fields = ["store_id", "quantity", "reserved", "available"];
    const rows = listOf(body, "stores").map((one) => fields.map((name) => one[name]));
    assert.deepEqual(rows.sort(), [
      ["BCN-001", 15, 2, 13],
      ["MAD-001", 10, 0, 10],
      ["SEV-001", 20, 3, 17],
      ["VAL-001", 5, 1, 4],
    ]);
    const names = ["store_id", "product_id", "quantity", "status"];
    assert.deepEqual(await columns(service, "/reservations", ...names), [
      ["BCN-001", laptop, 2, "PENDING"],
      ["SEV-001", laptop, 3, "PENDING"],
      ["VAL-001", laptop, 1, "PENDING"],
    ]);
    for (const { created_at, expires_at } of await items(service, "/reservations")) {
      assert.equal(Date.parse(String(expires_at)) - Date.parse(String(created_at)), 86_400_000);
    }
  });

  test("writes an admin key that only the owner can read, and says where it is, not what", async () => {
    const keyFile = join(service.folder, "data", "admin.key");
    assert.equal(statSync(keyFile).mode & 0o777, 0o600);
    assert.match(service.key, /^ohk_[\w-]{43}$/);
    assert.deepEqual(await columns(service, "/api-keys", "name", "role"), [["admin", "admin"]]);
    assert.ok(service.output().includes(keyFile));
    assert.ok(!service.output().includes(service.key));
  });

  test("keeps a second process off its file, and is not harmed by the attempt", async () => {
    const { folder, database } = service;
    const { code, stderr } = await runOnhand(["serve"], { folder, env: { PORT: "0" } });
    assert.equal(code, 1);
    assertOneSentence(stderr);
    assert.match(stderr, /is in use by another Onhand process/);
    assert.ok(stderr.includes(database), "the file is named");
    const change = {
      product_id: laptop,
      store_id: "MAD-001",
      quantity_change: 1,
      reason: "RETURN",
    };
    assert.equal((await ask(service, "POST", "/stock", change)).status, 200);
  });

  test("a HOST that does not exist is told in a sentence", async () => {
    const { code, stderr } = await runOnhand(["serve"], { env: { HOST: "nowhere.invalid" } });
    assert.equal(code, 1);
    assertOneSentence(stderr);
    assert.match(stderr, /nowhere\.invalid.*another HOST/);
  });

  test("keeps its port: another one is told so in a sentence, and ends", async () => {
    const { port } = new URL(service.url);
    const { code, stderr } = await runOnhand(["serve"], { env: { PORT: port } });
    assert.equal(code, 1);
    assertOneSentence(stderr);
    assert.match(stderr, new RegExp(`EADDRINUSE.*${port}.*set PORT`));
    assert.equal((await ask(service, "GET", "/stores")).status, 200);
  });

  test("is the only one: a second start, east of the date line, changes neither data nor key nor a time", async () => {
    const seen = await everything(service);
    assert.equal((await service.stop()).code, 0);
    const { folder, key } = service;
    service = await startInstance({ folder, env: { TZ: "Pacific/Kiritimati" } });
    assert.equal(service.key, key);
    assert.deepEqual(await everything(service), seen);
    const { code, stdout } = await runOnhand(["verify"], { folder });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /all invariants hold \(20 stock rows, 33 events/);
  });

  test("east of the date line holds live as long as anywhere", async () => {
    const earliest = Date.now();
    const body = { product_id: laptop, store_id: "MAD-001", quantity: 1, customer_id: "ann" };
    const made = await ask(service, "POST", "/reservations", { ...body, ttl: 600 });
    const [createdAt = 0, expiresAt] = ["created_at", "expires_at"].map((name) => {
      assert.match(String(made.body[name]), /T.*Z$/);
      return Date.parse(String(made.body[name]));
    });
    assert.ok(earliest <= createdAt && createdAt <= Date.now(), made.text);
    assert.equal(expiresAt, createdAt + 600_000);
  });
});

describe("a first start with settings", () => {
  test("leaves the catalogue out, and takes the admin key from the environment and writes none", async () => {
    const env = { ONHAND_DEMO: "off", ONHAND_ADMIN_KEY: newSecret() };
    const folder = newFolder();
    // The second time, key and stores are there already.
    for (const _ of ["first", "second"]) {
      const service = await startInstance({ env, folder });
      assert.equal((await items(service, "/stores")).length, 4);
      assert.deepEqual(await items(service, "/products"), []);
      assert.deepEqual(await items(service, "/reservations"), []);
      assert.equal((await items(service, "/api-keys")).length, 1);
      assert.ok(!existsSync(join(folder, "data", "admin.key")));
      assert.ok(!service.output().includes(env.ONHAND_ADMIN_KEY));
      await service.kill();
    }
  });
});

describe("a start with a clock that is behind the log", () => {
  test("says so with both times and what to do, and serves; a minute is no matter", async () => {
    const env = { ONHAND_DEMO: "off" };
    const folder = newFolder();
    const started = async (aheadMs: number): Promise<string> => {
      const service = await startInstance({ env, folder });
      assert.equal((await ask(service, "GET", "/stores")).status, 200);
      await service.stop();
      const db = new DatabaseSync(service.database);
      db.prepare("UPDATE log_head SET at = ?").run(Date.now() + aheadMs);
      db.close();
      return service.output();
    };
    const behind = /"level":"error".*"clock":"20.*Z","log":"(.*?Z)".*no hold expires.*Set this/;
    assert.doesNotMatch(await started(30_000), behind);
    assert.doesNotMatch(await started(3_600_000), behind);
    const [, log = ""] = behind.exec(await started(0)) ?? [];
    assert.ok(Date.parse(log) > Date.now() + 3_000_000, log);
  });
});

describe("a start that cannot be", () => {
  test("names everything that is wrong with the configuration, and touches nothing", async () => {
    const folder = newFolder();
    const env = {
      PORT: "eighty",
      LOG_LEVEL: "loud",
      JWT_SECRET: "too-little",
      DATABASE_URL: "mysql://db/shop",
      ONHAND_DEMOO: "off",
    };
    const { code, stdout, stderr } = await runOnhand(["serve"], { folder, env });
    assert.equal(code, 1);
    for (const name of Object.keys(env)) assert.match(stderr, new RegExp(`^ {2}${name}: `, "m"));
    assert.equal(stderr.trim().split("\n").length, 1 + Object.keys(env).length);
    assert.doesNotMatch(stderr, /\bat [^\n]*:\d+:\d+/);
    assert.ok(!stderr.includes(env.JWT_SECRET), "a secret is not repeated");
    assert.equal(stdout, "");
    assert.deepEqual(readdirSync(folder), []);
  });

  const isLinux = process.platform === "linux";
  test("says in a sentence that a folder cannot be made", {
    skip: !isLinux && "it has no /proc",
  }, async () => {
    const elsewhere = { DATABASE_URL: "sqlite:./inventory.db" };
    for (const env of [{}, elsewhere]) {
      const { code, stderr } = await runOnhand(["serve"], {
        env: { ...env, PORT: "0", ONHAND_DATA_DIR: "/proc/nope" },
      });
      assert.equal(code, 1);
      assertOneSentence(stderr);
      assert.match(stderr, /\/proc\/nope.*ONHAND_DATA_DIR/);
    }
  });

  test("says in a sentence that the file is no database, and leaves it as it is", async () => {
    const folder = newFolder();
    const path = join(folder, "notes.txt");
    const text = "This is a text, and long enough for a header. ".repeat(100);
    writeFileSync(path, text);
    const env = { PORT: "0", DATABASE_URL: "sqlite:./notes.txt" };
    const { code, stderr } = await runOnhand(["serve"], { folder, env });
    assert.equal(code, 1);
    assertOneSentence(stderr);
    assert.match(stderr, /not a database/);
    assert.equal(readFileSync(path, "utf8"), text);
  });
});
