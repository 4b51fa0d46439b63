// Ten times as much as a store can do, for ten seconds of a clock that is wound by the test: what the queue makes
// of it, whether the store is slow because commits are large, because rows are many, or because the disk is slow.
// The whole service under such a load is not held to anything yet (GUARANTEES.md, G14).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { reserveGroup } from "../../test/support/commands.ts";
import { command, outcomeOf } from "../../test/support/commit-port.ts";
import { turn } from "../../test/support/until.ts";
import type { Command } from "../domain/model.ts";
import { batchCommandsMax, batchRowsMax, queueWaitMsMax } from "../limits.ts";
import type { Outcome } from "../store/store.ts";
import { openExecutor } from "./execute.ts";

const floodMs = 10_000;
/** Not counted: the first commit has one command. */
const firstMs = 1_000;
const lineIds = Array.from({ length: 50 }, (_, n) => ({ id: `r${n}`, quantity: 1 }));

interface SlowStore {
  readonly name: string;
  readonly lines: number;
  readonly flushMs: number;
  readonly rowMs: number;
}

const stores: readonly SlowStore[] = [
  { name: "single holds", lines: 1, flushMs: 5, rowMs: 0.5 },
  { name: "baskets of fifty lines", lines: 50, flushMs: 5, rowMs: 0.1 },
  { name: "a slow disk", lines: 1, flushMs: 400, rowMs: 0.01 },
];

for (const store of stores) {
  const batch = Math.min(batchCommandsMax, Math.floor(batchRowsMax / store.lines));
  const fullCommitMs = store.flushMs + batch * store.lines * store.rowMs;
  const perMs = batch / fullCommitMs;
  describe(`ten times what the store can do: ${store.name}, ${Math.round(1000 * perMs)}/s`, async () => {
    const seen = await flood(store, 10 * perMs);

    test("it is kept busy: at least 95 % of what it can do is done", () => {
      assert.ok(seen.doneInFlood >= 0.95 * perMs * (floodMs - firstMs), `${seen.doneInFlood} done`);
    });

    test("nothing is decided that has waited too long", () => {
      assert.ok(seen.longestMs <= queueWaitMsMax + 2 * fullCommitMs + 2, `${seen.longestMs} ms`);
    });

    test("everything is answered, and the rest was refused", () => {
      assert.equal(seen.done + seen.refused, seen.offered);
      assert.ok(seen.refused > 0.85 * seen.offered);
    });

    test("a while after it nobody is refused", () => {
      assert.equal(seen.refusedAfter, 0);
      assert.ok(seen.doneAfter > 0);
    });
  });
}

/** The flood, then a tenth of what the store can do. */
async function flood({ lines, flushMs, rowMs }: SlowStore, perMs: number) {
  const seen = {
    offered: 0,
    done: 0,
    doneInFlood: 0,
    refused: 0,
    longestMs: 0,
    doneAfter: 0,
    refusedAfter: 0,
  };
  let now = 0;
  let commit: { readonly endsAt: number; readonly end: () => void } | null = null;
  const executor = openExecutor({
    store: {
      commit: (commands) =>
        new Promise((resolve) => {
          const endsAt = now + flushMs + commands.length * lines * rowMs;
          commit = { endsAt, end: () => resolve(commands.map(outcomeOf)) };
        }),
    },
    lanes: 1,
    committed: () => undefined,
    measure: () => undefined,
    nowMs: () => now,
  });

  function offer(): void {
    const at = now;
    const isAfter = at >= floodMs + 1.5 * queueWaitMsMax;
    seen.offered += 1;
    executor.execute(commandOf(lines)).then(
      (_outcome: Outcome) => {
        seen.done += 1;
        if (now > firstMs && now <= floodMs) seen.doneInFlood += 1;
        if (isAfter) seen.doneAfter += 1;
        seen.longestMs = Math.max(seen.longestMs, now - at);
      },
      () => {
        seen.refused += 1;
        if (isAfter) seen.refusedAfter += 1;
      },
    );
  }

  let owed = 0;
  for (
    now = 1;
    now <= floodMs + 4 * queueWaitMsMax || seen.done + seen.refused < seen.offered;
    now += 1
  ) {
    if (now <= floodMs + 3 * queueWaitMsMax) owed += now <= floodMs ? perMs : perMs / 100;
    for (; owed >= 1; owed -= 1) offer();
    if (commit !== null && isOver(commit, now)) {
      const { end }: { readonly end: () => void } = commit;
      commit = null;
      end();
    }
    await turn();
    await turn();
  }
  return seen;
}

function isOver({ endsAt }: { readonly endsAt: number }, now: number): boolean {
  return endsAt <= now;
}

function commandOf(lines: number): Command {
  return lines === 1 ? command("one") : { ...reserveGroup("basket", lineIds), requestId: "basket" };
}
