// Commits on real connections whose parts a test lets on one by one: who takes part, the world that they meet
// in, and what must be true of it when all is done.

import assert from "node:assert/strict";
import { Client } from "pg";
import { commitBatch } from "../../src/commands/batch.ts";
import type { Command } from "../../src/domain/model.ts";
import { must } from "../../src/lib/assert.ts";
import { newId } from "../../src/lib/ids.ts";
import { auditLog, auditRows } from "../../src/store/postgres/audit.ts";
import { openCommit } from "../../src/store/postgres/commit.ts";
import { type Connections, openConnections } from "../../src/store/postgres/connections.ts";
import { openReads, type Reads } from "../../src/store/postgres/reads.ts";
import { migrate } from "../../src/store/postgres/schema.ts";
import { openStatements } from "../../src/store/postgres/statements.ts";
import type { Finding, Outcome } from "../../src/store/store.ts";
import { changeStock, createProduct, createStore } from "../support/commands.ts";
import { gatedConnections, parts } from "../support/gated-connections.ts";
import { databaseAt, sharedPostgres } from "../support/postgres.ts";
import { until } from "../support/until.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
const options = { pooler: false, notify: null, limits, newId };

/** A product of its own, and two stores of its own. */
export interface World {
  readonly product: string;
  readonly A: string;
  readonly B: string;
  readonly inA: { readonly productId: string; readonly storeId: string };
  readonly id: (name: string) => string;
  readonly reads: Reads;
  /** A hand in the database. */
  readonly hand: Client;
}

export interface Scenario {
  readonly title: string;
  /** What the product has in the store A. */
  readonly units: number;
  readonly given?: (world: World) => readonly Command[];
  /** Just before the sessions begin. */
  readonly begin?: (world: World) => Promise<unknown>;
  readonly sessions: (world: World) => readonly (readonly Command[])[];
  /** What must be true of the outcomes, in the order of the sessions, and of the rows. */
  readonly check: (codes: readonly string[], world: World) => Promise<void> | void;
}

export interface Stage {
  /** Plays it in this order of its sessions' parts, in a world of its own. */
  holds(scenario: Scenario, order: readonly number[]): Promise<void>;
  /** Of all worlds. */
  findings(): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** Every order of the steps of so many sessions: each is a list of session numbers. */
export function ordersOf(steps: readonly number[]): number[][] {
  if (steps.every((left) => left === 0)) return [[]];
  return steps.flatMap((left, session) =>
    left === 0 ? [] : ordersOf(steps.with(session, left - 1)).map((order) => [session, ...order]),
  );
}

export async function openStage(): Promise<Stage> {
  const url = await (await sharedPostgres()).newDatabase();
  const connections = openConnections(databaseAt(url, { poolMin: 4, poolMax: 8 }));
  await migrate(connections, options, newId);
  const hand = new Client({ connectionString: url });
  await hand.connect();
  const statements = openStatements(connections, options);
  const reads = openReads(statements);
  const commit = openCommit(connections, options);
  let worlds = 0;

  async function newWorld(units: number): Promise<World> {
    worlds += 1;
    const [product, A, B] = [`p${worlds}`, `a${worlds}`, `b${worlds}`];
    const inA = { productId: product, storeId: A };
    const stock = units > 0 ? [changeStock({ ...inA, amount: units })] : [];
    await commit([
      createProduct(product, { sku: product }),
      createStore(A),
      createStore(B),
      ...stock,
    ]);
    const suffix = `-${worlds}`;
    return { product, A, B, inA, id: (name) => `${name}${suffix}`, reads, hand };
  }

  return {
    async holds(scenario, order) {
      const world = await newWorld(scenario.units);
      const given = scenario.given?.(world) ?? [];
      if (given.length > 0) await commit(given);
      await scenario.begin?.(world);
      const outcomes = await play(connections, hand, order, scenario.sessions(world));
      try {
        await scenario.check(outcomes.map(codeOf), world);
      } catch (error) {
        throw new Error(`order ${order.join("")}: ${String(error)}`, { cause: error });
      }
    },
    async findings() {
      const rows = await auditRows(statements, { after: null, limit: 10_000, eventsMax: null });
      return [...rows.findings, ...(await auditLog(statements))];
    },
    async close() {
      await hand.end();
      await connections.close();
    },
  };
}

/** Runs commits part by part in this order; what has to wait for a lock goes on when it gets it. */
async function play(
  connections: Connections,
  hand: Client,
  order: readonly number[],
  batches: readonly (readonly Command[])[],
): Promise<(Outcome | Error)[]> {
  const sessions = batches.map((commands) => {
    const gated = gatedConnections(connections);
    const commit = openCommit(gated, options);
    let isOver = false;
    // Run again where the adapter says so, as the service does, through the gates that are open by then.
    const settled = commitBatch({ commit }, commands, () => undefined).finally(() => {
      isOver = true;
    });
    return { gated, settled, isOver: () => isOver };
  });
  for (const turn of order) {
    const { gated, isOver } = must(sessions[turn], "a session of this order");
    gated.letOn();
    await until(
      async () => isOver() || gated.isWaiting() || isBlocked(hand, gated.pid()),
      "a step is done",
    );
  }
  for (const { gated } of sessions) for (const _ of parts) gated.letOn();
  const all = await Promise.all(sessions.map(({ settled }) => settled));
  return all.flat().map((one) => ("outcome" in one ? one.outcome : (one.error as Error)));
}

async function isBlocked(hand: Client, pid: number | null): Promise<boolean> {
  if (pid === null) return false;
  const { rows } = await hand.query<{ blocked: boolean }>(
    "SELECT wait_event_type = 'Lock' AS blocked FROM pg_stat_activity WHERE pid = $1",
    [pid],
  );
  return rows[0]?.blocked === true;
}

function codeOf(outcome: Outcome | Error | undefined): string {
  assert.ok(outcome !== undefined);
  if (outcome instanceof Error) throw outcome;
  return "reply" in outcome.result ? outcome.result.reply.kind : outcome.result.rejection.code;
}
