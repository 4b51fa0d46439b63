// The relay with a log and a bus made for the test: where its events come from, how they are gathered, who of
// several works, and when it marks. That each event is in Redis once is tried with real ones, in test/bus.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openLog } from "../../test/support/log-events.ts";
import { openMemoryBus } from "../../test/support/memory-bus.ts";
import { until } from "../../test/support/until.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { markEveryMs, markedEventsMax, relayEventsMax, relayFedEventsMax } from "../limits.ts";
import type { EventQuery } from "../store/store.ts";
import { openRelay, type Relay } from "./relay.ts";
import { openTail, type Tail } from "./tail.ts";

function world(leaseMs?: number) {
  const clock = { now: 1_000_000 };
  const now = (): number => clock.now;
  const log = openLog();
  const bus = openMemoryBus(now);
  /** One instance: its tail, which looks for others' commits, and a relay that follows it. */
  function join(holder: string): { readonly tail: Tail; readonly relay: Relay } {
    const tail = openTail({ store: log, from: 0, failed: assert.ifError });
    const lease = leaseMs === undefined ? {} : { leaseMs };
    const relay = openRelay({ store: log, bus, tail, holder, now, steady: now, ...lease });
    tail.follow(relay.feed);
    const tick = async (): Promise<number> => {
      // A loop of its own, which says itself what went wrong.
      await tail.pull().catch(() => undefined);
      return relay.tick();
    };
    return { tail, relay: { ...relay, tick } };
  }
  return { clock, log, bus, join, ...join("one") };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("where events come from", () => {
  test("what this instance commits is not read again", async () => {
    const { log, bus, tail, relay } = world();
    await relay.tick();
    for (let commit = 0; commit < 10; commit += 1) {
      tail.feed(log.grow(3));
      await relay.tick();
    }
    assert.deepEqual(bus.seqs, upTo(30));
    assert.equal(log.reads, 0);
  });

  test("what was there before is read, and then what comes is not", async () => {
    const { log, bus, tail, relay } = world();
    log.grow(10);
    await relay.tick();
    const { reads } = log;
    tail.feed(log.grow(5));
    await relay.tick();
    assert.deepEqual(bus.seqs, upTo(15));
    assert.equal(log.reads, reads);
  });

  test("what others commit is published when the tail has seen it, and nothing asks for it before", async () => {
    const { clock, log, bus, tail, relay } = world();
    const due = await relay.tick();
    assert.ok(
      due - clock.now >= 1_000,
      "where nothing happens it rests until the lease is to be prolonged",
    );
    log.grow(7);
    await tail.pull();
    assert.equal(await relay.tick(), due);
    assert.deepEqual(bus.seqs, upTo(7));
  });

  test("more than may wait in memory is read from the log", async () => {
    const { log, bus, tail, relay } = world();
    await relay.tick();
    tail.feed(log.grow(3));
    const answer = bus.holdAnswers();
    const ticking = relay.tick();
    for (let commit = 0; commit <= relayFedEventsMax / 2_000; commit += 1)
      tail.feed(log.grow(2_000));
    answer();
    await ticking;
    assert.deepEqual(bus.seqs, upTo(relayFedEventsMax + 2_003));
    assert.ok(log.reads > 0);
  });

  test("a bus that lost its end is filled again from the log", async () => {
    const { log, bus, tail, relay } = world();
    await relay.tick();
    tail.feed(log.grow(20));
    await relay.tick();
    bus.cutTo(12);
    tail.feed(log.grow(1));
    await relay.tick();
    assert.deepEqual(bus.seqs, upTo(21));
  });

  test("a bus that lost its end while nothing happens is filled again too", async () => {
    const { clock, log, bus, tail, relay } = world();
    await relay.tick();
    tail.feed(log.grow(20));
    await relay.tick();
    bus.cutTo(12);
    clock.now += 1_000;
    await relay.tick();
    assert.deepEqual(bus.seqs, upTo(20));
  });

  test("it goes on after trouble with the bus or the log, wherever that began", async () => {
    const { clock, log, bus, tail, relay } = world();
    tail.feed(log.grow(10));
    await relay.tick();
    for (const trouble of [bus, log]) {
      trouble.isAway = true;
      // So that it is read again.
      bus.cutTo(bus.seqs.length - 5);
      tail.feed(log.grow(600));
      clock.now += 1_000;
      await assert.rejects(relay.tick(), /away/);
      tail.feed(log.grow(600));
      trouble.isAway = false;
      clock.now += 1_000;
      await relay.tick();
    }
    assert.deepEqual(bus.seqs, upTo(2_410));
    assert.equal(relay.published(), 2_410);
  });
});

describe("what it knows of the bus", () => {
  test("is asked for once a second, and the log only when the tail has seen more", async () => {
    const { clock, log, bus, tail } = world();
    const asked: string[] = [];
    const counted = {
      store: {
        ...log,
        events(query: EventQuery) {
          asked.push("log");
          return log.events(query);
        },
      },
      bus: {
        ...bus,
        state() {
          asked.push("bus");
          return bus.state();
        },
      },
    };
    const now = (): number => clock.now;
    const relay = openRelay({ ...counted, tail, holder: "counted", now, steady: now });
    tail.feed(log.grow(3));
    for (let tick = 0; tick < 20; tick += 1) {
      await relay.tick();
      clock.now += 100;
    }
    assert.deepEqual(asked, ["bus", "log", "bus"]);
  });

  test("is asked for again after a run whose answer was lost: what arrived is not sent again", async () => {
    const { log, bus, tail, relay } = world();
    await relay.tick();
    tail.feed(log.grow(5));
    const answer = bus.holdAnswers();
    const ticking = relay.tick();
    await until(() => bus.runs.length === 1, "the run is on its way");
    bus.isAway = true;
    answer();
    await assert.rejects(ticking, /away/);
    bus.isAway = false;
    tail.feed(log.grow(3));
    await relay.tick();
    assert.deepEqual(bus.seqs, upTo(8));
    assert.deepEqual(bus.runs, [5, 3]);
  });

  test("says when it is due: before the lease is over, and once a second", async () => {
    for (const [leaseMs, restMs] of [
      [600, 200],
      [30_000, 1_000],
    ] as const) {
      const { clock, relay } = world(leaseMs);
      assert.equal(await relay.tick(), clock.now + restMs);
    }
  });

  test("is of no use where another has the lease: it looks again when that may be over", async () => {
    const { clock, relay, join } = world(1_500);
    await relay.tick();
    const other = join("two").relay;
    clock.now += 400;
    assert.equal(await other.tick(), clock.now + 1_000);
    clock.now += 500;
    await relay.tick();
    clock.now += 500;
    assert.equal(await other.tick(), clock.now + 1_000);
    clock.now += 700;
    assert.equal(await other.tick(), clock.now + 300);
  });

  for (const [title, state] of [
    ["another log", { logId: "another", epoch: 1, seq: 0 }],
    ["another life of the log", { logId: "log", epoch: 2, seq: 0 }],
    ["more than the log has", { logId: "log", epoch: 1, seq: 11 }],
  ] as const) {
    test(`is refused where it is of ${title}, for good`, async () => {
      const { log, bus, tail, relay } = world();
      tail.feed(log.grow(10));
      bus.state = async () => state;
      const words =
        state.seq > 0 ? /the streams end at seq 11, the log at 10/ : /belong to the log/;
      await assert.rejects(relay.tick(), (error) => {
        assert.ok(error instanceof OperatingError);
        assert.equal(error.retryable, false);
        assert.match(error.message, words);
        return true;
      });
      assert.deepEqual(bus.runs, []);
    });
  }

  test("may be that it has all of the log", async () => {
    const { log, bus, tail, relay } = world();
    tail.feed(log.grow(10));
    bus.state = async () => ({ logId: "log", epoch: 1, seq: 10 });
    await relay.tick();
    assert.equal(relay.published(), 10);
    assert.deepEqual(bus.runs, []);
  });
});

describe("a backlog", () => {
  const events = 100 * relayEventsMax;
  /** A bus that takes its time for each run. */
  function slowWorld() {
    const it = world();
    const { append } = it.bus;
    it.bus.append = (log, run) => {
      it.clock.now += 100;
      return append(log, run);
    };
    it.tail.feed(it.log.grow(events));
    return it;
  }

  test("is published in ticks that are short, one right after the other", async () => {
    const { clock, bus, relay } = slowWorld();
    let ticks = 0;
    for (let due = 0; due <= clock.now && bus.seqs.length < events; ticks += 1) {
      const startedAt = clock.now;
      due = await relay.tick();
      assert.ok(clock.now - startedAt <= 500, `${clock.now - startedAt} ms`);
    }
    assert.deepEqual(bus.seqs, upTo(events));
    assert.ok(ticks > 20);
  });

  test("does not hold up a stop: what is not published in time is left to the next one", async () => {
    const { clock, bus, relay, join } = slowWorld();
    await relay.tick();
    const startedAt = clock.now;
    await relay.finish();
    assert.ok(clock.now - startedAt <= 6_000, `${clock.now - startedAt} ms`);
    assert.ok(bus.seqs.length < events);
    const next = join("two");
    await until(async () => {
      await next.relay.tick();
      return bus.seqs.length === events;
    }, "the next one has published the rest");
    assert.deepEqual(bus.seqs, upTo(events));
  });
});

describe("how they are gathered", () => {
  test("what comes while a run is on its way goes with the next one", async () => {
    const { log, bus, tail, relay } = world();
    await relay.tick();
    tail.feed(log.grow(1));
    const answer = bus.holdAnswers();
    const ticking = relay.tick();
    await until(() => bus.runs.length === 1, "the first is on its way");
    for (let commit = 0; commit < 40; commit += 1) tail.feed(log.grow(2));
    answer();
    await ticking;
    assert.deepEqual(bus.runs, [1, 80]);
  });

  test("a backlog goes in full runs, and two are on their way at once, never three", async () => {
    const { log, bus, relay } = world();
    log.grow(4 * relayEventsMax);
    const answer = bus.holdAnswers();
    const ticking = relay.tick();
    await until(() => bus.runs.length === 2, "the second is on its way");
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
    assert.equal(bus.runs.length, 2);
    answer();
    await ticking;
    assert.deepEqual(bus.runs, Array(4).fill(relayEventsMax));
    assert.deepEqual(bus.seqs, upTo(4 * relayEventsMax));
  });

  test("what was sent behind a run that was not taken whole is sent again", async () => {
    const { log, bus, relay } = world();
    log.grow(3 * relayEventsMax);
    bus.takesMax = relayEventsMax - 1;
    await relay.tick();
    assert.deepEqual(bus.seqs, upTo(3 * relayEventsMax));
    const sent = [...Array(5).fill(relayEventsMax), 2, 3];
    assert.deepEqual(bus.runs, sent, "and nothing more behind what is known to be refused");
  });
});

describe("of several instances", () => {
  test("one copies, and the others know how far it is", async () => {
    const { clock, log, bus, tail, relay, join } = world();
    const other = join("two");
    await relay.tick();
    await other.relay.tick();
    const events = log.grow(5);
    tail.feed(events);
    other.tail.feed(events);
    await relay.tick();
    const runs = [...bus.runs];
    clock.now = await other.relay.tick();
    await other.relay.tick();
    assert.deepEqual(bus.runs, runs);
    assert.equal(other.relay.published(), 5);
    assert.equal(other.relay.feed(log.grow(1)), false, "its own commits do not wake it");
  });

  test("another takes over when it dies, and goes on where the bus is", async () => {
    const { clock, log, bus, tail, relay, join } = world();
    const other = join("two");
    await relay.tick();
    tail.feed(log.grow(5));
    await relay.tick();
    await other.relay.tick();
    log.grow(4);
    clock.now += 3_000;
    await other.relay.tick();
    assert.deepEqual(bus.seqs, upTo(9));
  });

  test("another takes over at once when it stops, or cannot read the log", async () => {
    const { clock, log, bus, relay, join } = world();
    const other = join("two");
    await relay.tick();
    await relay.finish();
    log.grow(4);
    await other.relay.tick();
    assert.deepEqual(bus.seqs, upTo(4));
    log.isAway = true;
    bus.cutTo(2);
    clock.now += 1_000;
    await assert.rejects(other.relay.tick(), /away/);
    log.isAway = false;
    log.grow(2);
    await relay.tick();
    assert.deepEqual(bus.seqs, upTo(6));
  });
});

describe("marks", () => {
  test("are made now and then, in runs of which none is long", async () => {
    const { clock, log, tail, relay } = world();
    tail.feed(log.grow(10));
    await relay.mark();
    assert.deepEqual(log.marks, [], "nobody knows yet what the bus has");
    await relay.tick();
    assert.equal(await relay.mark(), clock.now + markEveryMs);
    assert.deepEqual(log.marks, [10]);
    tail.feed(log.grow(2 * markedEventsMax + 5));
    await relay.tick();
    const dues = [await relay.mark(), await relay.mark(), await relay.mark()];
    assert.deepEqual(dues, [clock.now, clock.now, clock.now + markEveryMs]);
    assert.deepEqual(log.marks.slice(1), [
      10 + markedEventsMax,
      10 + 2 * markedEventsMax,
      15 + 2 * markedEventsMax,
    ]);
    await relay.mark();
    assert.equal(log.marks.length, 4, "what is marked is not marked again");
  });

  test("are made by the instance that has the lease alone", async () => {
    const { log, tail, relay, join } = world();
    tail.feed(log.grow(10));
    await relay.tick();
    const other = join("two");
    await other.relay.tick();
    await other.relay.mark();
    assert.deepEqual(log.marks, []);
  });

  test("that take long keep nothing from the bus", async () => {
    const { log, bus, tail, relay } = world();
    tail.feed(log.grow(10));
    await relay.tick();
    const done = log.holdMarks();
    const marking = relay.mark();
    tail.feed(log.grow(5));
    await relay.tick();
    assert.deepEqual(bus.seqs, upTo(15));
    done();
    await marking;
  });

  test("that take long do not hold up a stop", async () => {
    const { clock, log, tail, relay } = world(60_000);
    const { markPublished } = log;
    log.markPublished = (seq) => {
      clock.now += 2_500;
      return markPublished(seq);
    };
    tail.feed(log.grow(9 * markedEventsMax));
    await relay.finish();
    assert.deepEqual(log.marks, [markedEventsMax, 2 * markedEventsMax]);
  });

  test("are not made at the end by who does not have the lease", async () => {
    const { log, tail, relay, join } = world();
    const other = join("two");
    tail.feed(log.grow(10));
    await relay.tick();
    await other.relay.finish();
    assert.deepEqual(log.marks, []);
    await relay.finish();
    assert.deepEqual(log.marks, [10]);
  });

  test("of all that is published are made at the end", async () => {
    const { log, tail, relay } = world();
    tail.feed(log.grow(10));
    await relay.finish();
    assert.deepEqual(log.marks, [10]);
  });
});

test("the oldest event that waits is told with its time", async () => {
  const { log, tail, relay } = world();
  tail.feed(log.grow(1));
  assert.equal(await relay.oldestWaiting(), null, "nobody knows what the bus has");
  assert.equal(relay.published(), null);
  await relay.tick();
  assert.equal(await relay.oldestWaiting(), null);
  tail.feed(log.grow(1));
  assert.equal(await relay.oldestWaiting(), 1_000);
});
