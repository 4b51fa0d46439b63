// Everything of one kind as a file: all of it, of what one may see, and such that it imports as it is.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { after, before, test } from "node:test";
import { newId } from "../../src/lib/ids.ts";
import { exportsPerCallerMax } from "../../src/limits.ts";
import { mugFields } from "../support/commands.ts";
import { importFile } from "../support/import-lines.ts";
import { assertProblem, openShop, type Shop, textOf } from "../support/shop.ts";
import { until } from "../support/until.ts";

let shop: Shop;
/** More than a page of the store has. */
const count = 1_100;
before(async () => {
  shop = await openShop();
  const ids = Array.from({ length: count }, newId);
  await shop.given(
    ...ids.map((id) => ({ kind: "CreateProduct" as const, id, fields: { ...mugFields, sku: id } })),
  );
});
after(() => shop.close());

const linesOf = (text: string): string[] => text.trim().split("\n");
const exportOf = async (address: string, as = "admin") => {
  const answer = await shop.call("GET", `/exports/${address}`, { as });
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  return answer;
};

test("has all rows, under the names of the API, and a name of its own", async () => {
  const { text, headers } = await exportOf("products");
  const [head, ...rows] = linesOf(text);
  assert.equal(head, "id,sku,name,price,description,category,version,created_at,updated_at");
  assert.equal(rows.length, count);
  assert.equal(headers["content-disposition"], 'attachment; filename="products.csv"');
  assert.match(String(headers["content-type"]), /^text\/csv; charset=utf-8/);
  const events = linesOf((await exportOf("events?format=jsonl&after=2")).text);
  const { seq } = await shop.store.head();
  assert.deepEqual(
    events.map((line) => JSON.parse(line).seq),
    Array.from({ length: seq - 2 }, (_, at) => at + 3),
  );
});

test("changes nothing when it is imported", async () => {
  const id = await shop.product({ MAD: 7, BCN: 3 });
  await shop.call("PUT", `/stock/${id}/MAD`, { body: { reorder_point: 4 } });
  for (const kind of ["products", "stores", "stock"]) {
    const { text } = await exportOf(kind);
    const { counts, end } = await importFile(shop, kind, text);
    assert.deepEqual(counts.slice(0, 2), [0, 0], kind);
    assert.equal(end.refused, 0);
    assert.ok(Number(end.same) > 0);
  }
});

test("has what its caller may see, and nothing else", async () => {
  const id = await shop.product({ MAD: 7, BCN: 3 });
  for (const customer_id of ["customer", "ann"]) {
    assert.equal((await shop.reserve({ product_id: id, customer_id })).status, 201);
  }
  const stores = async (as: string, query = "") =>
    new Set(
      linesOf((await exportOf(`stock?format=jsonl${query}`, as)).text).map(
        (line) => JSON.parse(line).store_id,
      ),
    );
  assert.deepEqual(await stores("vendor"), new Set(["MAD"]));
  assert.deepEqual(await stores("admin", "&store_id=BCN"), new Set(["BCN"]));
  assert.equal((await exportOf("stock?store_id=BCN", "vendor")).text.trim().split("\n").length, 1);
  const mine = linesOf((await exportOf("reservations?format=jsonl", "customer")).text);
  assert.deepEqual(
    new Set(mine.map((line) => JSON.parse(line).customer_id)),
    new Set(["customer"]),
  );
  assert.doesNotMatch((await exportOf("events", "vendor")).text, /,BCN,/);
});

test("of webhooks has what they want and how far they are, and no secret", async () => {
  const wanted = { url: "https://erp.example/hook", types: ["stock.low"], stores: ["MAD"] };
  const { body, status } = await shop.call("POST", "/webhooks", { body: wanted });
  assert.equal(status, 201);
  const lines = linesOf((await exportOf("webhooks?format=jsonl")).text);
  const { body: shown } = await shop.call("GET", `/webhooks/${textOf(body, "id")}`);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [shown],
  );
  const { text } = await exportOf("webhooks");
  assert.match(text, /^id,url,description,types,stores,state,/);
  assert.match(text, /,https:\/\/erp\.example\/hook,,"\[""stock\.low""\]","\[""MAD""\]",active,/);
  assert.ok(!text.includes(textOf(body, "secret")) && !/secret(?!_until)/.test(text));
});

test("defuses formulas where it is for a spreadsheet", async () => {
  const fields = { ...mugFields, sku: newId(), name: "=1+1" };
  await shop.given({ kind: "CreateProduct", id: newId(), fields });
  assert.match((await exportOf("products")).text, /,=1\+1,/);
  assert.match((await exportOf("products?spreadsheet=true")).text, /,'=1\+1,/);
});

test("that its reader leaves is not read on", async () => {
  const base = await shop.app.listen({ port: 0 });
  const sent = get(`${base}/api/v1/exports/products`, {
    headers: { "x-api-key": shop.keys.admin },
    agent: false,
  });
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  await once(response, "data");
  sent.destroy();
  assert.equal((await shop.call("GET", "/stores")).status, 200);
});

test("are so many at once of one caller, and nobody else is kept out", async () => {
  // More than a connection takes that nobody reads.
  const description = "x".repeat(2_000);
  for (let batch = 0; batch < 10; batch += 1) {
    const some = Array.from({ length: 1_000 }, newId);
    await shop.given(
      ...some.map((id) => ({
        kind: "CreateProduct" as const,
        id,
        fields: { ...mugFields, sku: id, description },
      })),
    );
  }
  const address = shop.app.server.address();
  assert.ok(typeof address === "object" && address !== null, "it listens");
  const base = `http://127.0.0.1:${address.port}`;
  const begin = async () => {
    const sent = get(`${base}/api/v1/exports/products`, {
      headers: { "x-api-key": shop.keys.admin },
      agent: false,
    });
    sent.on("error", () => undefined);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    return { sent, response };
  };
  const unread = await Promise.all(Array.from({ length: exportsPerCallerMax }, begin));
  for (const { response } of unread) assert.equal(response.statusCode, 200);
  const refused = await shop.call("GET", "/exports/stores");
  assertProblem(refused, 503, "overloaded");
  assert.match(refused.text, /4 exports of yours are on their way here/);
  assert.equal((await shop.call("GET", "/exports/stores", { as: "vendor" })).status, 200);
  for (const { sent } of unread) sent.destroy();
  await until(
    async () => (await shop.call("GET", "/exports/stores")).status === 200,
    "their places are given back",
  );
});

test("are begun for nobody who has gone before", async () => {
  const other = await openShop();
  try {
    let gone = 0;
    // As slow as a look at a key may be.
    other.app.addHook("preHandler", async (request, reply) => {
      if (request.headers["x-slow"] === undefined) return;
      if (!reply.raw.destroyed) await once(reply.raw, "close");
      gone += 1;
    });
    const came = new EventEmitter();
    other.app.addHook("onRequest", async () => {
      came.emit("request");
    });
    const base = await other.app.listen({ port: 0, host: "127.0.0.1" });
    for (let count = 0; count < exportsPerCallerMax; count += 1) {
      const sent = get(`${base}/api/v1/exports/products`, {
        headers: { "x-api-key": other.keys.admin, "x-slow": "yes" },
        agent: false,
      });
      sent.on("error", () => undefined);
      await once(came, "request");
      sent.destroy();
    }
    await until(() => gone === exportsPerCallerMax, "all of them have gone");
    assert.equal((await other.call("GET", "/exports/products")).status, 200);
  } finally {
    await other.close();
  }
});
