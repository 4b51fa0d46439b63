// Imports against a real service: what breaks off goes on and is done once, what was done is undone as far as the shop
// allows, and a file that was exported imports as it is.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
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

const laptop = "550e8400-e29b-41d4-a716-446655440000";

function openShop() {
  const folder = newFolder();
  return {
    folder,
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
    read: (name: string) => readFileSync(join(folder, name), "utf8"),
    onhand: (...args: readonly string[]) =>
      runOnhand(args, {
        folder,
        env: { ONHAND_URL: service.url, ONHAND_API_KEY: service.key },
      }),
  };
}

async function quantityOf(productId: string, storeId: string): Promise<unknown> {
  const { body } = await ask(service, "GET", `/stock/${productId}/${storeId}`);
  return body["quantity"];
}

test("a delivery that broke off is gone on with, and done once", async () => {
  const shop = openShop();
  const before = Number(await quantityOf(laptop, "SEV-001"));
  const rows = 2_500;
  const line = "PROD-001,SEV-001,1\n";
  shop.write("delivery.csv", `sku,store_id,quantity_change\n${line.repeat(rows)}`);
  const args = ["import", "stock", "delivery.csv", "--apply"];
  const first = await shop.onhand(...args);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^0 new, 2500 changed, 0 as they are, 0 refused: import \w+, /m);
  assert.equal(await quantityOf(laptop, "SEV-001"), before + rows);

  // As a crash leaves it: something was done of which nobody here has heard.
  const folder = join(shop.folder, "data", "imports");
  const record = join(folder, must(readdirSync(folder)[0], "it is kept"));
  const kept = JSON.parse(readFileSync(record, "utf8"));
  assert.equal(kept.state, "done");
  const tally = { created: 0, changed: 768, same: 0, refused: 0 };
  writeFileSync(record, JSON.stringify({ ...kept, state: "begun", row: 769, tally }));
  const resumed = await shop.onhand(...args);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, /broke off; it goes on after row 769\n/);
  assert.match(resumed.stdout, /^0 new, 2500 changed, /m);
  assert.equal(await quantityOf(laptop, "SEV-001"), before + rows);

  const again = await shop.onhand(...args);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /this file was imported already, as \w+/);
});

test("what broke off too long ago to go on with is undone, and imported anew", async () => {
  const shop = openShop();
  const before = Number(await quantityOf(laptop, "SEV-001"));
  shop.write("late.csv", "sku,store_id,quantity_change\nPROD-001,SEV-001,5\n");
  const args = ["import", "stock", "late.csv", "--apply"];
  assert.equal((await shop.onhand(...args)).code, 0);
  const folder = join(shop.folder, "data", "imports");
  const record = join(folder, must(readdirSync(folder)[0], "it is kept"));
  const kept = JSON.parse(readFileSync(record, "utf8"));
  const state = { state: "begun", row: 0, at: new Date(Date.now() - 23 * 3_600_000).toISOString() };
  writeFileSync(record, JSON.stringify({ ...kept, ...state }));
  const late = await shop.onhand(...args);
  assert.equal(late.code, 1);
  assert.match(
    late.stderr,
    /more than 23 hours ago.* npm run onhand -- import undo \w+ --apply; .*--again/,
  );
  const undone = await shop.onhand("import", "undo", kept.id, "--apply");
  assert.match(undone.stdout, /: 1 changes undone, 0 not, /, undone.stderr);
  assert.equal(await quantityOf(laptop, "SEV-001"), before);
  assert.equal((await shop.onhand(...args, "--again", "twice")).code, 0);
  assert.equal(await quantityOf(laptop, "SEV-001"), before + 5);
});

test("what broke off is undone as far as it came, and again for what was in the way", async () => {
  const shop = openShop();
  const before = Number(await quantityOf(laptop, "VAL-001"));
  shop.write("lost.csv", `sku,store_id,quantity_change\n${"PROD-001,VAL-001,1\n".repeat(40)}`);
  const args = ["import", "stock", "lost.csv", "--apply"];
  assert.equal((await shop.onhand(...args)).code, 0);
  const folder = join(shop.folder, "data", "imports");
  const record = join(folder, must(readdirSync(folder)[0], "it is kept"));
  const kept = JSON.parse(readFileSync(record, "utf8"));
  const tally = { created: 0, changed: 12, same: 0, refused: 0 };
  writeFileSync(record, JSON.stringify({ ...kept, state: "begun", row: 13, tally }));
  const { stdout: list } = await shop.onhand("import", "list");
  assert.equal(list, `${kept.id}  ${kept.importId}  ${kept.at}  stock     broke off    lost.csv\n`);
  const asked = await shop.onhand("import", "undo", kept.id);
  assert.match(asked.stdout, / broke off, and changed at least 12 stock\. Nothing was undone/);

  // All that is free.
  const { body: row } = await ask(service, "GET", `/stock/${laptop}/VAL-001`);
  const held = {
    product_id: laptop,
    store_id: "VAL-001",
    quantity: row["available"],
    customer_id: "a",
  };
  const { status, body } = await ask(service, "POST", "/reservations", held);
  assert.equal(status, 201);
  const refused = await shop.onhand("import", "undo", kept.id, "--apply");
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(refused.stdout, /: 0 changes undone, 40 not, /);
  assert.equal(refused.stdout.match(/^row 2 /gm)?.length, 1, "each is told once");
  const cancel = `/reservations/${String(body["id"])}/cancel`;
  assert.equal((await ask(service, "POST", cancel)).status, 200);
  const undone = await shop.onhand("import", "undo", kept.id, "--apply");
  assert.match(undone.stdout, /: 40 changes undone, 0 not, /, undone.stderr);
  assert.equal(await quantityOf(laptop, "VAL-001"), before);
  const again = await shop.onhand(...args);
  assert.match(again.stderr, /imported already, as \w+, and undone\. .*--again twice/);
  const byService = await shop.onhand("import", "undo", kept.importId, "--apply");
  assert.match(byService.stdout, /: 0 changes undone, 40 before, 0 not, /, byService.stderr);
});

test("a file that is not there, a folder and a workbook are named as such", async () => {
  const shop = openShop();
  shop.write("book.csv", "PK\u0003\u0004");
  shop.write("rows.csv", "sku,quantity\nPROD-001,5\n");
  const tries = [
    [
      "missing.csv",
      1,
      /^onhand: missing\.csv: there is no such file or folder; check the name \(ENOENT\)\n$/,
    ],
    [".", 2, /\. is a folder; name one file/],
    ["stock.xlsx", 2, /stock\.xlsx is a workbook: save it as CSV/],
    ["book.csv", 1, /workbook and no text: save it as CSV.* Nothing was imported/],
    ["rows.csv", 1, /--map "Its name=store_id"; or the store of all rows: --store ID/],
  ] as const;
  for (const [file, code, words] of tries) {
    const format = file === "." ? ["--format", "csv"] : [];
    const told = await shop.onhand("import", "stock", file, ...format);
    assert.match(told.stderr, words);
    assert.equal(told.code, code, told.stderr);
  }
});

test("refused rows are in the error file, the others are done, and undoing takes back what it may", async () => {
  const shop = openShop();
  shop.write("products.csv", "sku,name,price\nCUP-1,Cup,3.50\nJUG-1,Jug,12\nPAN-1,,9\n");
  const looked = await shop.onhand("import", "products", "products.csv");
  assert.equal(looked.code, 3, looked.stderr);
  assert.match(looked.stdout, /^row 2 +\+ CUP-1: sku "CUP-1", name "Cup", price 3.5$/m);
  assert.match(looked.stdout, /^row 4 +! PAN-1: it is new, and the row does not say: name$/m);
  assert.equal((await ask(service, "GET", "/products/sku/CUP-1")).status, 404);

  const made = await shop.onhand("import", "products", "products.csv", "--apply");
  assert.equal(made.code, 3, made.stderr);
  assert.equal(
    shop.read("products.csv.errors.csv"),
    'row,code,reason,sku,name,price\n4,missing,"PAN-1: it is new, and the row does not say: name",PAN-1,,9\n',
  );
  const { body: cup } = await ask(service, "GET", "/products/sku/CUP-1");

  shop.write("count.csv", "SKU;Location;On hand (new)\nCUP-1;Madrid Centro;8\nCUP-1;BCN-001;5\n");
  const counted = await shop.onhand("import", "stock", "count.csv", "--apply");
  assert.equal(counted.code, 0, counted.stderr);
  assert.equal(await quantityOf(String(cup["id"]), "MAD-001"), 8);

  // Three of them are held: as much cannot be taken back.
  const hold = { product_id: cup["id"], store_id: "BCN-001", quantity: 3, customer_id: "ann" };
  assert.equal((await ask(service, "POST", "/reservations", hold)).status, 201);
  const idIn = (stdout: string) =>
    must(/onhand -- import undo (\w+)/.exec(stdout)?.[1], "it says how to undo it");
  const undone = await shop.onhand("import", "undo", idIn(counted.stdout), "--apply");
  assert.equal(undone.code, 3, undone.stderr);
  assert.match(undone.stdout, /^row 3 +not undone: .* at BCN-001: 2 available, 5 requested\.$/m);
  assert.equal(await quantityOf(String(cup["id"]), "MAD-001"), 0);
  assert.equal(await quantityOf(String(cup["id"]), "BCN-001"), 5);

  const products = await shop.onhand("import", "undo", idIn(made.stdout), "--apply");
  assert.match(products.stdout, /^row 2 +not undone: .* still has 5 units in stock/m);
  assert.equal((await ask(service, "GET", "/products/sku/JUG-1")).status, 404);
  const { stdout: list } = await shop.onhand("import", "list");
  assert.equal(list.match(/ undone /g)?.length, 2, list);
});

test("what was exported changes nothing when it is imported", async () => {
  const shop = openShop();
  for (const kind of ["stock", "stores", "products"]) {
    const exported = await shop.onhand("export", kind, "--to", `${kind}.csv`);
    assert.equal(exported.code, 0, exported.stderr);
    const looked = await shop.onhand("import", kind, `${kind}.csv`);
    assert.match(looked.stdout, /^0 new, 0 changed, [1-9]\d* as they are, 0 refused\./m);
  }
  const again = await shop.onhand("export", "stock", "--to", "stock.csv");
  assert.equal(again.code, 2);
  assert.match(again.stderr, /stock.csv exists; export overwrites nothing/);
});

test("a broken file is refused before its first row is imported", async () => {
  const shop = openShop();
  const before = await quantityOf(laptop, "VAL-001");
  shop.write("broken.csv", 'sku,store_id,quantity\nPROD-001,VAL-001,77\nPROD-002,VAL-001,"5\n');
  const { code, stderr } = await shop.onhand("import", "stock", "broken.csv", "--apply");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^onhand: Row 3 cannot be read: a quote that opens there is never closed.*Nothing was imported/,
  );
  assert.equal(await quantityOf(laptop, "VAL-001"), before);
});
