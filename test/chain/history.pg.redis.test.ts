// Promise G2 on the real thing: linearizable per stock row, strictly serializable over several. Clients behind nginx
// ask three instances for everything that may happen to a few rows, while instances are killed and connections are
// cut. What they were told, and when, is then held to the log (check.ts). The seed decides what is asked for and what
// is struck; how it meets, the machine decides.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
import { eventOf } from "../history/api.ts";
import { check } from "../history/check.ts";
import { type Load, openLoad } from "../history/clients.ts";
import { explain } from "../history/explain.ts";
import { type FaultyWorld, faultKinds, openFaultyWorld } from "../history/faulty-world.ts";
import type { History, LogEvent, Operation } from "../history/history.ts";
import { ask } from "../support/instance.ts";
import { type LoggedEvent, randomFrom, readLog } from "../support/ledger.ts";
import { noNginx } from "../support/nginx.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { noRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";

const seed = Number(process.env["HISTORY_SEED"] ?? randomInt(2 ** 31));
const operations = Number(process.env["HISTORY_OPERATIONS"] ?? 2_000);
const clients = Number(process.env["HISTORY_CLIENTS"] ?? 36);
/** The first of each kind, and another kill. */
const strikes = Number(process.env["HISTORY_FAULTS"] ?? faultKinds.length + 1);

/** Longer than any run takes on a busy machine. */
const timeout = 120_000 + 20 * operations;

const units = 20;
const products = ["history-0", "history-1"].map((product) =>
  ["BCN-001", "MAD-001", "SEV-001"].map((store) => `${product}/${store}`),
);

describe("three instances behind nginx, with faults", {
  skip: noPostgres || noRedis || noNginx,
  timeout,
}, () => {
  let world: FaultyWorld;
  let load: Load;
  let history: History = { operations: [], log: [] };
  const random = randomFrom(seed);

  before(async () => {
    world = await openFaultyWorld(random);
    load = openLoad({ shop: world.shop, clients, products, units, seed });
    for (const id of ["history-0", "history-1"]) {
      const made = await ask(world.shop, "POST", "/products", { id, sku: id, name: id, price: 1 });
      assert.equal(made.status, 201, made.text);
    }
    for (const row of products.flat()) {
      const made = await load.first({ kind: "create", row, quantity: units });
      assert.equal(made.kind, "ok", JSON.stringify(made));
    }
  });
  after(() => world.close());

  /** Faults one after the other, spread over the work. */
  async function strikeAll(): Promise<void> {
    const goesOn = async (answers: number): Promise<void> => {
      const from = load.counts.answered;
      const hasGoneOn = (): boolean => load.counts.answered >= from + answers;
      await until(() => hasGoneOn() || load.bugs.length > 0, "work goes on", 60_000);
    };
    for (let count = 0; count < strikes; count += 1) {
      const kind = faultKinds[count % faultKinds.length] ?? "kill an instance";
      const share = (operations * (count + 1)) / (strikes + 2);
      const isTime = (): boolean => load.counts.asked >= share || load.bugs.length > 0;
      await until(isTime, `${share} are asked for`, 600_000);
      if (load.bugs.length > 0) return;
      await world.strike(kind, goesOn);
    }
  }

  test("whatever happens to it, what clients saw is one order of events that agrees with their clocks", {
    timeout,
  }, async (t) => {
    t.diagnostic(`HISTORY_SEED=${seed}`);
    const began = performance.now();
    let isStruck = false;
    const struck = strikeAll().finally(() => {
      isStruck = true;
    });
    await Promise.all([load.work(() => isStruck && load.counts.asked >= operations), struck]);
    const seconds = (performance.now() - began) / 1_000;
    const logged: LoggedEvent[] = [];
    await readLog(world.shop, logged);
    history = { operations: load.operations, log: logged.map(eventOf) };
    const { asked, answered, again, doubled } = load.counts;
    const refused = load.operations.filter(({ outcome }) => outcome.kind === "refused").length;
    t.diagnostic(
      `${asked} operations in ${seconds.toFixed(1)} s under ${strikes} faults: ${answered} answered (${refused} refused), ${again} tries again, ${doubled} asked for twice, ${history.log.length} events`,
    );
    const problems = check(history);
    assert.equal(explain(history, problems), "", `HISTORY_SEED=${seed}`);
    assert.deepEqual(load.bugs, []);
    assert.ok(refused < answered / 2 && answered > asked * 0.9, "most of it was done");
    const { code, said } = await world.verify();
    assert.equal(code, 0, said);
  });

  test("and where one of their reads had shown what was over, that would have been found", () => {
    const read = must(history.operations.findLast(isReadOfOne), "somebody read");
    const [shown] = read.outcome.kind === "ok" ? read.outcome.rows : [];
    const row = must(shown, "it shows a row").row;
    // Somebody had been told of a later version before it was asked for.
    const known = history.operations.flatMap(({ returnedAt, outcome }) =>
      outcome.kind === "ok" && returnedAt < read.invokedAt
        ? outcome.rows.filter((one) => one.row === row).map(({ version }) => version)
        : [],
    );
    const version = Math.max(...known) - 1;
    const isIt = ({ change }: LogEvent): boolean =>
      change?.row === row && change.version === version;
    const old = { row, ...must(history.log.find(isIt)?.change, "it was so").after, version };
    const lying = { ...read, outcome: { ...read.outcome, rows: [old] } };
    const operations = history.operations.map((one) => (one === read ? lying : one));
    const found = check({ ...history, operations });
    assert.deepEqual(
      found.map(({ rule, operations: [first] }) => [rule, first]),
      [["real-time", read.id]],
    );
  });
});

function isReadOfOne({ request, outcome }: Operation): boolean {
  return request.kind === "read" && request.rows.length === 1 && outcome.kind === "ok";
}
