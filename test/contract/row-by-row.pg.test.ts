// Rows of a long read, one by one: all of them, as many as are wanted, and what went wrong where something did.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Connections, openConnections } from "../../src/store/postgres/connections.ts";
import { inTransaction, type Statements } from "../../src/store/postgres/statements.ts";
import { databaseAt, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

const numbers = "SELECT n FROM generate_series(1, 2500) n";

describe("rows one by one", { skip: noPostgres }, () => {
  let connections: Connections;
  before(async () => {
    connections = openConnections(databaseAt(await (await sharedPostgres()).newDatabase()));
  });
  after(() => connections.close());

  function within<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return inTransaction(connections, "READ COMMITTED", { pooler: false }, work);
  }
  async function count(statements: Statements): Promise<number> {
    let rows = 0;
    for await (const _ of statements.each(numbers)) rows += 1;
    return rows;
  }

  test("are all there, and one may stop early and read another", async () => {
    const found = await within(async (statements) => {
      for await (const [n] of statements.each(numbers)) if (n === 1_001) break;
      return count(statements);
    });
    assert.equal(found, 2_500);
  });

  test("that cannot be read are told with the reason, not with that of a cursor that is gone", async () => {
    const failing = within(async (statements) => {
      for await (const _ of statements.each(`SELECT 1 / (2000 - n) FROM (${numbers}) one`));
    });
    await assert.rejects(failing, /division by zero/);
  });

  test("whose reader fails are told with its error", async () => {
    const bug = new TypeError("x is not a function");
    const failing = within(async (statements) => {
      for await (const _ of statements.each(numbers)) throw bug;
    });
    await assert.rejects(failing, bug);
  });
});
