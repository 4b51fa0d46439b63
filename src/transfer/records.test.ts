// Reading files as people have them: marks, quotes, separators of other countries, and what is broken, with its row.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { textOf } from "./decode.ts";
import { delimiterIn, type Record, recordLengthMax, recordsIn } from "./records.ts";

/** In pieces of odd length, as they come over a network. */
async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function read(
  bytes: string | Buffer,
  format: "csv" | "jsonl" = "csv",
  encoding?: string,
): Promise<Record[]> {
  const all = Buffer.from(bytes);
  const pieces = inPieces(all, all.length > 1_000 ? 65_537 : 1);
  const found: Record[] = [];
  for await (const record of recordsIn(textOf(pieces, encoding), format, undefined)) {
    found.push(record);
  }
  return found;
}

const cellsOf = async (...args: Parameters<typeof read>) =>
  (await read(...args)).map(({ cells }) => ({ ...cells }));

const toldOf = async (...args: Parameters<typeof read>) =>
  (await read(...args)).map(({ row, cells, fault }) => ({ row, cells: { ...cells }, fault }));

describe("CSV", () => {
  test("has rows as a spreadsheet counts them, quotes and lines within cells, and empty rows", async () => {
    const found = await toldOf('sku,name\r\nA,"a ""b"",\nc"\r\n\r\nB, d \r\n');
    assert.deepEqual(found, [
      { row: 2, cells: { sku: "A", name: 'a "b",\nc' }, fault: null },
      { row: 4, cells: { sku: "B", name: "d" }, fault: null },
    ]);
  });

  test("is separated by what its first row has most of, outside of quotes", async () => {
    assert.equal(delimiterIn("a,b;c,d\n;;;;"), ",");
    assert.equal(delimiterIn('"a,b,c";d'), ";");
    assert.equal(delimiterIn("a\tb\tc"), "\t");
    assert.deepEqual(await cellsOf("sku;price\nA;9,50\n"), [{ sku: "A", price: "9,50" }]);
  });

  test("may have a mark at its beginning, in UTF-8 and both UTF-16", async () => {
    const text = "sku,name\nA,Café\n";
    const wide = Buffer.from(`\ufeff${text}`, "utf16le");
    for (const bytes of [`\ufeff${text}`, wide, Buffer.from(wide).swap16()]) {
      assert.deepEqual(await cellsOf(bytes), [{ sku: "A", name: "Café" }]);
    }
  });

  test("is no workbook, whatever encoding is named", async () => {
    const workbooks = ["504b0304140006000800", "d0cf11e0a1b11ae1"];
    for (const bytes of workbooks.map((hex) => Buffer.from(hex, "hex"))) {
      for (const encoding of [undefined, "windows-1252"]) {
        await assert.rejects(read(bytes, "csv", encoding), /^UnreadableError: this is a workbook/);
      }
    }
    assert.deepEqual(await cellsOf("PK\n7\n"), [{ PK: "7" }]);
  });

  test("in another encoding is refused with its line, and read where that is named", async () => {
    const bytes = Buffer.from("sku,name\nA,x\nB,Café\n", "latin1");
    await assert.rejects(read(bytes), /^UnreadableError: line 3 is not utf-8\./);
    const found = await cellsOf(bytes, "csv", "windows-1252");
    assert.equal(found[1]?.["name"], "Café");
  });

  test("whose quote does not close is refused as a whole, with the row", async () => {
    await assert.rejects(
      read('sku,name\nA,x\nB,"y\nC,z\n'),
      /row 3 cannot be read: a quote that opens/,
    );
    await assert.rejects(
      read('sku,name\nA,"x"y\n'),
      /row 2 cannot be read: a quote stands where none may/,
    );
  });

  test("with a field of ten megabytes is refused without reading it whole", async () => {
    const long = `sku,name\nA,"${"x".repeat(10 * recordLengthMax)}"\n`;
    await assert.rejects(read(long), /row 2 cannot be read: it has more than 1000000 characters/);
  });

  test("tells rows with more cells than columns, and takes fewer as empty", async () => {
    const found = await read("sku,name\nA,x,y\nB\nC,z,\n");
    assert.deepEqual(
      found.map(({ fault }) => fault),
      ["it has 3 cells, and there are 2 columns", null, null],
    );
    assert.deepEqual({ ...found[1]?.cells }, { sku: "B", name: "" });
  });

  test("broken far down is told with its own row, however far it was read ahead", async () => {
    const rows = "A,x\n".repeat(5_000);
    await assert.rejects(read(`sku,name\n${rows}B,"y"z\n${rows}`), /row 5002 cannot be read/);
  });

  test("needs a first row, and each column once", async () => {
    await assert.rejects(read(""), /the file is empty/);
    await assert.rejects(read("sku,name,sku\n"), /row 1 names the column "sku" twice/);
  });
});

describe("JSON lines", () => {
  test("stand alone: a broken one is told and the others are read", async () => {
    const found = await toldOf(
      '{"sku":"A","price":9.5,"note":null}\n{"sku"\n[1]\n\n{"sku":"B"}',
      "jsonl",
    );
    assert.deepEqual(found, [
      { row: 1, cells: { sku: "A", price: "9.5", note: "" }, fault: null },
      { row: 2, cells: {}, fault: "it is not JSON" },
      { row: 3, cells: {}, fault: "it is not a JSON object" },
      { row: 5, cells: { sku: "B" }, fault: null },
    ]);
  });

  test("have the columns that they name and no others, whatever those are called", async () => {
    const [first, second] = await read('{"constructor":"x","__proto__":"y"}\n{"sku":"B"}', "jsonl");
    assert.deepEqual(Object.entries(first?.cells ?? {}), [
      ["constructor", "x"],
      ["__proto__", "y"],
    ]);
    for (const name of ["constructor", "__proto__", "toString"]) {
      assert.equal(second?.cells[name], undefined);
    }
  });

  test("nested deeper than can be written are told, and the others are read", async () => {
    const deep = `{"sku":"A","note":${'{"1":'.repeat(60_000)}1${"}".repeat(60_000)}}`;
    const [first, second] = await read(`${deep}\n{"sku":"B"}`, "jsonl");
    assert.equal(first?.fault, "it is nested too deeply");
    assert.equal(second?.cells["sku"], "B");
  });

  test("of endless length are refused with their row", async () => {
    const long = `{"sku":"A"}\n${"x".repeat(2 * recordLengthMax)}`;
    await assert.rejects(read(long, "jsonl"), /row 2 has more than 1000000 characters/);
  });
});
