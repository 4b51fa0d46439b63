// onhand copy as a program: what its options name is moved as it is, and what cannot be is told of the option.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newFolder, runOnhand } from "../support/instance.ts";
import { query, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

describe("onhand copy", { skip: noPostgres, timeout: 120_000 }, () => {
  test("moves a file into an empty database once, whatever DATABASE_URL says", async () => {
    const { newDatabase } = await sharedPostgres();
    const to = await newDatabase();
    const folder = newFolder();
    const file = "sqlite:./inventory.db";
    for (const args of [
      ["migrate"],
      ["keys", "create", "--name", "till", "--role", "vendor", "--stores", "*"],
    ]) {
      const made = await runOnhand(args, { folder, env: { DATABASE_URL: file } });
      assert.equal(made.code, 0, made.stderr);
    }
    const env = { DATABASE_URL: "sqlite:./another.db" };
    const copy = () => runOnhand(["copy", "--from", file, "--to", to], { folder, env });

    const moved = await copy();
    assert.equal(moved.code, 0, moved.stderr);
    assert.match(moved.stdout, /^postgres:\/\/\S+: \d+ rows, state [0-9a-f]+\n$/);
    assert.deepEqual(await query(to, "SELECT name FROM api_keys"), [{ name: "till" }]);

    const again = await copy();
    assert.equal(again.code, 1, again.stdout);
    assert.match(again.stderr, /^onhand: [^\n]*\n$/);
    assert.doesNotMatch(again.stderr, /DATABASE_URL/);

    const nowhere = await runOnhand(
      ["copy", "--from", file, "--to", to.replace(/\/[^/]*$/, "/nowhere")],
      { folder, env },
    );
    assert.equal(nowhere.code, 1, nowhere.stdout);
    assert.match(nowhere.stderr, /the name at the end of --to/);
  });
});
