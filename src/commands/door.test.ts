import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { turn } from "../../test/support/until.ts";
import { doorCommandsMax, doorLookMs, doorRefusalGapMs, doorWaitMsMax } from "../limits.ts";
import { openDoor } from "./door.ts";

/** A door on a clock of its own, with as much room as the test says. */
function openAt({ mock: { timers } }: TestContext, room: number) {
  timers.enable({ apis: ["setTimeout"] });
  const store = { room };
  const clock = { now: 0 };
  const door = openDoor({ room: () => store.room, nowMs: () => clock.now });
  const told: string[] = [];
  return {
    store,
    door,
    told,
    come(...names: readonly string[]) {
      for (const name of names) {
        door.enter((isLetIn) => told.push(isLetIn ? name : `not ${name}`));
      }
    },
    /** Time goes by in steps of the door's own. */
    async pass(ms: number) {
      for (const end = clock.now + ms; clock.now < end; ) {
        await turn();
        clock.now += doorLookMs;
        timers.tick(doorLookMs);
      }
    },
  };
}

describe("the door", () => {
  test("lets in at once while there is room", (t) => {
    const { come, told, door } = openAt(t, 2);
    come("a", "b");
    assert.deepEqual(told, ["a", "b"]);
    assert.equal(door.waiting(), 0);
  });

  test("counts who came in during this turn: nobody has read them yet", async (t) => {
    const { come, told, pass } = openAt(t, 2);
    come("a", "b", "c");
    assert.deepEqual(told, ["a", "b"]);
    await pass(doorLookMs);
    assert.deepEqual(told, ["a", "b", "c"]);
  });

  test("lets in those that wait when there is room again, the first to come first", async (t) => {
    const { come, told, pass, store } = openAt(t, 0);
    come("a", "b", "c");
    await pass(doorWaitMsMax / 2);
    assert.deepEqual(told, []);
    store.room = 2;
    await pass(doorLookMs);
    assert.deepEqual(told, ["a", "b"]);
    await pass(doorLookMs);
    assert.deepEqual(told, ["a", "b", "c"]);
  });

  test("lets nobody in before those that wait", async (t) => {
    const { come, told, pass, store } = openAt(t, 0);
    come("a");
    store.room = 1;
    come("b");
    assert.deepEqual(told, []);
    await pass(2 * doorLookMs);
    assert.deepEqual(told, ["a", "b"]);
  });

  test(`refuses who has waited for ${doorWaitMsMax} ms, and not before`, async (t) => {
    const { come, told, pass, door } = openAt(t, 0);
    come("a");
    await pass(doorWaitMsMax / 2);
    come("b");
    await pass(doorWaitMsMax / 2);
    assert.deepEqual(told, []);
    await pass(doorLookMs);
    assert.deepEqual(told, ["not a"]);
    assert.equal(door.waiting(), 1);
  });

  test(`refuses one after the other, ${doorRefusalGapMs} ms apart`, async (t) => {
    const { come, told, pass, door } = openAt(t, 0);
    come(...Array.from({ length: 500 }, (_, n) => String(n)));
    await pass(doorWaitMsMax + 100);
    const refused = Math.floor(100 / doorRefusalGapMs);
    assert.ok(Math.abs(told.length - refused) <= doorLookMs / doorRefusalGapMs, `${told.length}`);
    assert.equal(door.waiting(), 500 - told.length);
    await pass(500 * doorRefusalGapMs);
    assert.deepEqual(
      told,
      Array.from({ length: 500 }, (_, n) => `not ${n}`),
    );
  });

  test("lets in past those that are to be refused, and none of them", async (t) => {
    const { come, told, pass, store } = openAt(t, 0);
    come("a", "b", "c", "d", "e");
    await pass(doorWaitMsMax);
    store.room = 2;
    await pass(doorLookMs);
    come("f");
    assert.ok(!told.includes("not e") && told.includes("f"), told.join());
    await pass(5 * doorRefusalGapMs + doorLookMs);
    assert.deepEqual(told.toSorted(), ["f", "not a", "not b", "not c", "not d", "not e"]);
  });

  test("refuses at once when too many wait", (t) => {
    const { come, told, door } = openAt(t, 0);
    come(...Array.from({ length: doorCommandsMax }, (_, n) => String(n)));
    assert.deepEqual(told, []);
    come("one more");
    assert.deepEqual(told, ["not one more"]);
    assert.equal(door.waiting(), doorCommandsMax);
  });

  test("does not look while nobody waits", ({ mock: { timers } }) => {
    timers.enable({ apis: ["setTimeout"] });
    let looks = 0;
    const door = openDoor({
      nowMs: () => 0,
      room() {
        looks += 1;
        return looks > 1 ? 1 : 0;
      },
    });
    door.enter(() => undefined);
    timers.tick(doorLookMs);
    assert.equal(looks, 2);
    timers.tick(10 * doorLookMs);
    assert.equal(looks, 2);
  });
});
