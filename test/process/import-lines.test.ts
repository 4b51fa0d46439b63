// What the command line makes of the lines of an import: rows that are told twice, or not at all, and how far it is. The
// service is played, since what it tells when depends on how fast things are read.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { newFolder, runOnhand } from "../support/instance.ts";

const importId = "01890a5d-ac96-774b-bcce-b302099a8057";
const begin = { type: "begin", import_id: importId, columns: { sku: "sku" }, not_used: [] };
const tally = { created: 0, changed: 0, same: 0 };
const refused = (row: number, sku: string, reason = "no such product") => ({
  ...{ type: "refused", row, code: "product_not_found", reason },
  cells: { sku, store_id: "MAD-001", quantity: "1" },
});
const progress = (row: number, count: number) => ({
  ...{ type: "progress", row, rows: row - 1, ...tally, refused: count },
});
const end = (rows: number, count: number, untold: number) => ({
  ...{ type: "end", import_id: importId, rows, ...tally, refused: count, untold, fault: null },
});

let server: Server;
/** What is told next. One that has no end has broken off. */
let answers: { readonly lines: readonly object[] }[] = [];
const asked: string[] = [];

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  asked.push(request.url ?? "");
  for await (const _chunk of request);
  const next = answers.shift();
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  for (const line of next?.lines ?? []) response.write(`${JSON.stringify(line)}\n`);
  response.end();
}

before(async () => {
  server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
after(() => server.close());

function openShop() {
  const folder = newFolder();
  writeFileSync(join(folder, "count.csv"), "sku,store_id,quantity\nA,MAD-001,1\n");
  const { port } = server.address() as AddressInfo;
  const env = { ONHAND_URL: `http://127.0.0.1:${port}`, ONHAND_API_KEY: "ohk_played" };
  return {
    errors: () => readFileSync(join(folder, "count.csv.errors.csv"), "utf8"),
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
    onhand: (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      runOnhand(args, { folder, env: { ...env, ...more } }),
  };
}

const looked = { lines: [begin, end(6, 5, 0)] };
const apply = ["import", "stock", "count.csv", "--apply"];

test("a row that is told again when the import goes on is in the error file once", async () => {
  const shop = openShop();
  answers = [
    looked,
    {
      lines: [begin, refused(2, "A"), progress(3, 1), refused(4, "B"), refused(5, "C")],
    },
  ];
  const broken = await shop.onhand(apply);
  assert.equal(broken.code, 4, broken.stderr);
  answers = [
    looked,
    {
      lines: [
        ...[begin, refused(4, "B"), refused(5, "C"), progress(5, 2)],
        ...[refused(6, "D", "one store"), refused(6, "D", "another"), end(6, 3, 0)],
      ],
    },
  ];
  const resumed = await shop.onhand(apply);
  assert.equal(resumed.code, 3, resumed.stderr);
  assert.match(asked.at(-1) ?? "", /after_row=3/);
  assert.match(resumed.stdout, /^0 new, 0 changed, 0 as they are, 4 refused: /m);
  assert.match(resumed.stdout, /^refused rows: count\.csv\.errors\.csv$/m);
  assert.doesNotMatch(resumed.stdout, /are not in it/);
  const lines = [
    "row,code,reason,sku,store_id,quantity",
    "2,product_not_found,no such product,A,MAD-001,1",
    "4,product_not_found,no such product,B,MAD-001,1",
    "5,product_not_found,no such product,C,MAD-001,1",
    "6,product_not_found,one store; another,D,MAD-001,1",
  ];
  assert.equal(shop.errors(), `${lines.join("\n")}\n`);
});

test("rows that were written before a crash that nobody noted are not in it twice", async () => {
  const shop = openShop();
  answers = [looked, { lines: [begin, refused(2, "A"), progress(3, 1)] }];
  assert.equal((await shop.onhand(apply)).code, 4);
  const settled = shop.errors();
  const next = "4,product_not_found,no such product,B,MAD-001,1\n";
  shop.write("count.csv.errors.csv", `${settled}${next}`);
  answers = [looked, { lines: [begin, refused(4, "B"), end(6, 1, 0)] }];
  assert.equal((await shop.onhand(apply)).code, 3);
  assert.equal(shop.errors(), `${settled}${next}`);
});

test("rows that the service did not tell are counted, with how to see them", async () => {
  const shop = openShop();
  answers = [looked, { lines: [begin, refused(2, "A"), progress(6, 5), end(6, 5, 4)] }];
  const done = await shop.onhand(apply);
  assert.equal(done.code, 3, done.stderr);
  assert.match(
    done.stdout,
    /^refused rows: count\.csv\.errors\.csv\n4 refused rows are not in it: .* To see all: npm run onhand -- import stock count\.csv --errors all\.csv$/m,
  );
  answers = [{ lines: [begin, end(6, 5, 5)] }];
  const looking = await shop.onhand(["import", "stock", "count.csv", "--errors", "all.csv"]);
  assert.match(looking.stdout, /^5 refused rows are not in it: /m);
});

test("how far it is shows on a terminal, also of the look before, and not in a pipe", async () => {
  const isTerminal = "process.stderr.isTTY = true; process.stderr.columns = 100;";
  const bars = async (more: Readonly<Record<string, string>>) => {
    answers = [
      { lines: [begin, progress(4, 0), end(6, 0, 0)] },
      { lines: [begin, progress(4, 0), end(6, 0, 0)] },
    ];
    const { code, stderr, stdout } = await openShop().onhand(apply, more);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout, /%/);
    return stderr;
  };
  const terminal = await bars({
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(isTerminal)}`,
  });
  assert.match(terminal, /looking at stock \S+ 0 % {2}0 of 34 bytes/);
  assert.match(terminal, /looking at stock \S+ 100 % {2}34 of 34 bytes/);
  assert.match(terminal, /importing stock \S+ 100 % {2}6 of 6 rows/);
  assert.equal(await bars({}), "");
});
