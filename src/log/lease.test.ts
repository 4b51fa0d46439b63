// Who of several has the lease, with a clock that the test moves.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openMemoryBus } from "../../test/support/memory-bus.ts";
import { relayFollowMs } from "../limits.ts";
import { openLease } from "./lease.ts";

function world() {
  const clock = { now: 1_000_000 };
  const now = (): number => clock.now;
  const memory = openMemoryBus(now);
  const asked: string[] = [];
  const bus = {
    ...memory,
    claim(holder: string, ms: number) {
      asked.push(holder);
      return memory.claim(holder, ms);
    },
    release(holder: string) {
      asked.push(`${holder} no more`);
      return memory.release(holder);
    },
  };
  const lease = (holder: string) => openLease({ bus, holder, ms: 3_000, now });
  return { clock, memory, asked, one: lease("one"), two: lease("two") };
}

describe("the lease", () => {
  test("is the first one's, as long as it prolongs it", async () => {
    const { clock, one, two } = world();
    for (let second = 0; second < 20; second += 1) {
      assert.equal(await one.hold(), true);
      assert.equal(await two.hold(), false);
      clock.now += 1_000;
    }
  });

  test("goes to another when its holder says nothing for so long", async () => {
    const { clock, one, two } = world();
    await one.hold();
    await two.hold();
    clock.now += 2_999;
    assert.equal(await two.hold(), false);
    clock.now = two.dueAt();
    assert.equal(await two.hold(), true);
    assert.equal(await one.hold(), false, "and who comes back does not have it");
  });

  test("goes to another at once when it is given back", async () => {
    const { clock, one, two } = world();
    await one.hold();
    await two.hold();
    await one.release();
    assert.equal(one.held(), false);
    clock.now = two.dueAt();
    assert.equal(await two.hold(), true);
  });

  test("of another is not given back by who does not have it", async () => {
    const { asked, one, two, clock } = world();
    await one.hold();
    await two.hold();
    await two.release();
    assert.deepEqual(asked, ["one", "two"]);
    clock.now += 500;
    assert.equal(await two.hold(), false);
  });

  test("is asked for when that is due, not before each piece of work", async () => {
    const { clock, asked, one, two } = world();
    for (let piece = 0; piece < 50; piece += 1) await one.hold();
    for (let piece = 0; piece < 50; piece += 1) await two.hold();
    assert.deepEqual(asked, ["one", "two"]);
    assert.equal(one.dueAt(), clock.now + 1_000);
    assert.ok(two.dueAt() <= clock.now + relayFollowMs);
  });

  test("is not taken for granted when the bus is away", async () => {
    const { clock, memory, one } = world();
    await one.hold();
    memory.isAway = true;
    clock.now += 1_000;
    await assert.rejects(one.hold(), /away/);
    await assert.rejects(one.release(), /away/);
    assert.equal(one.held(), false);
  });
});
