// A run of an import: its memory, its pace, and what stays when something breaks in the middle.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { OverloadedError } from "../../commands/execute.ts";
import type { Command } from "../../domain/model.ts";
import { importCommandsAtOnce } from "../../limits.ts";
import type { Outcome } from "../../store/store.ts";
import { textOf } from "../../transfer/decode.ts";
import { recordsIn } from "../../transfer/records.ts";
import type { RowKind, Wish } from "./row.ts";
import { runImport, type Tally, type Writing } from "./run.ts";

const newTally = (): Tally => ({ rows: 0, created: 0, changed: 0, same: 0, refused: 0 });
const silent = { planned: () => undefined, refused: () => undefined, progress: () => undefined };

/** Rows that each are one change. */
const anyKind: RowKind<Wish> = {
  check: (row) => [{ row, part: 0, about: String(row) }],
  plan: async () => ({
    change: "change",
    fields: [],
    actions: [{ kind: "ArchiveProduct", id: "mug", expected: null }],
  }),
  isMoved: () => false,
};

async function* bytes(rows: number): AsyncGenerator<Buffer> {
  yield Buffer.from("sku,store_id,quantity\n");
  const line = "PROD-001,MAD-001,5\n".repeat(1_000);
  for (let left = rows; left > 0; left -= 1_000) yield Buffer.from(line);
}

const records = (rows: number) => recordsIn(textOf(bytes(rows), undefined), "csv", undefined);

function writing(execute: Writing["execute"]): Writing {
  return { execute, actor: "test", importId: "1", traceparent: null };
}

const stock = { kind: "stock", created: false, stock: {} } as unknown;
const done = (command: Command): Outcome =>
  ({
    at: 0,
    requestId: command.requestId,
    result: { reply: stock },
    replayed: false,
    events: [],
  }) as Outcome;

function run(
  rows: number,
  write: Writing | null,
  mustStop = () => false,
): Promise<[boolean, Tally]> {
  const tally = newTally();
  const work = { kind: anyKind, write, afterRow: 0, told: silent, mustStop };
  return runImport(records(rows), work, tally).then((isWhole) => [isWhole, tally]);
}

describe("an import", () => {
  test("of a file five times as long needs no more memory", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    let most = 0;
    const look = () => {
      collect();
      most = Math.max(most, process.memoryUsage().heapUsed);
      return false;
    };
    let asked = 0;
    const sampled = () => {
      asked += 1;
      return asked % 20 === 0 ? look() : false;
    };
    await run(20_000, null, sampled);
    const short = most;
    const [isWhole, tally] = await run(100_000, null, sampled);
    assert.deepEqual([isWhole, tally.rows, tally.changed], [true, 100_000, 100_000]);
    assert.ok(most - short < 10_000_000, `${most - short} bytes more`);
  });

  test("has so many commands on their way at once and no more, each under a key of its own", async () => {
    let [now, most] = [0, 0];
    const keys = new Set<string>();
    const execute = async (command: Command): Promise<Outcome> => {
      now += 1;
      most = Math.max(most, now);
      keys.add(command.once?.key ?? "");
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return done(command);
    };
    const [, tally] = await run(2_000, writing(execute));
    assert.deepEqual([tally.changed, keys.size, most], [2_000, 2_000, importCommandsAtOnce]);
    assert.ok(keys.has("import-1-2-0-1-0"));
  });

  test("waits while the service is too busy, and does each row once", async () => {
    const tried = new Map<string, number>();
    const execute = async (command: Command): Promise<Outcome> => {
      const key = command.once?.key ?? "";
      tried.set(key, (tried.get(key) ?? 0) + 1);
      if (tried.get(key) === 1 && tried.size % 500 === 0) throw new OverloadedError("full");
      return done(command);
    };
    const [, tally] = await run(1_000, writing(execute));
    assert.deepEqual(
      [tally.changed, [...tried.values()].filter((count) => count === 2).length],
      [1_000, 2],
    );
  });

  test("that fails in the middle has nothing on its way when it says so", async () => {
    let now = 0;
    const execute = async (command: Command): Promise<Outcome> => {
      now += 1;
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      if (command.once?.key === "import-1-300-0-1-0") throw new Error("the disk is gone");
      return done(command);
    };
    await assert.rejects(run(1_000, writing(execute)), /the disk is gone/);
    assert.equal(now, 0);
  });

  test("that is to stop says that it is not whole", async () => {
    let batches = 0;
    const [isWhole, tally] = await run(5_000, null, () => {
      batches += 1;
      return batches > 2;
    });
    assert.deepEqual([isWhole, tally.rows], [false, 1_024]);
  });
});
