// Ten times as much as the service can do, offered in an open loop by another process: it goes on doing what it can,
// answers what it lets in within a bounded time, refuses the rest with 503 and when to come again, keeps its memory, and
// is as before right afterwards. Two loads on many connections: single holds, with which HTTP is the limit, and baskets
// of fifty lines, with which the store is.
//
// The peak is measured in the same run, window by window in turn with the overload, and medians are compared. On a machine
// that other programs use as well, a window of a second may have ten times the processor of the next one. So every run
// counts what is done for each second of processor time that the service gets, and there and by the clock looks only for
// a standstill; test/long.env asks for 65 % of the one and 90 % of the other over longer windows, and on both databases.
// docs/decisions/0017-a-door-before-the-queue.md has what was measured with and without the door.
//
// OVERLOAD_SECONDS: of a window. OVERLOAD_ROUNDS: windows of each kind. OVERLOAD_PERCENT: of the peak's rate that must be
// reached by the clock. OVERLOAD_PROCESSOR_PERCENT: of what it does for its processor time. OVERLOAD_P99_MS: within which
// what is let in must be answered. OVERLOAD_DATABASES: sqlite,postgres.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Loop, Rows, Work } from "../../bench/plan.ts";
import { stockUp, stores } from "../../bench/shop.ts";
import { doorWaitMsMax, queueWaitMsMax } from "../../src/limits.ts";
import { type Instance, runOnhand, startInstance, unlimited } from "../support/instance.ts";
import { mostMemoryMb, openWindow, type Window } from "../support/load-window.ts";

/** In one of a second the making of two thousand connections is a fifth of the work. */
const seconds = Number(process.env["OVERLOAD_SECONDS"] ?? 2);
const rounds = Number(process.env["OVERLOAD_ROUNDS"] ?? 1);
const clockPercent = Number(process.env["OVERLOAD_PERCENT"] ?? 5);
/**
 * Refusing at once, as it was before there was a door, comes to 41 to 56 of the peak's single holds. So does the door
 * on a machine where other programs leave the service a quarter of a processor, for the flood goes by the clock.
 */
const processorPercent = Number(process.env["OVERLOAD_PROCESSOR_PERCENT"] ?? 30);
/** How long a client of these waits for a free connection before it gives up. */
const patienceMs = 100;
/** What the limits allow, and as much again for turns of the event loop and commits that other programs interrupt. */
const limitsMs = patienceMs + 2 * (doorWaitMsMax + queueWaitMsMax);
/** Before it, connections are opened, and nothing of a flood is refused. */
const warmupSeconds = (2 * doorWaitMsMax) / 1000;
const p99MsMax = Number(process.env["OVERLOAD_P99_MS"] ?? limitsMs);
const databases = (process.env["OVERLOAD_DATABASES"] ?? "sqlite").split(",");
/** Of a few requests afterwards: nobody waits for what the flood has left. */
const calmMsMax = doorWaitMsMax + queueWaitMsMax;
const memoryMbMax = 768;
const rows: Rows = { products: 100, stores };
const floodConnections = 2_000;

/** `perSecondMin`: taken for the peak where it was lower, which only a machine that does something else makes it. */
const loads: readonly {
  readonly name: string;
  readonly work: Work;
  readonly perSecondMin: number;
}[] = [
  {
    name: "single holds",
    work: { kind: "reserve", rows },
    perSecondMin: 1_000,
  },
  {
    name: "baskets",
    work: { kind: "reserve", rows, lines: 50 },
    perSecondMin: 100,
  },
];

for (const database of databases) {
  describe(`ten times the capacity, on ${database}`, () => {
    let instance: Instance;
    let env = { ...unlimited, LOG_LEVEL: "error" };
    before(async () => {
      env = { ...env, ...(await settingsOf(database)) };
      instance = await startInstance({ env });
      await stockUp({ port: portOf(instance), key: instance.key }, rows);
    });
    after(() => instance.kill());

    const load = (work: Work, connections: number, loop: Loop): Promise<Window> =>
      openWindow(instance, { connections, seconds, warmupSeconds, work, loop });

    for (const { name, work, perSecondMin } of loads) {
      describe(name, () => {
        const peaks: Window[] = [];
        const floods: Window[] = [];
        let mostWaiting = 0;
        before(async () => {
          // Just-in-time compilation.
          await load(work, 128, { kind: "closed" });
          for (let round = 0; round < rounds; round += 1) {
            peaks.push(await load(work, 128, { kind: "closed" }));
            const most = Math.max(perSecondMin, ...peaks.map((peak) => peak.perSecond));
            const looking = setInterval(() => {
              void waitingAt(instance).then((waiting) => {
                mostWaiting = Math.max(mostWaiting, waiting);
              });
            }, 200);
            const flood: Loop = { kind: "open", perSecond: 10 * most, patienceMs };
            floods.push(await load(work, floodConnections, flood));
            clearInterval(looking);
          }
        });

        for (const [by, percent] of [
          ["perProcessorSecond", processorPercent],
          ["perSecond", clockPercent],
        ] as const) {
          const what = by === "perSecond" ? "rate" : "work for its processor time";
          test(`does ${percent} % of the peak's ${what} at least`, (t) => {
            const [peak, flood] = [median(peaks, by), median(floods, by)];
            const share = (100 * flood) / peak;
            t.diagnostic(`${share.toFixed(0)} % of ${peak.toFixed(0)}/s`);
            assert.ok(peak > 0 && flood > 0 && share >= percent, `${share} %`);
          });
        }

        test(`answers what it lets in within ${p99MsMax} ms, 99 times of a hundred`, (t) => {
          const p99 = median(floods, "p99Ms");
          t.diagnostic(`p99 ${p99.toFixed(0)} ms`);
          assert.ok(p99 > 0 && p99 <= p99MsMax, `${p99} ms`);
        });

        test("says in its metrics that more waits than two commits take", (t) => {
          t.diagnostic(`${mostWaiting} at most`);
          assert.ok(mostWaiting > 512, `${mostWaiting}`);
        });

        test("refuses the rest with 503 and when to come again, or has not read it yet", (t) => {
          for (const { statuses, withoutRetryAfter, offered, givenUp } of floods) {
            const said = `${offered} offered, ${givenUp} of them unsent: ${JSON.stringify(statuses)}`;
            t.diagnostic(said);
            const others = Object.keys(statuses).filter((one) => one !== "201" && one !== "503");
            assert.deepEqual(others, []);
            assert.equal(withoutRetryAfter, 0);
          }
          const [offered, done] = [sum(floods, "offered"), sum(floods, "writes")];
          assert.ok(offered > 1.5 * done, "it was too much");
        });
      });
    }

    test("is as before right afterwards", async (t) => {
      const calm: Loop = { kind: "open", perSecond: 20, patienceMs: 5_000 };
      const { statuses, givenUp, p99Ms } = await load(loads[0]?.work ?? assert.fail(), 64, calm);
      assert.deepEqual([Object.keys(statuses), givenUp], [["201"], 0]);
      t.diagnostic(`p99 ${p99Ms.toFixed(0)} ms`);
      assert.ok(p99Ms > 0 && p99Ms < calmMsMax, `${p99Ms} ms`);
    });

    test(`never had more than ${memoryMbMax} MB of memory`, (t) => {
      const most = mostMemoryMb(instance);
      t.diagnostic(`${most.toFixed(0)} MB`);
      assert.ok(most > 0 && most <= memoryMbMax);
    });

    test("what was taken is whole, and nothing of what was refused is there", async () => {
      const { code, stdout } = await runOnhand(["verify"], { env, folder: instance.folder });
      assert.equal(code, 0, stdout);
    });
  });
}

async function settingsOf(database: string): Promise<{ readonly DATABASE_URL?: string }> {
  if (database === "sqlite") return {};
  assert.equal(database, "postgres");
  const { sharedPostgres } = await import("../support/postgres.ts");
  return { DATABASE_URL: await (await sharedPostgres()).newDatabase() };
}

function portOf({ url }: Instance): number {
  return Number(new URL(url).port);
}

function sum(windows: readonly Window[], name: "offered" | "writes"): number {
  return windows.reduce((total, window) => total + window[name], 0);
}

/** Of an even number of windows the mean of the two in the middle. */
function median(
  windows: readonly Window[],
  name: "perSecond" | "perProcessorSecond" | "p99Ms",
): number {
  const sorted = windows.map((window) => window[name]).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low = 0, high = 0] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return (low + high) / 2;
}

/** What operators watch, and the alert OnhandQueueLong. */
async function waitingAt({ url }: Instance): Promise<number> {
  const text = await fetch(`${url}/metrics`).then(
    (answer) => answer.text(),
    () => "",
  );
  return Number(/^onhand_queued_commands(?:\{.*\})? (\d+)$/m.exec(text)?.[1] ?? 0);
}
