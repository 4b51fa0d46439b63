// Imports and exports at two instances on one PostgreSQL, by a client that does what it should not: the same import at
// both at once, one that is cut off here and sent again there, undone at both at once. Each row is done once, and taken
// back once.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientRequest, get, type IncomingMessage, request } from "node:http";
import { after, before, describe, test } from "node:test";
import { newId, newSecret } from "../../src/lib/ids.ts";
import { exportsPerCallerMax, importsPerCallerMax } from "../../src/limits.ts";
import { importedIn } from "../support/import-lines.ts";
import {
  ask,
  type Environment,
  type Instance,
  isOverload,
  startInstance,
  type Told,
  unlimited,
} from "../support/instance.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";

const rows = 3_000;

/** A file, its product, and where it is sent to be done. */
interface Made {
  readonly id: string;
  readonly file: string;
  readonly address: string;
}

describe("two instances and one import", { skip: noPostgres || noRedis, timeout: 240_000 }, () => {
  let postgres: Postgres;
  let redis: RedisServer;
  let here: Instance;
  let there: Instance;
  let env: Environment;
  before(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    env = {
      ...{ ...unlimited, DATABASE_URL: await postgres.newDatabase(), REDIS_URL: redis.url },
      ...{ ONHAND_DEMO: "on", ONHAND_ADMIN_KEY: newSecret() },
    };
    [here, there] = await Promise.all([startInstance({ env }), startInstance({ env })]);
  });
  after(async () => {
    await Promise.all([here.kill(), there.kill()]);
    await redis.close();
    await postgres.close();
  });

  function post({ url, key }: Instance, address: string): ClientRequest {
    const headers = { "x-api-key": key };
    const sent = request(`${url}/api/v1${address}`, { method: "POST", agent: false, headers });
    sent.on("error", () => undefined);
    return sent;
  }

  function begin(instance: Instance, address: string): ClientRequest {
    return post(instance, `/imports/${address}`).setHeader("content-type", "text/csv");
  }

  async function toldTo(sent: ClientRequest): Promise<Pick<Told, "status" | "text">> {
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode ?? 0, text };
  }

  /** What is answered, in the end: comes again where it is told to. */
  async function answerTo(send: () => ClientRequest) {
    let told = await toldTo(send());
    await until(
      async () => {
        if (!isOverload(told)) return true;
        told = await toldTo(send());
        return false;
      },
      "it is let in",
      60_000,
    );
    assert.equal(told.status, 200, told.text);
    const imported = importedIn(told.text);
    assert.equal(imported.end.fault, null);
    return imported;
  }

  const importAt = (instance: Instance, address: string, file: string) =>
    answerTo(() => begin(instance, address).end(file));

  const undoAt = (instance: Instance, importId: string) =>
    answerTo(() => post(instance, `/imports/${importId}/undo`).end());

  /** An import that is in the middle of its rows, and whose client does not listen yet. */
  async function beginImportAt(instance: Instance, { id, file, address }: Made, text = file) {
    const send = (): ClientRequest => {
      const sent = begin(instance, address);
      sent.setHeader("content-length", String(file.length));
      sent.write(text);
      sent.once("response", ({ statusCode }: IncomingMessage) => {
        if (statusCode === 503) current = send();
      });
      return sent;
    };
    let current = send();
    await until(async () => (await quantityOf(id)) > 500, "some of it is done", 60_000);
    return current;
  }

  /** A product with units in MAD-001, and a file that adds one to it again and again. */
  async function newFile() {
    const id = newId();
    const product = await ask(here, "POST", "/products", { id, sku: id, name: id, price: 1 });
    assert.equal(product.status, 201, product.text);
    const row = { product_id: id, store_id: "MAD-001", quantity_change: 5, reason: "RESTOCK" };
    assert.equal((await ask(here, "POST", "/stock", row)).status, 201);
    const file = `product_id,store_id,quantity_change\n${`${id},MAD-001,1\n`.repeat(rows)}`;
    const { importId } = await importAt(here, "stock", file);
    return { id, file, importId, address: `stock?mode=apply&import_id=${importId}` };
  }

  async function quantityOf(id: string, at = here): Promise<number> {
    return Number((await ask(at, "GET", `/stock/${id}/MAD-001`)).body["quantity"]);
  }

  test("sent to both at once is done once, and undone at both at once is taken back once", async (t) => {
    const { id, file, importId, address } = await newFile();
    const both = [importAt(here, address, file), importAt(there, address, file)];
    for (const { counts } of await Promise.all(both)) assert.deepEqual(counts, [0, rows, 0, 0]);
    assert.equal(await quantityOf(id), 5 + rows);
    const undone = await Promise.all([undoAt(here, importId), undoAt(there, importId)]);
    for (const { end } of undone)
      assert.deepEqual([end.rows, end.refused, end.fault], [rows, 0, null]);
    assert.equal(await quantityOf(id, there), 5);
    const { end } = await undoAt(there, importId);
    assert.deepEqual([end.changed, end.same], [0, rows], "there is nothing left of it");
    t.diagnostic(`${rows} rows`);
  });

  test("of rows that say how much there is, sent to both at once, ends at what they say", async () => {
    const { id } = await newFile();
    const ids = [id, (await newFile()).id, (await newFile()).id];
    const lines = ids.map((one, at) => `${one},MAD-001,${40 + at}`).join("\n");
    const file = `product_id,store_id,quantity\n${lines}\n`;
    const { importId } = await importAt(there, "stock", file);
    const address = `stock?mode=apply&import_id=${importId}`;
    const all = await Promise.all(
      [here, there, here, there].map((one) => importAt(one, address, file)),
    );
    for (const { end } of all) assert.equal(end.refused, 0);
    for (const [at, one] of ids.entries()) assert.equal(await quantityOf(one), 40 + at);
  });

  test("cut off here and sent again there is done once", async () => {
    const made = await newFile();
    const { id, file, address } = made;
    const sent = await beginImportAt(here, made, file.slice(0, file.length - 2));
    sent.destroy();
    // At once, while the first one may still be at it.
    const { counts } = await importAt(there, address, file);
    assert.deepEqual(counts, [0, rows, 0, 0]);
    assert.equal(await quantityOf(id), 5 + rows);
  });

  test("is held by the limits of each, and what is never read gives its place back", async () => {
    const file = (await newFile()).file;
    const open = Array.from({ length: importsPerCallerMax }, () => begin(here, "stock"));
    for (const one of open) {
      one.write(file.slice(0, file.length - 2));
      await once(one, "response");
    }
    const refused = begin(here, "stock");
    refused.end(file);
    const [response] = (await once(refused, "response")) as [IncomingMessage];
    assert.equal(response.statusCode, 503);
    assert.equal((await importAt(there, "stock", file)).end.refused, 0, "the other has its own");
    for (const one of open) one.destroy();
    await until(async () => {
      const sent = begin(here, "stock");
      sent.end(file);
      const [again] = (await once(sent, "response")) as [IncomingMessage];
      again.resume();
      return again.statusCode === 200;
    }, "their places are given back");
  });

  test("many exports at once, some not read and some cut, keep nobody from selling", async () => {
    const id = (await newFile()).id;
    const url = `${here.url}/api/v1/exports/events?format=jsonl`;
    const headers = { "x-api-key": here.key };
    const open = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const sent = get(url, { headers, agent: false });
        sent.on("error", () => undefined);
        const [response] = (await once(sent, "response")) as [IncomingMessage];
        response.on("error", () => undefined);
        return { sent, response };
      }),
    );
    const statuses = open.map(({ response }) => response.statusCode);
    assert.ok(statuses.filter((one) => one === 200).length <= exportsPerCallerMax);
    assert.ok(statuses.includes(503));
    const sale = { product_id: id, store_id: "MAD-001", quantity: 1, customer_id: "c" };
    assert.equal((await ask(here, "POST", "/reservations", sale)).status, 201);
    for (const { sent } of open) sent.destroy();
    // Whole, once they have given their places back.
    let text = "";
    await until(async () => {
      const all = await fetch(url, { headers });
      text = await all.text();
      return all.status === 200;
    }, "their places are given back");
    const seqs = text
      .trim()
      .split("\n")
      .map((line) => Number(JSON.parse(line).seq));
    assert.deepEqual(
      seqs,
      Array.from({ length: seqs.length }, (_, at) => at + 1),
    );
  });

  test("and its undo, each cut off by kill -9, are gone on with by the other", async (t) => {
    const made = await newFile();
    const { id, file, importId, address } = made;
    await beginImportAt(there, made);
    await there.kill();
    const before = await quantityOf(id);
    assert.ok(before < 5 + rows, "it was in the middle");
    assert.deepEqual((await importAt(here, address, file)).counts, [0, rows, 0, 0]);
    assert.equal(await quantityOf(id), 5 + rows);
    there = await startInstance({ env });
    const undoing = undoAt(here, importId).catch(() => null);
    await until(async () => (await quantityOf(id, there)) < rows - 500, "some of it is taken back");
    await here.kill();
    assert.equal(await undoing, null, "nobody was told that it was done");
    const left = await quantityOf(id, there);
    assert.ok(left > 5, "it was in the middle");
    const { end } = await undoAt(there, importId);
    assert.deepEqual([end.rows, end.refused, end.fault], [rows, 0, null]);
    assert.equal(await quantityOf(id, there), 5);
    t.diagnostic(`killed at ${before - 5} of ${rows} rows, and with ${left - 5} not taken back`);
  });
});
