// The command line as an operator types it: each command in a process of its own, most of them beside a
// service that runs and writes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { commands } from "../../src/cli/command-line.ts";
import { must } from "../../src/lib/assert.ts";
import { version } from "../../src/lib/version.ts";
import {
  ask,
  type Instance,
  newFolder,
  program,
  runOnhand,
  runProgram,
  startInstance,
  unlimited,
} from "../support/instance.ts";
import { openClient, openShopOf, randomFrom } from "../support/ledger.ts";
import { listOf } from "../support/shop.ts";
import { until } from "../support/until.ts";

const secret = "a secret of the identity provider's, long enough";

let service: Instance;
before(async () => {
  service = await startInstance({ env: { ...unlimited, JWT_SECRET: secret } });
});
after(async () => {
  await service.kill();
});

/** A command beside the running service. */
const beside = (...args: readonly string[]) => runOnhand(args, { folder: service.folder });

test("a command that failed ends with code 1, whatever is left open", async () => {
  const open = "data:text/javascript,setInterval(() => undefined, 60_000)";
  const env = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" };
  const { code, stderr } = await runProgram(["--import", open, program, "serve"], newFolder(), env);
  assert.equal(code, 1, stderr);
});

test("--version says which version it is, and nothing else", async () => {
  for (const flag of ["--version", "-v"]) {
    const { code, stdout } = await runOnhand([flag]);
    assert.equal(code, 0);
    assert.equal(stdout, `${version}\n`);
  }
});

describe("help", () => {
  test("the overview names every command and what it is for", async () => {
    const { code, stdout, stderr } = await runOnhand(["--help"]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    for (const { name, summary } of commands) {
      assert.match(stdout, new RegExp(`^ {2}${name} +\\S`, "m"));
      assert.ok(stdout.includes(summary));
    }
  });

  test("each command says how it is used and gives an example to paste", async () => {
    const { code, stdout } = await runOnhand(["keys", "--help"]);
    assert.equal(code, 0);
    for (const { name, load } of commands) {
      const { help } = await load();
      if (name === "keys") {
        assert.equal(stdout, help);
        assert.equal((await runOnhand(["help", "keys"])).stdout, help);
      }
      assert.match(help, new RegExp(`^Usage: npm run onhand -- ${name}\\b`));
      assert.match(help, /^Examples?:\n(?: {2}.*\n)*? {2}.*(?:npm run.* onhand -- |npm start)/m);
    }
  });
});

test("what is not understood ends with 2, says why and where help is", async () => {
  const mistakes = [
    [["sell"], /there is no command "sell"/],
    [["help", "sell"], /there is no command "sell"/],
    [["keys", "create", "--name", "x", "--role", "boss"], /--role is one of customer, channel/],
    [
      ["keys", "create", "--name", "x", "--role", "vendor"],
      /--stores is needed for the role vendor/,
    ],
    [["keys", "create", "--name", "x", "--role", "admin", "--stores", "A"], /--stores .*admin/],
    [["keys", "create", "--name", "x", "--role", "admin", "--days", "1e9"], /--days .* 36500/],
    [["keys", "revoke", "nobody"], /there is no key nobody/],
    [["token", "--sub", "ann", "--role", "customer"], /token needs JWT_SECRET/],
    [["backup"], /backup needs --to FILE/],
    [["restore"], /restore needs either --from FILE or --in-place/],
    [["restore", "--in-place", "--from", "x.db"], /needs either --from FILE or --in-place/],
    [["serve", "--port", "80"], /^onhand: Unknown option '--port'\n/],
  ] as const;
  const runs = mistakes.map(([args]) => beside(...args));
  for (const [index, { code, stdout, stderr }] of (await Promise.all(runs)).entries()) {
    const [args, words] = must(mistakes[index], "one for each run");
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, words);
    const command = args.join(" ").endsWith("sell") ? "" : `${args[0]} `;
    assert.ok(stderr.endsWith(`\nTry: npm run onhand -- ${command}--help\n`), stderr);
    assert.equal(stdout, "");
  }
});

test("a command says in a sentence that there is no database", async () => {
  const { code, stderr } = await runOnhand(["verify"]);
  assert.equal(code, 1);
  assert.match(stderr, /^onhand: there is no database at [^\n]*\n$/);
});

describe("keys", () => {
  test("a key that was created beside a running service works at once, and revoked it is refused at once", async () => {
    const args = ["--name", "till", "--role", "vendor", "--stores", "*"];
    const created = await beside("keys", "create", ...args);
    assert.equal(created.code, 0, created.stderr);
    const key = created.stdout.trim();
    assert.match(key, /^ohk_[\w-]{43}$/);
    const till = { ...service, key };
    assert.equal((await ask(till, "GET", "/stock/store/MAD-001")).status, 200);

    const { stdout: list } = await beside("keys", "list");
    assert.ok(!list.includes(key), "a secret is shown once");
    const id = /^(\S+) {2}vendor +till {2}all stores/m.exec(list)?.[1];
    assert.ok(id !== undefined, list);
    assert.match(list, /^\S+ {2}admin +admin {2}all stores/m);

    // In use all the while, so that the service would remember it.
    let isRevoked = false;
    const using = (async () => {
      while (!isRevoked) await ask(till, "GET", "/stock/store/MAD-001");
    })();
    const revoked = await beside("keys", "revoke", id);
    isRevoked = true;
    assert.equal(revoked.code, 0, revoked.stderr);
    const { status, body } = await ask(till, "GET", "/stock/store/MAD-001");
    assert.deepEqual([status, body["code"]], [401, "unauthenticated"]);
    await using;
  });

  test("a key may be of some stores only", async () => {
    const args = ["--name", "madrid", "--role", "vendor", "--stores", "MAD-001", "--days", "1"];
    const { stdout } = await beside("keys", "create", ...args);
    const madrid = { ...service, key: stdout.trim() };
    assert.equal((await ask(madrid, "GET", "/stock/store/MAD-001")).status, 200);
    assert.equal((await ask(madrid, "GET", "/stock/store/BCN-001")).status, 404);
    const { body } = await ask(service, "GET", "/api-keys");
    const listed = listOf(body).find(({ name }) => name === "madrid");
    assert.partialDeepStrictEqual(listed, { role: "vendor", stores: ["MAD-001"] });
    const { created_at, expires_at } = listed ?? {};
    assert.equal(Date.parse(String(expires_at)) - Date.parse(String(created_at)), 86_400_000);
  });
});

test("a token that was minted with the service's secret is accepted, with its role", async () => {
  const env = { JWT_SECRET: secret };
  const args = ["token", "--sub", "ann", "--role", "customer", "--minutes", "5"];
  const { code, stdout, stderr } = await runOnhand(args, { env });
  assert.equal(code, 0, stderr);
  const signedIn = { url: service.url, key: "" };
  const headers = { authorization: `Bearer ${stdout.trim()}` };
  const hold = { product_id: laptop, store_id: "MAD-001", quantity: 1 };
  const wish = (customer_id: string) =>
    fetch(`${signedIn.url}/api/v1/reservations`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ ...hold, customer_id }),
    });
  assert.equal((await wish("ann")).status, 201);
  assert.equal((await wish("bob")).status, 403);
  const other = await runOnhand(args, { env: { JWT_SECRET: `${secret}!` } });
  headers.authorization = `Bearer ${other.stdout.trim()}`;
  assert.equal((await wish("ann")).status, 401);
});

const laptop = "550e8400-e29b-41d4-a716-446655440000";

test("a backup made under writes holds all that was committed before, passes verify, can be served and overwrites nothing", async () => {
  await openShopOf(service);
  const clients = Array.from({ length: 4 }, (_, n) => openClient(`b${n}`, randomFrom(n)));
  let isDone = false;
  const working = clients.map((client) => client.work(service, () => isDone));
  const deeds = () => clients.flatMap((client) => client.deeds);
  await until(() => deeds().filter(({ told }) => told !== null).length > 100, "there is load");

  const told = deeds().filter((deed) => deed.told?.status === 201);
  const folder = newFolder();
  const copy = join(folder, "copy.db");
  const env = { ...unlimited, DATABASE_URL: "sqlite:./copy.db" };
  const made = await beside("backup", "--to", copy);
  isDone = true;
  await Promise.all(working);
  assert.equal(made.code, 0, made.stderr);
  assert.match(
    made.stdout,
    /^written: \S+copy\.db, up to seq \d+ of epoch 1: all invariants hold\n$/,
  );
  const bytes = readFileSync(copy);
  const again = await beside("backup", "--to", copy);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /exists; backup overwrites nothing/);
  assert.ok(readFileSync(copy).equals(bytes));

  const { code, stdout } = await runOnhand(["verify"], { folder, env });
  assert.equal(code, 0, stdout);
  const restored = { ...(await startInstance({ folder, env })), key: service.key };
  for (const { reservationId } of told) {
    assert.equal((await ask(restored, "GET", `/reservations/${reservationId}`)).status, 200);
  }
  await restored.kill();
});

test("a backup to where nothing can be written fails in a sentence", async () => {
  const { code, stderr } = await beside("backup", "--to", join(newFolder(), "missing", "copy.db"));
  assert.equal(code, 1);
  assert.match(stderr, /^onhand: [^\n]*\n$/);
});

test("a database of a newer version is told as that by what works beside the service", async () => {
  const folder = newFolder();
  const path = join(folder, "copy.db");
  assert.equal((await beside("backup", "--to", path)).code, 0);
  const db = new DatabaseSync(path);
  db.exec("INSERT INTO migrations (version, name, applied_at) VALUES (999, '999_later.sql', 1)");
  db.close();
  const env = { DATABASE_URL: `sqlite:${path}` };
  for (const args of [["verify"], ["backup", "--to", join(folder, "again.db")], ["migrate"]]) {
    const { code, stderr } = await runOnhand(args, { env });
    assert.equal(code, 1);
    assert.match(stderr, /^onhand: [^\n]*by a newer Onhand \(999_later\.sql\)[^\n]*\n$/);
  }
});

test("verify finds what does not add up, names the invariant and ends with 1", async () => {
  const folder = newFolder();
  const path = join(folder, "copy.db");
  assert.equal((await beside("backup", "--to", path)).code, 0);
  const faults = [
    ["I2", "UPDATE stock SET reserved = reserved + 1 WHERE store_id = 'BCN-001'"],
    ["I7", "DELETE FROM events WHERE seq = 3"],
  ] as const;
  for (const [invariant, sql] of faults) {
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
    const { code, stdout } = await runOnhand(["verify"], {
      env: { DATABASE_URL: `sqlite:${path}` },
    });
    assert.equal(code, 1, stdout);
    assert.match(stdout, new RegExp(`^${invariant}  \\S`, "m"));
    assert.match(stdout, /: \d+ findings \(/);
  }
});

test("verify --repair proposes what it then writes, when told why, and not beside a service", async () => {
  const folder = newFolder();
  const path = join(folder, "copy.db");
  assert.equal((await beside("backup", "--to", path)).code, 0);
  const db = new DatabaseSync(path);
  db.exec("UPDATE stock SET reserved = reserved + 1 WHERE store_id = 'BCN-001'");
  const log = db.prepare("SELECT actor, json_extract(payload, '$.note') AS note FROM events");
  const before = log.all();
  const env = { ...unlimited, DATABASE_URL: "sqlite:./copy.db" };
  const repair = (...args: readonly string[]) =>
    runOnhand(["verify", "--repair", ...args], { folder, env });
  const write = ["--write", "--reason", "ticket 4711"];

  const served = await startInstance({ folder, env });
  const [refused, proposed] = await Promise.all([repair(...write), repair()]);
  await served.kill();
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^onhand: [^\n]* is in use by another Onhand process[^\n]*\n$/);
  assert.equal(proposed.code, 1);
  assert.match(proposed.stdout, /\ncan be repaired:\n {2}stock \S+ at BCN-001: reserved: /);
  assert.match(proposed.stdout, /Nothing was written/);
  assert.deepEqual(log.all(), before);

  const unsaid = await repair("--write");
  assert.match(unsaid.stderr, /--write needs --reason/);
  const written = await repair(...write);
  assert.equal(written.code, 0, written.stdout + written.stderr);
  const stepsIn = (stdout: string) => /repaired:\n((?: {2}\S.*\n)+)/.exec(stdout)?.[1];
  assert.ok(stepsIn(written.stdout) !== undefined, written.stdout);
  assert.equal(stepsIn(written.stdout), stepsIn(proposed.stdout));
  const news = log.all().slice(before.length);
  db.close();
  assert.ok(news.length > 0, "it stands in the log");
  for (const { actor, note } of news) {
    assert.match(String(actor), /^user:./);
    assert.equal(note, "ticket 4711");
  }
});

describe("migrate", () => {
  const folder = newFolder();

  test("makes a database once, and then has nothing to do", async () => {
    const first = await runOnhand(["migrate"], { folder });
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /inventory\.db: applied 001_initial\.sql, 002_webhooks\.sql/);
    const second = await runOnhand(["migrate"], { folder });
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout, /inventory\.db: nothing to do\n$/);
  });

  test("leaves a database alone that is served, is of another program, or is of a newer version", async () => {
    const served = await beside("migrate");
    assert.deepEqual([served.code, served.stdout], [1, ""]);
    assert.match(served.stderr, /is in use by another Onhand process/);

    const foreign = join(folder, "foreign.db");
    new DatabaseSync(foreign).exec("CREATE TABLE accounts (id INTEGER)");
    const newer = join(folder, "data", "inventory.db");
    new DatabaseSync(newer).exec("INSERT INTO migrations VALUES (999, '999_later.sql', 0)");
    const refused = [
      [foreign, /belongs to another program \(it has a table accounts\)/],
      [newer, /was migrated by a newer Onhand/],
    ] as const;
    for (const [path, words] of refused) {
      const env = { DATABASE_URL: `sqlite:${path}` };
      const { code, stdout, stderr } = await runOnhand(["migrate"], { env });
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, words);
    }
  });
});
