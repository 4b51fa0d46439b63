// Imports over real connections: what breaks off in the middle loses nothing and does nothing twice, what is slow is
// waited for, who does not read holds nothing up, and others are served meanwhile.

import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { after, before, describe, test } from "node:test";
import { CutOffError, chunksOf } from "../../src/http/imports/body.ts";
import { openSlots } from "../../src/http/slots.ts";
import { importPieceBytes, importsMax, importsPerCallerMax } from "../../src/limits.ts";
import { importedIn, sendFile } from "../support/import-lines.ts";
import { assertProblem, openShop, type Shop } from "../support/shop.ts";
import { until } from "../support/until.ts";

let shop: Shop;
let base = "";
const sockets: Socket[] = [];
before(async () => {
  shop = await openShop();
  base = await shop.app.listen({ port: 0 });
  shop.app.server.on("connection", (socket) => sockets.push(socket));
});
after(() => shop.close());

/** On a connection of its own, unless an agent has others. */
function begin(
  address: string,
  headers: Readonly<Record<string, string>> = {},
  agent: Agent | false = false,
): ClientRequest {
  const sent = request(`${base}/api/v1/imports/${address}`, {
    method: "POST",
    agent,
    headers: { "x-api-key": shop.keys.admin, "content-type": "text/csv", ...headers },
  });
  sent.on("error", () => undefined);
  return sent;
}

async function answerOf(sent: ClientRequest): Promise<{ status: number; text: string }> {
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, text };
}

async function newImportId(productId: string): Promise<string> {
  const sent = begin("stock");
  sent.end(`product_id,store_id,quantity_change\n${productId},MAD,1\n`);
  return importedIn((await answerOf(sent)).text).importId;
}

const quantityOf = async (productId: string) => (await shop.row(productId)).quantity;

describe("a file that comes in pieces", () => {
  test("is dealt with as it comes, and its answer is told meanwhile", async () => {
    const id = await shop.product({ MAD: 0 });
    const sent = begin("stock?mode=apply");
    const line = `${id},MAD,1\n`;
    sent.write(`product_id,store_id,quantity_change\n${line.repeat(1_100)}`);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    let text = "";
    response.on("data", (chunk) => {
      text += String(chunk);
    });
    await until(() => text.includes('"rows":512'), "the first rows are told");
    assert.ok((await quantityOf(id)) >= 512, "what is told is done");
    sent.end(line);
    await once(response, "end");
    assert.deepEqual(importedIn(text).counts, [0, 1_101, 0, 0]);
    assert.equal(await quantityOf(id), 1_101);
  });

  test("that breaks off in the middle of a row is done up to that row, and once when it is sent again", async () => {
    const id = await shop.product({ MAD: 0 });
    const importId = await newImportId(id);
    const rows = Array.from({ length: 1_200 }, () => `${id},MAD,10\n`).join("");
    const file = `product_id,store_id,quantity_change\n${rows}`;
    const url = `stock?mode=apply&import_id=${importId}`;
    const sent = begin(url, { "content-length": String(file.length) });
    // The last piece ends within a number: 1 is not what was meant.
    sent.write(file.slice(0, file.length - 2));
    await until(async () => (await quantityOf(id)) >= 5_120, "some of it is done");
    sent.destroy();
    const settled = async () => {
      const before = await quantityOf(id);
      await shop.call("GET", "/stores");
      return before === (await quantityOf(id)) && before % 10 === 0;
    };
    await until(settled, "it has stopped");
    assert.ok((await quantityOf(id)) < 12_000);
    const again = begin(url);
    again.end(file);
    assert.deepEqual(importedIn((await answerOf(again)).text).counts, [0, 1_200, 0, 0]);
    assert.equal(await quantityOf(id), 12_000);
    await shop.mustBeSound();
  });

  test("that is broken further down is done up to there, and the last line says where it ends", async () => {
    const id = await shop.product({ MAD: 0 });
    const sent = begin("stock?mode=apply");
    const rows = `${id},MAD,1\n`.repeat(5_000);
    sent.end(`product_id,store_id,quantity_change\n${rows}"${"x".repeat(3_000_000)}`);
    const { status, text } = await answerOf(sent);
    const { end, of } = importedIn(text);
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(end.fault, { code: "import_unreadable", row: 5_002 });
    const done = of("progress").at(-1)?.rows ?? 0;
    assert.equal(await quantityOf(id), done);
    assert.ok(done >= 4_000, `${done} rows before it were done`);
  });

  test("slower than other requests may be is waited for", async () => {
    const id = await shop.product({ MAD: 0 });
    const sent = begin("stock?mode=apply");
    const answered = answerOf(sent);
    sent.write(`product_id,store_id,quantity_change\n${`${id},MAD,1\n`.repeat(600)}`);
    await until(async () => (await quantityOf(id)) > 0, "it has begun");
    const late = Object.assign(new Error("too late"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
    // As Node says it of each request that has not come whole in time.
    shop.app.server.emit("clientError", late, sockets.at(-1));
    sent.end(`${id},MAD,1\n`);
    assert.deepEqual(importedIn((await answered).text).counts, [0, 601, 0, 0]);
  });

  test("is refused by what it is, and its connection goes on", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const sent = begin("stock", {}, agent);
      sent.end(`Artikel,Menge\n${"x,1\n".repeat(500_000)}`);
      const { status, text } = await answerOf(sent);
      assert.deepEqual([status, JSON.parse(text).code], [400, "import_unreadable"]);
      const before = sockets.length;
      const next = begin("stock", {}, agent);
      next.end("product_id,store_id,quantity\nghost,MAD,1\n");
      assert.equal((await answerOf(next)).status, 200);
      assert.equal(sockets.length, before, "on the same connection");
    } finally {
      agent.destroy();
    }
  });
});

describe("an import and others", () => {
  test("of clients that read nothing comes to its end; what they were not told is counted", async () => {
    const cell = "x".repeat(1_900);
    const row = `ghost,MAD,1,${cell}\n`;
    const sent = begin("stock");
    sent.end(`product_id,store_id,quantity,${"n".repeat(20)}\n${row.repeat(12_000)}`);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    const ended = () => sockets.some((socket) => socket.writableLength > 1_000_000);
    await until(ended, "the answer piles up");
    let text = "";
    for await (const chunk of response) text += String(chunk);
    const { end, of } = importedIn(text);
    assert.equal(end.refused, 12_000);
    assert.ok(of("refused").length > 1_000);
    assert.equal(of("refused").length + Number(end.untold), 12_000);
  });

  test("are served at once: a hold takes no longer than a commit or two", async () => {
    const [id, other] = [await shop.product({ MAD: 0 }), await shop.product({ MAD: 50 })];
    const sent = begin("stock?mode=apply");
    sent.end(`product_id,store_id,quantity_change\n${`${id},MAD,1\n`.repeat(5_000)}`);
    const answered = answerOf(sent);
    await until(async () => (await quantityOf(id)) > 0, "it has begun");
    let held = 0;
    while ((await quantityOf(id)) < 4_000 && held < 20) {
      const { status } = await shop.reserve({ product_id: other, customer_id: `c${held}` });
      assert.equal(status, 201);
      held += 1;
    }
    assert.ok(held >= 5, `${held} holds were made meanwhile`);
    assert.deepEqual(importedIn((await answered).text).counts, [0, 5_000, 0, 0]);
  });

  test("beyond so many, and beyond so many of one caller, are told to come again", () => {
    const enter = openSlots("imports", importsMax, importsPerCallerMax);
    const leaving = Array.from({ length: importsPerCallerMax }, () => enter("key:one"));
    assert.throws(() => enter("key:one"), { code: "overloaded", message: /imports of yours/ });
    for (let at = importsPerCallerMax; at < importsMax; at += 1) enter(`key:${at}`);
    assert.throws(() => enter("key:more"), { code: "overloaded" });
    leaving[0]?.();
    enter("key:more");
    assert.throws(() => enter("key:one"), { code: "overloaded" }, "there is no room");
  });

  test("that are slow keep their caller's others out, and nobody else's", async () => {
    const file = "product_id,store_id,quantity\nghost,MAD,1\n";
    const send = (as: string) => sendFile(shop, "stock", file, { as });
    const slow = Array.from({ length: importsPerCallerMax }, () => begin("stock?mode=apply"));
    for (const one of slow) {
      one.write(`${file}${file.repeat(600)}`);
      await once(one, "response");
    }
    const refused = await send("admin");
    assertProblem(refused, 503, "overloaded");
    assert.match(refused.text, /2 imports of yours are on their way here/);
    assert.equal((await send("vendor")).status, 200);
    for (const one of slow) one.destroy();
    await until(async () => (await send("admin")).status === 200, "their places are given back");
  });

  test("whose answers are not read keep their places until they are", async () => {
    const row = `ghost,MAD,1,${"x".repeat(1_900)}\n`;
    const unread: IncomingMessage[] = [];
    for (let count = 0; count < importsPerCallerMax; count += 1) {
      const sent = begin("stock");
      sent.end(`product_id,store_id,quantity,more\n${row.repeat(8_000)}`);
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      unread.push(response);
      const socket = sockets.at(-1);
      await until(() => (socket?.writableLength ?? 0) > 1_000_000, "the answer piles up");
    }
    const send = () => sendFile(shop, "stock", "product_id,store_id,quantity\nghost,MAD,1\n");
    assert.equal((await send()).status, 503);
    for (const response of unread) response.resume();
    await Promise.all(unread.map((response) => once(response, "end")));
    await until(async () => (await send()).status === 200, "their places are given back");
  });

  test("that have nothing to say but empty rows leave others their turns", async () => {
    const sent = begin("stock");
    const answered = answerOf(sent);
    let isOver = false;
    sent.end(`sku,store_id,quantity\n${"\n".repeat(3_000_000)}`);
    void answered.then(() => {
      isOver = true;
    });
    let others = 0;
    while (!isOver && others < 30) {
      const { status } = await shop.call("GET", "/stores");
      assert.equal(status, 200);
      others += 1;
    }
    assert.equal(others, 30, "others are answered while it is read");
    assert.equal(JSON.parse((await answered).text).code, "import_unreadable");
  });
});

describe("the bytes of a file", () => {
  const read = async (body: PassThrough, limits: { bytes: number; silenceMs: number }) => {
    for await (const _chunk of chunksOf(body as unknown as IncomingMessage, limits));
  };

  test("end where nothing comes for too long, and where there are too many", async () => {
    const silent = new PassThrough();
    silent.write("a");
    await assert.rejects(
      read(silent, { bytes: 10, silenceMs: 20 }),
      /nothing more of the file came/,
    );
    const long = new PassThrough();
    long.end("x".repeat(11));
    await assert.rejects(read(long, { bytes: 10, silenceMs: 1_000 }), /more than 10 bytes/);
    assert.equal(long.destroyed, false, "the answer still has to go out on its socket");
  });

  test("are given on in small pieces, and others have their turn between", async () => {
    const all = new PassThrough({ highWaterMark: 1_000_000 });
    all.end("x".repeat(5 * importPieceBytes + 1));
    let turns = 0;
    const turn = setInterval(() => undefined, 1_000);
    const count = () => {
      turns += 1;
      setImmediate(() => turn.hasRef() && count());
    };
    count();
    let bytes = 0;
    const limits = { bytes: 1_000_000, silenceMs: 1_000 };
    for await (const piece of chunksOf(all as unknown as IncomingMessage, limits)) {
      assert.ok(piece.length <= importPieceBytes);
      bytes += piece.length;
    }
    clearInterval(turn.unref());
    assert.equal(bytes, 5 * importPieceBytes + 1);
    assert.ok(turns >= 5, `${turns} turns`);
  });

  test("that break off are no file", async () => {
    const cut = new PassThrough();
    cut.write("a");
    setImmediate(() => cut.destroy(new Error("aborted")));
    await assert.rejects(read(cut, { bytes: 10, silenceMs: 1_000 }), CutOffError);
  });
});
