// The command line as a client of a running service, beyond what docs/cli.md shows (documents.test.ts pastes that):
// refusals, a service that is away, keys that must not be seen.

import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  ask,
  type Instance,
  newFolder,
  runOnhand,
  startInstance,
  unlimited,
} from "../support/instance.ts";

let service: Instance;
before(async () => {
  service = await startInstance({ env: unlimited });
});
after(async () => {
  await service.kill();
});

const asked = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runOnhand(args, { env: { ONHAND_URL: service.url, ONHAND_API_KEY: service.key, ...env } });

test("a refusal ends with 1 and says its code; what is not understood with 2; no answer with 4", async () => {
  const [refused, misspelt, away] = await Promise.all([
    asked(["products", "get", "nothing-of-the-kind"]),
    asked(["products", "sell"]),
    asked(["products", "list"], { ONHAND_URL: "http://127.0.0.1:1" }),
  ]);
  assert.equal(refused.code, 1, refused.stderr);
  assert.match(
    refused.stderr,
    /^onhand: There is no product nothing-of-the-kind\. \(product_not_found\)\nrequest: \S+\n$/,
  );
  assert.equal(misspelt.code, 2, misspelt.stderr);
  assert.match(misspelt.stderr, /products needs one of list, get, sku,/);
  assert.equal(away.code, 4, away.stderr);
  assert.match(away.stderr, /\(no_answer\)\nIs the service running at http:\/\/127\.0\.0\.1:1\?/);
});

test("a key comes from a file, which others should not read, and there is no option that takes one", async () => {
  const file = join(newFolder(), "shop.key");
  writeFileSync(file, `${service.key}\n`, { mode: 0o600 });
  const args = ["keys", "list", "--url", service.url, "--key-file", file];
  const quiet = await runOnhand(args);
  assert.equal(quiet.code, 0, quiet.stderr);
  assert.equal(quiet.stderr, "");
  assert.equal(JSON.parse(quiet.stdout.split("\n")[0] ?? "").role, "admin");
  chmodSync(file, 0o644);
  assert.match((await runOnhand(args)).stderr, /others can read \S+; run: chmod 600/);
  const told = await asked(["products", "list", "--key", service.key]);
  assert.equal(told.code, 2);
});

test("a name with control characters cannot write on the terminal, and is whole in JSON", async () => {
  const name = "mug \u009b31m";
  const { status } = await ask(service, "POST", "/products", {
    id: "odd",
    sku: "ODD",
    name,
    price: 1,
  });
  // Where the service refuses such names there is nothing to show.
  assert.equal(status, 400);
  const description = "one\ttwo";
  const told = { id: "odd", sku: "ODD", name: "mug", price: 1, description };
  await ask(service, "POST", "/products", told);
  const [table, json] = await Promise.all([
    asked(["products", "get", "odd", "--table"]),
    asked(["products", "get", "odd"]),
  ]);
  assert.match(table.stdout, /^description +one two$/m);
  assert.equal(JSON.parse(json.stdout).description, description);
});

describe("doctor", () => {
  test("says what is wrong with each setting, and ends with 1", async () => {
    const { code, stdout } = await runOnhand(["doctor"], {
      env: { PORT: "many", ONHAND_URL: service.url },
    });
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^ERROR +configuration +PORT must be a whole number[^\n]*\n +→ Set it right/m,
    );
  });

  test("finds nothing beside a healthy service, and a key file that others can read", async () => {
    const run = () =>
      runOnhand(["doctor", "--json"], { folder: service.folder, env: { ONHAND_URL: service.url } });
    const healthy = await run();
    const levels = (stdout: string) =>
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
        .filter(({ level, check }) => level !== "ok" && check !== "disk")
        .map(({ check }) => check);
    assert.deepEqual(levels(healthy.stdout), []);
    const file = join(service.folder, "data", "admin.key");
    chmodSync(file, 0o640);
    const found = await run();
    chmodSync(file, 0o600);
    assert.equal(found.code, 1);
    assert.deepEqual(levels(found.stdout), ["admin key"]);
  });
});
