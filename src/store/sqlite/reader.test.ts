import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openRows, type Rows } from "../../../test/support/sqlite-rows.ts";
import { openReadConnection, openReader, type Reader } from "./reader.ts";
import { openReads } from "./reads.ts";

describe("the reader thread", () => {
  let rows: Rows;
  let reader: Reader;
  before(async () => {
    rows = openRows();
    rows.place("A");
    for (let count = 0; count < 20; count += 1) rows.product(`p${count}`);
    rows.receive("p1", "A", 4);
    reader = await openReader(rows.path);
  });
  after(async () => {
    await reader.close();
    rows.close();
  });

  test("calls made together are each answered with what a direct read says", async () => {
    const reads = openReads(rows.db);
    const queries = [1, 5, 20].map((limit) => ({
      search: null,
      category: null,
      after: null,
      limit,
    }));
    assert.deepEqual(
      await Promise.all(queries.map((query) => reader.call("products", query))),
      queries.map((query) => reads.products(query)),
    );
    const low = { threshold: 9, storeId: null, stores: "*", after: null, limit: 9 } as const;
    assert.deepEqual(await reader.call("lowStock", low), reads.lowStock(low));
    assert.deepEqual(await reader.call("auditLog"), []);
  });

  test("what is committed is in the next answer", async () => {
    rows.receive("p2", "A", 4);
    const found = await reader.call("availabilities", ["p2"]);
    assert.deepEqual([found[0]?.asOfSeq, found[0]?.rows.length], [rows.seq(), 1]);
  });

  test("an error comes back with its words and its stack, and the thread goes on", async () => {
    const broken = { search: null, category: null, after: null, limit: 0 };
    await assert.rejects(reader.call("products", broken), (error: Error) => {
      assert.match(error.message, /a page has room/);
      assert.match(error.stack ?? "", /pages\.ts/);
      return true;
    });
    assert.equal((await reader.call("keys", { after: null, limit: 1 })).items.length, 0);
  });

  test("once closed it answers nobody", async () => {
    const other = await openReader(rows.path);
    await other.close();
    await assert.rejects(other.call("auditLog"));
  });

  test("a file that is not there is refused when it is opened", async () => {
    await assert.rejects(openReader(`${rows.path}.none`), /unable to open/);
  });

  test("a connection for reading refuses to write", () => {
    const db = openReadConnection(rows.path);
    assert.throws(() => db.exec("DELETE FROM products"), /readonly/);
    db.close();
  });
});
