// What a statement binds arrives as it is: lists travel in the binary form of arrays (messages.ts), and whatever
// a customer typed is in them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { PoolClient } from "pg";
import { type Connections, openConnections } from "../../src/store/postgres/connections.ts";
import { type Bound, statementsOf } from "../../src/store/postgres/statements.ts";
import { sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

const texts = [
  "",
  "plain",
  '{"a":"b"}',
  "back\\slash \\\\ and 'quote'",
  '{1,NULL,"x"}',
  "NULL",
  "ñandú · 漢字 · 🏬",
  "line\nbreak\ttab\u0001",
  "x".repeat(70_000),
];
const numbers = [
  0,
  1,
  -1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  -(2 ** 32),
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
];

describe("values that are bound", { skip: noPostgres }, () => {
  let connections: Connections;
  let client: PoolClient;

  before(async () => {
    const url = await (await sharedPostgres()).newDatabase();
    connections = openConnections({ url, poolMin: 1, poolMax: 1, pooler: false, directUrl: null });
    client = await connections.take();
  });
  after(async () => {
    connections.release(client);
    await connections.close();
  });

  for (const pooler of [false, true]) {
    const way = pooler ? "without a name" : "prepared";

    test(`arrive as they are, ${way}`, async () => {
      const statements = statementsOf(client, { pooler });
      const list = async (type: string, bound: Bound) =>
        (await statements.all(`SELECT * FROM unnest($1::${type}[])`, bound)).map(
          ([value]) => value,
        );
      assert.deepEqual(await list("text", texts), texts);
      assert.deepEqual(await list("text", ["a", null, "b"]), ["a", null, "b"]);
      assert.deepEqual(await list("text", [null, null]), [null, null]);
      assert.deepEqual(await list("text", []), []);
      assert.deepEqual(await list("bigint", numbers), numbers);
      assert.deepEqual(await list("bigint", [null, 7]), [null, 7]);
      assert.deepEqual(await list("bigint", [null]), [null]);
      const bytes = [Buffer.from([0, 1, 254, 255, 92, 34]), null];
      assert.deepEqual(await list("bytea", bytes), bytes);
      for (const one of texts) {
        assert.equal((await statements.get("SELECT $1::text", one))?.[0], one);
      }
      for (const one of numbers) {
        assert.equal((await statements.get("SELECT $1::bigint", one))?.[0], one);
      }
    });

    test(`that cannot be bound are refused, and the connection goes on, ${way}`, async () => {
      const statements = statementsOf(client, { pooler });
      const sql = "SELECT count(*) FROM unnest($1::bigint[])";
      for (const wrong of [[2 ** 53], [0.5], [Number.NaN]]) {
        await assert.rejects(statements.get(sql, wrong), /safe integers/);
        assert.deepEqual(await statements.get(sql, [1, 2]), [2]);
      }
      await assert.rejects(statements.get("SELECT $1::text[]", ["\0"]), /encoding/);
      assert.deepEqual(await statements.get(sql, [1, 2]), [2]);
    });
  }
});
