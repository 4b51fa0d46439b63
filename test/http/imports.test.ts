// Files over HTTP: what an import would do, what it does once however often it is sent, and what it refuses by row.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Execute } from "../../src/http/deps.ts";
import { openImporter } from "../../src/http/imports/importer.ts";
import { runImport } from "../../src/http/imports/run.ts";
import { nobody } from "../../src/http/roles.ts";
import { must } from "../../src/lib/assert.ts";
import { newId } from "../../src/lib/ids.ts";
import { mappingOf } from "../../src/transfer/mapping.ts";
import { importFile, sendFile, undoImport } from "../support/import-lines.ts";
import { assertInvalid, assertProblem, openShop, type Shop } from "../support/shop.ts";

let shop: Shop;
before(async () => {
  shop = await openShop();
});
after(() => shop.close());

/** A product of its own, known by its id as its SKU. */
async function productWith(units: Readonly<Record<string, number>>): Promise<string> {
  const id = await shop.product(units);
  await shop.call("PATCH", `/products/${id}`, { body: { sku: id } });
  return id;
}

const sell = (product_id: string, units: number) =>
  shop.call("POST", "/stock", {
    body: { product_id, store_id: "MAD", quantity_change: -units, reason: "SALE" },
  });

describe("an import of stock", () => {
  test("says what it would do and writes nothing, and then does it", async () => {
    const [there, bare] = [await productWith({ MAD: 15 }), await productWith({})];
    const { seq } = await shop.store.head();
    const file = `sku,store_id,quantity,reorder_point,colour\n${there},MAD,12,3,red\n${bare},barcelona,4,,\n${there},BCN,,,\n`;
    const looked = await importFile(shop, "stock", file);
    assert.equal((await shop.store.head()).seq, seq);
    assert.deepEqual(looked.lines[0], {
      type: "begin",
      import_id: looked.importId,
      mode: "preview",
      columns: {
        sku: "sku",
        store_id: "store_id",
        quantity: "quantity",
        reorder_point: "reorder_point",
      },
      not_used: ["colour"],
    });
    assert.deepEqual(looked.of("row"), [
      {
        type: "row",
        row: 2,
        change: "change",
        about: `${there} at MAD`,
        fields: [
          { field: "quantity", before: 15, after: 12 },
          { field: "reorder_point", before: null, after: 3 },
        ],
      },
      {
        type: "row",
        row: 3,
        change: "create",
        about: `${bare} at BCN`,
        fields: [{ field: "quantity", before: null, after: 4 }],
      },
    ]);
    assert.deepEqual(looked.counts, [1, 1, 1, 0]);

    const done = await importFile(shop, `stock?mode=apply&import_id=${looked.importId}`, file);
    assert.deepEqual(done.counts, [1, 1, 1, 0]);
    assert.equal(done.end.fault, null);
    const row = await shop.row(there);
    assert.deepEqual([row.quantity, row.reorderPoint, row.version], [12, 3, 2]);
    assert.equal((await shop.row(bare, "BCN")).quantity, 4);
    const { items } = await shop.store.history({
      ...{ productId: there, storeId: "MAD", from: null, to: null, after: null, limit: 1 },
    });
    assert.equal(items[0]?.requestId, `import-${looked.importId}-2`);
    assert.equal(JSON.parse(items[0]?.payload ?? "").reference, `import-${looked.importId}`);
    await shop.mustBeSound();
  });

  test("sent again under its id does nothing twice, also where units were sold meanwhile", async () => {
    const [counted, delivered] = [await productWith({ MAD: 15 }), await productWith({ MAD: 1 })];
    const counts = `sku,store_id,quantity\n${counted},MAD,12\n`;
    const first = await importFile(shop, "stock?mode=apply", counts);
    const more = `sku,store_id,quantity_change\n${delivered},MAD,5\n${delivered},MAD,5\n`;
    const second = await importFile(shop, "stock?mode=apply", more);
    assert.deepEqual(second.counts, [0, 2, 0, 0], "a delivery may come in several rows");
    await sell(counted, 2);
    await sell(delivered, 2);
    await importFile(shop, `stock?mode=apply&import_id=${first.importId}`, counts);
    await importFile(shop, `stock?mode=apply&import_id=${second.importId}`, more);
    assert.equal((await shop.row(counted)).quantity, 10);
    assert.equal((await shop.row(delivered)).quantity, 9);
  });

  test("gone on with under another key than it was begun with does nothing twice", async () => {
    const id = await productWith({ MAD: 1 });
    const file = `sku,store_id,quantity_change\n${id},MAD,5\n${id},MAD,5\n`;
    const { importId } = await importFile(shop, "stock?mode=apply", file, { as: "manager" });
    const address = `stock?mode=apply&import_id=${importId}`;
    assert.deepEqual((await importFile(shop, address, file, { as: "admin" })).counts, [0, 2, 0, 0]);
    assert.equal((await shop.row(id)).quantity, 11);
    assert.deepEqual((await undoImport(shop, importId)).counts, [0, 2, 0, 0]);
    assert.equal((await shop.row(id)).quantity, 1);
  });

  test("sets the reorder point of a new row that broke off before it, and counts it once", async () => {
    const id = await productWith({});
    const importId = newId();
    const mapping = mappingOf("stock", ["sku", "store_id", "quantity", "reorder_point"], {
      ...{ named: {}, hasStore: false },
    });
    const cells = { sku: id, store_id: "MAD", quantity: "12", reorder_point: "3" };
    const caller = { ...nobody, id: "key:test", actor: "key:test", role: "admin" } as const;
    async function* rows() {
      yield { row: 2, cells, length: 20, fault: null };
    }
    const nothing = () => undefined;
    const run = async (execute: Execute) => {
      const kind = await openImporter(
        "stock",
        { store: shop.store, newId },
        { mapping, caller, storeId: undefined, reason: undefined, reference: "import" },
      );
      const tally = { rows: 0, created: 0, changed: 0, same: 0, refused: 0 };
      const told = { planned: nothing, refused: nothing, progress: nothing };
      const write = { execute, actor: "key:test", importId, traceparent: null };
      await runImport(rows(), { kind, write, afterRow: 0, told, mustStop: () => false }, tally);
      return tally;
    };
    const breaking: Execute = (command) =>
      command.kind === "SetStock" ? Promise.reject(new Error("cut off")) : shop.execute(command);
    await assert.rejects(run(breaking), /cut off/);
    await sell(id, 2);
    assert.equal((await run(shop.execute)).created, 1);
    const row = await shop.row(id);
    assert.deepEqual([row.quantity, row.reorderPoint], [10, 3]);
  });

  test("goes on after the row that was heard last, and still knows rows that come twice", async () => {
    const [one, two] = [await productWith({ MAD: 1 }), await productWith({ MAD: 1 })];
    const file = `sku,store_id,quantity\n${one},MAD,7\n${two},MAD,7\n${one},MAD,8\n`;
    const found = await importFile(shop, "stock?mode=apply&after_row=2", file);
    assert.deepEqual([(await shop.row(one)).quantity, (await shop.row(two)).quantity], [1, 7]);
    assert.equal(found.of("refused")[0]?.code, "duplicate");
  });

  test("knows one product by its SKU and by its id, and refuses a row in which they are of two", async () => {
    const [one, two] = [await shop.product({ MAD: 1 }), await shop.product({ MAD: 1 })];
    await shop.call("PATCH", `/products/${one}`, { body: { sku: `sku-${one}` } });
    const rows = [
      `sku-${one},,MAD,7`,
      `,${one},MAD,8`,
      `sku-${one},${one},MAD,9`,
      `sku-${one},${one},BCN,3`,
      `sku-${one},${two},MAD,4`,
      `ghost,${two},MAD,5`,
      `${"x".repeat(5_000)},${two},MAD,5`,
      `a\u0000b,${two},MAD,5`,
      `,${two},MAD,6`,
    ];
    const file = `sku,product_id,store_id,quantity\n${rows.join("\n")}\n`;
    for (const mode of ["preview", "apply"]) {
      const told = await importFile(shop, `stock?mode=${mode}`, file);
      assert.deepEqual(told.counts, [1, 2, 0, 6]);
      const same = "row 2 is about the same product in the same store";
      assert.deepEqual(
        told.of("refused").map(({ row, code, reason }) => [row, code, reason]),
        [
          [3, "duplicate", same],
          [4, "duplicate", same],
          [
            ...[6, "product_mismatch"],
            `the SKU "sku-${one}" is of the product ${one}, not of ${two}`,
          ],
          [7, "product_mismatch", `the SKU "ghost" is of no product, not of ${two}`],
          [8, "validation_failed", "sku must have at most 64 characters"],
          [9, "validation_failed", "sku must be printable text on one line, not blank"],
        ],
      );
    }
    assert.deepEqual([(await shop.row(one)).quantity, (await shop.row(two)).quantity], [7, 6]);
    // Where the first of them was done before, the second is still one.
    const after = await importFile(shop, "stock?mode=apply&after_row=2", file);
    assert.equal(after.of("refused")[0]?.row, 3);
  });

  test("another file under the same id is refused row by row where a row was done", async () => {
    const id = await productWith({ MAD: 1 });
    const { importId } = await importFile(
      shop,
      "stock?mode=apply",
      `sku,store_id,quantity\n${id},MAD,7\n`,
    );
    const other = await importFile(
      shop,
      `stock?mode=apply&import_id=${importId}`,
      `sku,store_id,quantity\n${id},MAD,8\n`,
    );
    assert.equal(other.of("refused")[0]?.code, "idempotency_key_reused");
    assert.equal((await shop.row(id)).quantity, 7);
  });

  test("tells each row that cannot be done with its number, its cells and why", async () => {
    const id = await productWith({ MAD: 5 });
    assert.equal((await shop.reserve({ product_id: id, quantity: 3 })).status, 201);
    const rows: readonly (readonly [string, string, RegExp])[] = [
      [
        `${id},NOWHERE,1,`,
        "store_not_found",
        /^there is no store "NOWHERE"; there are MAD, BCN, OLD$/,
      ],
      [`${id},Madrid,1,`, "store_not_found", /^2 stores are called "Madrid": MAD, OLD; name one/],
      [`${id},OLD,1,`, "store_inactive", /OLD is not active/],
      [`ghost,MAD,1,`, "product_not_found", /no product with the SKU "ghost"/],
      [`,MAD,1,`, "missing", /it names no product/],
      [`${id},,1,`, "store_not_found", /it names no store/],
      [`${id},MAD,1.5,`, "validation_failed", /quantity must be a whole number from 0, not "1.5"/],
      [`a\u0000b,MAD,1,`, "validation_failed", /^sku/],
      [`${"x".repeat(5_000)},MAD,1,`, "validation_failed", /^sku must have at most/],
      [`${id},MAD,-1,`, "validation_failed", /quantity must be a whole number from 0/],
      [`${id},MAD,1.000,`, "validation_failed", /quantity must be .*, not "1.000"/],
      [`${id},MAD,"4,000",`, "validation_failed", /quantity must be .*, not "4,000"/],
      [`${id},MAD,1000000001,`, "validation_failed", /quantity must be/],
      [`${id},MAD,,-2`, "validation_failed", /reorder_point must be a whole number from 0/],
      [`${id},MAD,2,`, "quantity_below_reserved", /3 units are held for customers there/],
      [`${id},MAD,4,`, "duplicate", /row 16 is about the same product in the same store/],
      [`${id},BCN,,4`, "stock_not_found", /no stock row to set a reorder point of/],
      [`${id},MAD,1,,5`, "unreadable", /it has 5 cells, and there are 4 columns/],
    ];
    const file = `sku,store_id,quantity,reorder_point\n${rows.map(([row]) => row).join("\n")}`;
    for (const mode of ["preview", "apply"]) {
      const told = await importFile(shop, `stock?mode=${mode}`, file);
      assert.deepEqual(told.counts, [0, 0, 0, rows.length]);
      for (const [at, line] of told.of("refused").entries()) {
        const [, code, reason] = rows[at] ?? ["", "", /never/];
        assert.deepEqual([line.row, line.code], [at + 2, code], String(line.reason));
        assert.match(String(line.reason), reason);
      }
      assert.deepEqual(told.of("refused")[0]?.cells, {
        ...{ sku: id, store_id: "NOWHERE", quantity: "1", reorder_point: "" },
      });
    }
    assert.equal((await shop.row(id)).quantity, 5);
  });

  test("by a seller writes in their store only, and sets no reorder point; a manager does", async () => {
    const id = await productWith({ MAD: 1, BCN: 1 });
    const file = `product_id,store_id,quantity,reorder_point\n${id},MAD,7,\n${id},BCN,7,\n`;
    const by = await importFile(shop, "stock?mode=apply", file, { as: "vendor" });
    assert.deepEqual(by.counts, [0, 1, 0, 1]);
    assert.deepEqual(
      by.of("refused").map(({ code }) => code),
      ["forbidden"],
    );
    assert.equal((await shop.row(id, "BCN")).quantity, 1);
    const points = `product_id,store_id,reorder_point\n${id},MAD,4\n`;
    const refused = await importFile(shop, "stock?mode=apply", points, { as: "vendor" });
    assert.match(
      String(refused.of("refused")[0]?.reason),
      /the role vendor may not set a reorder point/,
    );
    await importFile(shop, "stock?mode=apply", points, { as: "manager" });
    assert.equal((await shop.row(id)).reorderPoint, 4);
    await importFile(shop, "stock?mode=apply", points.replace(",4", ",none"), { as: "manager" });
    assert.equal((await shop.row(id)).reorderPoint, null);
    for (const kind of ["products", "stores"]) {
      assertProblem(await sendFile(shop, kind, "id\n1\n", { as: "manager" }), 403, "forbidden");
    }
  });

  test("of JSON lines, of a store for all rows, with columns of other names", async () => {
    const id = await productWith({ MAD: 1 });
    const columns = encodeURIComponent('{"sku":"Artikel","quantity_change":"Menge"}');
    const url = `stock?mode=apply&store_id=MAD&reason=RETURN&columns=${columns}`;
    const lines = `{"Artikel":"${id}","Menge":3}\nno JSON\n{"Artikel":"${id}","Menge":"4"}\n`;
    const done = await importFile(shop, url, lines, { type: "application/x-ndjson" });
    assert.deepEqual(done.counts, [0, 2, 0, 1]);
    assert.deepEqual([done.of("refused")[0]?.row, (await shop.row(id)).quantity], [2, 8]);
  });

  test("shows as many differences as are asked for, and counts all", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => productWith({ MAD: 1 })));
    const file = `sku,store_id,quantity\n${ids.map((id) => `${id},MAD,2\n`).join("")}`;
    const { of, counts } = await importFile(shop, "stock?show=2", file);
    assert.deepEqual([of("row").length, counts[1]], [2, 5]);
  });
});

describe("an import of products and stores", () => {
  test("makes what is not there and changes what the row says and no more", async () => {
    const [old, fresh] = [await productWith({}), newId()];
    await shop.call("PATCH", `/products/${old}`, {
      body: { category: "Mugs", description: "old" },
    });
    const file = `sku;name;price;category\n${old};Blue mug;9,50;\n${fresh};Cup;3;Cups\n${newId()};;3;\n`;
    const done = await importFile(shop, "products?mode=apply", file);
    assert.deepEqual(done.counts, [1, 1, 0, 1]);
    assert.match(
      String(done.of("refused")[0]?.reason),
      /it is new, and the row does not say: name$/,
    );
    const { body } = await shop.call("GET", `/products/${old}`);
    assert.partialDeepStrictEqual(body, {
      ...{ name: "Blue mug", price: 9.5, category: null, description: "old" },
    });
    const again = await importFile(shop, "products", file);
    assert.deepEqual(again.counts, [0, 0, 2, 1]);
  });

  test("holds each field to the rules of the API, and refuses what comes twice", async () => {
    const rows: readonly (readonly [string, string, RegExp])[] = [
      ["A,x,1.234,", "validation_failed", /^price must be a number$/],
      ["B,x,-1,", "validation_failed", /^price/],
      [`C,${"x".repeat(201)},1,`, "validation_failed", /^name must have at most 200 characters$/],
      ["D,x,1,product", "validation_failed", /^id must be an id/],
      ["E,a\u0000b,1,", "validation_failed", /^name/],
      ["F,ok,1,", "", /^$/],
      ["F,ok,1,", "duplicate", /^row 7 has the same sku$/],
      ["G,ok,1,one-id", "", /^$/],
      ["H,ok,1,one-id", "duplicate", /^row 9 has the same id$/],
    ];
    const file = `sku,name,price,id\n${rows.map(([row]) => row).join("\n")}`;
    const told = (await importFile(shop, "products", file)).of("refused");
    const expected = rows.flatMap(([, code, reason], at) =>
      code === "" ? [] : [[at + 2, code, reason]],
    );
    assert.equal(told.length, expected.length);
    for (const [at, { row, code, reason }] of told.entries()) {
      assert.deepEqual([row, code], expected[at]?.slice(0, 2));
      assert.match(String(reason), expected[at]?.[2] as RegExp);
    }
  });

  test("of stores says yes and no in words", async () => {
    const id = newId();
    const file = `id,name,city,active\n${id},Zaragoza,Zaragoza,no\n${newId()},x,,perhaps\n`;
    const done = await importFile(shop, "stores?mode=apply", file);
    assert.deepEqual(done.counts, [1, 0, 0, 1]);
    assert.equal(done.of("refused")[0]?.reason, "active must be true or false");
    const { body } = await shop.call("GET", `/stores/${id}`);
    assert.partialDeepStrictEqual(body, { city: "Zaragoza", active: false });
  });
});

describe("what cannot be an import is a problem at once", () => {
  const csv = "sku,store_id,quantity\nA,MAD,1\n";

  test("an id that is none, or is too old to know what was done under it", async () => {
    assertInvalid(await sendFile(shop, "stock?import_id=mine", csv), "?import_id");
    const old = `${(Date.now() - 25 * 3_600_000)
      .toString(16)
      .padStart(12, "0")
      .replace(/^(.{8})/, "$1-")}-7abc-8abc-0123456789ab`;
    assertInvalid(await sendFile(shop, `stock?import_id=${old}`, csv), "?import_id");
  });

  test("columns that are not named as an object, or that no field has, or no file", async () => {
    for (const columns of ["x", "[]", '{"sku":1}', "null"]) {
      assertInvalid(
        await sendFile(shop, `stock?columns=${encodeURIComponent(columns)}`, csv),
        "?columns",
      );
    }
    const none = encodeURIComponent('{"sku":"Artikel"}');
    assertProblem(await sendFile(shop, `stock?columns=${none}`, csv), 400, "import_unreadable", {
      columns: ["sku", "store_id", "quantity"],
    });
    const wrong = encodeURIComponent('{"colour":"sku"}');
    assertProblem(await sendFile(shop, `stock?columns=${wrong}`, csv), 400, "import_unreadable");
  });

  test("a column that is missing, with the columns that there are", async () => {
    const { body } = await sendFile(shop, "stock", "Artikel,Menge\nA,1\n");
    assert.partialDeepStrictEqual(body, {
      ...{ code: "import_unreadable", missing: "sku", columns: ["Artikel", "Menge"], row: 1 },
    });
  });

  test("no rows, no head, a quote that does not close, another encoding, JSON in place of a file", async () => {
    const broken: readonly (readonly [string | Buffer, RegExp])[] = [
      ["", /^The file is empty/],
      ["sku,store_id,quantity\n", /^There are no rows/],
      ['sku,store_id,quantity\nA,MAD,"1\n', /^Row 2 cannot be read: a quote that opens there/],
      ["sku,sku\n1,2\n", /names the column "sku" twice/],
      [Buffer.from("sku,store_id,quantity\nCaf\u00e9,MAD,1\n", "latin1"), /^Line 2 is not utf-8/],
      [
        `sku,store_id,quantity\n"${"x".repeat(10_000_000)}",MAD,1\n`,
        /^Row 2 cannot be read: it has more than 1000000 characters/,
      ],
    ];
    for (const [file, detail] of broken) {
      const { status, body } = await sendFile(shop, "stock", file);
      assert.deepEqual([status, body["code"]], [400, "import_unreadable"]);
      assert.match(String(body["detail"]), detail);
    }
    const json = await sendFile(shop, "stock", "{}", { type: "application/json" });
    assertProblem(json, 415, "unsupported_media_type");
    assert.match(String(json.body["detail"]), /^Send the file as it is, with Content-Type/);
    const charset = await sendFile(shop, "stock", csv, { type: "text/csv; charset=klingon" });
    assertInvalid(charset, "Content-Type");
  });

  test("a form with a file in it, with how to send the file itself", async () => {
    const form = new FormData();
    form.set("file", new Blob([csv], { type: "text/csv" }), "counted.csv");
    const encoded = new Response(form);
    const type = must(encoded.headers.get("content-type"), "a form has a boundary");
    for (const address of ["products", "stock?mode=apply", "stores"]) {
      const answer = await sendFile(shop, address, Buffer.from(await encoded.clone().bytes()), {
        type,
      });
      assertProblem(answer, 415, "unsupported_media_type");
      assert.match(String(answer.body["detail"]), /^A form is not taken: .*--data-binary @FILE/);
    }
  });

  test("a charset that is named is read, and a mark at the beginning is believed", async () => {
    const id = await productWith({});
    await shop.call("PATCH", `/products/${id}`, { body: { sku: `Caf\u00e9${id}` } });
    const text = `sku,store_id,quantity\nCaf\u00e9${id},MAD,1\n`;
    const files: readonly (readonly [Buffer, string])[] = [
      [Buffer.from(text, "latin1"), "text/csv; charset=windows-1252"],
      [Buffer.from(`\ufeff${text}`, "utf16le"), "text/csv; charset=utf-8"],
      [Buffer.from(`\ufeff${text}`), "text/csv"],
    ];
    for (const [file, type] of files) {
      assert.deepEqual((await importFile(shop, "stock", file, { type })).counts, [1, 0, 0, 0]);
    }
  });
});
