// The inventory files of other shops as they come: Square's, which has a column for each place, and Shopify's, which has a
// row for each. Looked at, done, gone on with after a break, and taken back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newId } from "../../src/lib/ids.ts";
import { type Imported, importFile, undoImport } from "../support/import-lines.ts";
import { openShop, type Shop } from "../support/shop.ts";

let shop: Shop;
before(async () => {
  shop = await openShop();
  await shop.call("POST", "/stores", { body: { id: "VAL", name: "Plaza Valencia" } });
});
after(() => shop.close());

/** A product of its own, with a SKU as people give them. */
async function productWith(sku: string, units: Readonly<Record<string, number>>): Promise<string> {
  const id = await shop.product(units);
  await shop.call("PATCH", `/products/${id}`, { body: { sku } });
  return id;
}

/** What each has in MAD, BCN and VAL; null: no row. */
function unitsOf(ids: readonly string[]): Promise<(number | null)[][]> {
  const one = async (id: string, place: string) => {
    const { status, body } = await shop.call("GET", `/stock/${id}/${place}`);
    return status === 404 ? null : Number(body["quantity"]);
  };
  return Promise.all(
    ids.map((id) => Promise.all(["MAD", "BCN", "VAL"].map((place) => one(id, place)))),
  );
}

const toldOf = ({ of }: Imported) =>
  of("row").map(({ row, change, about, fields = [] }) => [
    ...[row, change, about],
    ...fields.map(({ before: was, after: will }) => [was, will]),
  ]);

const squareHead = [
  ...["Token", "Item Name", "Variation Name", "SKU", "Description", "Price"],
  ...["Current Quantity MAD", "New Quantity MAD", "Stock Alert Enabled MAD"],
  ...["Current Quantity barcelona", "New Quantity barcelona"],
  ...["Current Quantity Plaza Valencia", "New Quantity Plaza Valencia"],
].join(",");

test("Square's: each place by its column, and nothing where it is not stocked or left empty", async () => {
  const [mug, cup, jug] = [`M-${newId()}`, `C-${newId()}`, `J-${newId()}`];
  const ids = [
    await productWith(mug, { MAD: 10, BCN: 4 }),
    await productWith(cup, { MAD: 7 }),
    await productWith(jug, {}),
  ];
  assert.equal((await shop.reserve({ product_id: ids[1] ?? "", quantity: 3 })).status, 201);
  const file = [
    squareHead,
    `#A1,Mug,Regular,${mug},"Blue, big",9.50,10,12,N,4,,Not Stocked,Not Stocked`,
    // Three of it are held in MAD: that cell is refused, and the other is done.
    `#A2,Cup,Regular,${cup},,3.00,7,2,N,not stocked,5,,`,
    `#A3,Jug,Regular,${jug},,8.00,,,N,,0,,9`,
    "#A4,Gone,Regular,GONE,,8.00,,1,N,,,,",
  ].join("\r\n");
  const before = [
    [10, 4, null],
    [7, null, null],
    [null, null, null],
  ];
  const looked = await importFile(shop, "stock?show=50", file);
  assert.deepEqual(Object.keys(looked.lines[0]?.columns ?? {}), [
    ...["sku", "New Quantity MAD", "New Quantity barcelona", "New Quantity Plaza Valencia"],
  ]);
  assert.deepEqual(toldOf(looked), [
    [2, "change", `${mug} at MAD`, [10, 12]],
    [3, "create", `${cup} at BCN`, [null, 5]],
    [4, "create", `${jug} at BCN`, [null, 0]],
    [4, "create", `${jug} at VAL`, [null, 9]],
  ]);
  assert.deepEqual(
    looked.counts,
    [1, 1, 0, 2],
    "a row counts once, whatever number of cells it has",
  );
  assert.deepEqual(await unitsOf(ids), before);

  const done = await importFile(shop, `stock?mode=apply&import_id=${looked.importId}`, file);
  assert.deepEqual(
    done.of("refused").map(({ row, code, reason }) => [row, code, reason]),
    [
      [
        3,
        "quantity_below_reserved",
        `${cup} at MAD: 3 units are held for customers there, more than 2`,
      ],
      [5, "product_not_found", 'GONE at MAD: there is no product with the SKU "GONE"'],
    ],
  );
  const after = [
    [12, 4, null],
    [7, 5, null],
    [null, 0, 9],
  ];
  assert.deepEqual(await unitsOf(ids), after);

  // Two are sold, and the answer to the first was lost behind its second row: done once all the same.
  const sale = { product_id: ids[0], store_id: "MAD", quantity_change: -2, reason: "SALE" };
  assert.equal((await shop.call("POST", "/stock", { body: sale })).status, 200);
  const address = `stock?mode=apply&import_id=${looked.importId}`;
  await importFile(shop, address, file);
  const resumed = await importFile(shop, `${address}&after_row=3`, file);
  assert.deepEqual(resumed.counts, [0, 0, 1, 1], "of the rows behind it, which are so already");
  assert.deepEqual(await unitsOf(ids), [[10, 4, null], ...after.slice(1)]);

  const undone = await undoImport(shop, looked.importId);
  assert.deepEqual(undone.of("refused"), []);
  assert.deepEqual(await unitsOf(ids), [
    [8, 4, null],
    [7, 0, null],
    [null, 0, 0],
  ]);
  await shop.mustBeSound();
});

test("Square's: two columns that are about one store are refused, not the last of them taken", async () => {
  const sku = `T-${newId()}`;
  const id = await productWith(sku, { BCN: 1 });
  const head = "SKU,New Quantity BCN,New Quantity Barcelona";
  const told = await importFile(shop, "stock?mode=apply", `${head}\n${sku},5,6\n${sku},,7\n`);
  assert.deepEqual(
    told.of("refused").map(({ row, code, reason }) => [row, code, reason]),
    [
      [2, "duplicate", "two of its columns are about the store BCN"],
      [3, "duplicate", "row 2 is about the same product in the same store"],
    ],
  );
  assert.equal((await shop.row(id, "BCN")).quantity, 1);
});

test("Shopify's: what is to be on hand, by SKU and location", async () => {
  const [mug, cup] = [`M-${newId()}`, `C-${newId()}`];
  const ids = [await productWith(mug, { MAD: 10, BCN: 4 }), await productWith(cup, { MAD: 7 })];
  const head = [
    ...["Handle", "Title", "Option1 Name", "Option1 Value", "SKU", "HS Code", "COO", "Location"],
    ...["Bin name", "Incoming (not editable)", "Unavailable (not editable)"],
    ...["Committed (not editable)", "Available (not editable)"],
    ...["On hand (current)", "On hand (new)"],
  ].join(",");
  const row = (sku: string, place: string, current: string, wanted: string) =>
    `mug,Mug,Title,Default,${sku},,,${place},,0,0,0,${current},${current},${wanted}`;
  const file = [
    head,
    row(mug, "MAD", "10", "12"),
    row(mug, "Barcelona", "4", ""),
    row(mug, "Plaza Valencia", "not stocked", "not stocked"),
    row(cup, "MAD", "7", "7"),
    row(cup, "Plaza Valencia", "not stocked", "3"),
    row(cup, "Warehouse", "1", "1"),
  ].join("\n");
  const looked = await importFile(shop, "stock", file);
  assert.deepEqual(looked.lines[0]?.columns, {
    ...{ sku: "SKU", store_id: "Location", quantity: "On hand (new)" },
  });
  assert.deepEqual(looked.counts, [1, 1, 3, 1]);
  const address = `stock?mode=apply&import_id=${looked.importId}`;
  const done = await importFile(shop, address, file);
  assert.deepEqual(
    done.of("refused").map(({ row: at, code }) => [at, code]),
    [[7, "store_not_found"]],
  );
  const after = [
    [12, 4, null],
    [7, null, 3],
  ];
  assert.deepEqual(await unitsOf(ids), after);
  const resumed = await importFile(shop, `${address}&after_row=4`, file);
  assert.deepEqual(resumed.counts, [0, 0, 2, 1]);
  assert.deepEqual(await unitsOf(ids), after);
  assert.deepEqual((await undoImport(shop, looked.importId)).of("refused"), []);
  assert.deepEqual(await unitsOf(ids), [
    [10, 4, null],
    [7, null, 0],
  ]);
  await shop.mustBeSound();
});
