import assert from "node:assert/strict";
import { test } from "node:test";
import { together } from "./together.ts";

interface Held {
  readonly item: number;
  readonly resolve: (value: string) => void;
  readonly reject: (error: Error) => void;
}

/** Work whose ends a test decides; `begun` is what has begun and not ended. */
function held() {
  const begun: Held[] = [];
  const run = (item: number): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    begun.push({ item, resolve, reject });
    return promise;
  };
  function take(item: number): Held {
    const at = begun.findIndex((one) => one.item === item);
    const [one] = begun.splice(at, 1);
    assert.ok(one !== undefined && at !== -1, `${item} has not begun`);
    return one;
  }
  return { run, take, begun: () => begun.map(({ item }) => item) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("so many are on their way at once, and what comes of them keeps the order of the items", async () => {
  const { run, take, begun } = held();
  const all = together([1, 2, 3], 2, run);
  assert.deepEqual(begun(), [1, 2]);
  take(2).resolve("two");
  await turn();
  assert.deepEqual(begun(), [1, 3], "the third has the place of the second");
  take(3).resolve("three");
  take(1).resolve("one");
  assert.deepEqual(await all, ["one", "two", "three"]);
});

test("where one fails none is begun any more, and what is on its way ends first", async () => {
  const { run, take, begun } = held();
  let hasEnded = false;
  const all = together([1, 2, 3], 2, run).finally(() => {
    hasEnded = true;
  });
  const refused = assert.rejects(all, /the first failed/);
  take(1).reject(new Error("the first failed"));
  await turn();
  assert.equal(hasEnded, false, "the second is still on its way");
  take(2).resolve("two");
  await refused;
  assert.deepEqual(begun(), []);
});

test("of nothing comes nothing", async () => {
  assert.deepEqual(await together([], 3, String), []);
});
