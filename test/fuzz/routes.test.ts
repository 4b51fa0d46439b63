// Every route of openapi.json under requests that are right, nearly right, and nothing like right. FUZZ_REQUESTS
// says how many, FUZZ_SEED which. ONHAND_TEST_DATABASE=postgres sends them to PostgreSQL. Whatever fails tells
// the seed and the request, as a line for a shell.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { wholeLog } from "../../src/store/store.ts";
import { type FuzzRequest, fuzzRequest } from "../support/fuzz-requests.ts";
import { type FuzzTarget, openFuzzTarget } from "../support/fuzz-target.ts";
import { type Chance, openChance } from "../support/fuzz-values.ts";
import { reads, routeOf, writes } from "../support/hostile.ts";

const requests = Number(process.env["FUZZ_REQUESTS"] ?? 2_000);
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000_000);
const runSize = 2_000;
/** Of one run, on a machine with much other work. */
const timeout = 600_000;
const renewEvery = 150;
/** Of the service and of its client, which share a process, with all that their caches may keep. */
const heapGrowthMax = 60_000_000;
/** Statuses that have to be met, and those that are too rare for a short run. */
const common = [200, 201, 204, 400, 401, 403, 404, 409, 415];
const rare = [304, 412, 413, 422, 431];
const names = [...writes, ...reads, "GET /api/v1/events/stream"];
/** Megabytes that are the same for everyone: now and then. */
const heavy = "GET /docs/scalar.js";
const light = names.filter((name) => name !== heavy);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

let target: FuzzTarget;
let heap = 0;
let grown = 0;
before(async () => {
  target = await openFuzzTarget();
});
after(async () => {
  const counts = [...target.statuses].sort(([a], [b]) => a - b).map((one) => one.join(": "));
  const told = [`seed ${seed}`, counts.join(", "), `${target.closed()} closed unanswered`];
  told.push(`${target.slow.length} slow`, `heap ${(grown / 1e6).toFixed(1)} MB larger`);
  console.log(`fuzz: ${told.join("; ")}`);
  await target.close();
});

/** What a refused request must leave as it was: the log, and what is in none: keys and webhooks. */
interface Trace {
  readonly seq: number;
  readonly unlogged: readonly unknown[];
}

const all = { after: null, limit: 100_000 } as const;

async function traceOf(asked: FuzzRequest): Promise<Trace> {
  const { store } = target.market;
  const { seq } = await store.head();
  if (asked.route.includes("/webhooks")) {
    return { seq, unlogged: (await store.webhooks.list(all)).items };
  }
  if (!asked.route.includes("/api-keys")) return { seq, unlogged: [] };
  const { items } = await store.keys(all);
  return { seq, unlogged: items.map(({ id }) => id) };
}

/** All but a hold that ended by itself. */
async function mustBeUnchanged(before: Trace, now: Trace): Promise<void> {
  assert.deepEqual(now.unlogged, before.unlogged);
  if (now.seq === before.seq) return;
  const page = { ...wholeLog, after: before.seq, limit: 1_000 };
  const { items } = await target.market.store.events(page);
  const others = items.filter(({ type }) => type !== "reservation.expired");
  assert.deepEqual(others, [], "nothing was written");
}

const pickName = (chance: Chance): string => (chance.is(0.002) ? heavy : chance.pick(light));

async function run(count: number, chance: Chance): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    if (sent % renewEvery === 0) await target.renew();
    const asked = fuzzRequest(pickName(chance), target.world(), chance);
    const before = await traceOf(asked);
    await target.send(asked, async (answer) => {
      const isWrite = asked.method !== "GET";
      const isDone = answer !== null && answer.status < 300;
      if (!isWrite || !isDone) await mustBeUnchanged(before, await traceOf(asked));
      else if ("idempotency-key" in asked.headers && chance.is(0.5)) {
        const done = await traceOf(asked);
        const again = await target.send(asked);
        assert.deepEqual([again?.status, again?.text], [answer.status, answer.text], "a repeat");
        await mustBeUnchanged(done, await traceOf(asked));
      }
    });
  }
}

describe(`fuzzed requests (FUZZ_SEED=${seed})`, () => {
  test("go to every route of openapi.json", () => {
    const documented = target
      .world()
      .documented.all()
      .map((answer) => answer.split(": ")[0]);
    assert.deepEqual(new Set(names.map(routeOf)), new Set(documented));
  });

  test("a hundred of them warm the service up", async () => {
    await run(100, openChance(seed - 1));
    collect();
    heap = process.memoryUsage().heapUsed;
  });

  for (let from = 0; from < requests; from += runSize) {
    const count = Math.min(runSize, requests - from);
    test(`${from + 1} to ${from + count}: each is answered in time, as documented, a repeat the same, and a refused one writes nothing`, {
      timeout,
    }, async () => {
      await run(count, openChance(seed + from));
    });
  }

  test("sixteen at once are answered as documented too", async () => {
    const chance = openChance(seed + 1);
    await target.renew();
    const lanes = Array.from({ length: 16 }, async () => {
      for (let sent = 0; sent < 20; sent += 1) {
        await target.send(fuzzRequest(pickName(chance), target.world(), chance));
      }
    });
    await Promise.all(lanes);
  });

  test("rows, holds and log are as they must be, and memory and log show nothing of it", async () => {
    const { store } = target.market;
    const rows = await store.auditRows({ after: null, limit: 100_000, eventsMax: null });
    assert.deepEqual([rows.next, rows.findings], [null, []]);
    assert.deepEqual(await store.auditLog(), []);
    assert.deepEqual(target.alarms, []);
    assert.deepEqual(target.slow, []);
    assert.equal(Reflect.get({}, "polluted"), undefined);
    collect();
    grown = process.memoryUsage().heapUsed - heap;
    assert.ok(grown < heapGrowthMax, `${grown} bytes more`);
    for (const status of requests < 10_000 ? common : [...common, ...rare]) {
      assert.ok(target.statuses.has(status), `${status} was never met: the fuzzer is too blunt`);
    }
  });
});
