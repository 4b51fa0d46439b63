// Output: tables for people, JSON lines for programs, and nothing in a cell that a terminal would obey.

import assert from "node:assert/strict";
import { test } from "node:test";
import { firstOf, openOutput } from "./output.ts";

function sinkOf(isTTY: boolean) {
  let text = "";
  return {
    isTTY,
    on: () => undefined,
    write(more: string) {
      text += more;
      return true;
    },
    text: () => text,
  };
}

const rows = [
  { id: "a", name: "Mug", quantity: 5, note: null },
  { id: "long-id", name: "Über\u001b[31m", quantity: 1_000, note: null },
];

test("a terminal gets a table: numbers to the right, control characters away", async () => {
  const sink = sinkOf(true);
  await openOutput(sink, {}).rows(rows, ["id", "name", "quantity", "note"]);
  assert.equal(
    sink.text(),
    "ID       NAME       QUANTITY  NOTE\na        Mug               5\nlong-id  Über [31m      1000\n",
  );
});

test("a pipe gets each row whole, a line each; --table and --json say otherwise", async () => {
  const pipe = sinkOf(false);
  await openOutput(pipe, {}).rows(rows, ["id"]);
  assert.deepEqual(
    pipe
      .text()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
    rows,
  );
  const forced = sinkOf(false);
  await openOutput(forced, { table: true }).rows([], ["id"]);
  assert.equal(forced.text(), "(none)\n");
  const json = sinkOf(true);
  await openOutput(json, { json: true }).one({ id: "a" });
  assert.equal(json.text(), '{"id":"a"}\n');
});

test("a table of many rows has one head", async () => {
  const sink = sinkOf(true);
  const many = Array.from({ length: 120 }, (_, n) => ({ id: `row-${n}` }));
  await openOutput(sink, {}).rows(many, ["id"]);
  assert.equal(sink.text().match(/^ID$/gm)?.length, 1);
  assert.equal(sink.text().trim().split("\n").length, 121);
});

test("of what comes only as many as wanted are asked for", async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<number> {
    for (;;) {
      asked += 1;
      yield asked;
    }
  }
  const found: number[] = [];
  for await (const one of firstOf(endless(), 3)) found.push(one);
  assert.deepEqual(found, [1, 2, 3]);
  assert.equal(asked, 3);
});
