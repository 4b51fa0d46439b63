// The same commands on three databases: the model made of Maps, SQLite and PostgreSQL. Every outcome and, after
// each history, everything that is stored must be the same. Time is the test's on all three: PostgreSQL's
// clock is a function of the same name in a schema that its search path finds first.
//
// Flushing to disk is switched off behind the adapters' backs: this is about what is decided and stored. Every
// run has DIFFERENTIAL_COMMANDS of them, `npm run test:long` (test/long.env) 100,000.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Client } from "pg";
import type { Command } from "../../src/domain/model.ts";
import { isoTime } from "../../src/lib/clock.ts";
import { openCommit as openPostgresCommit } from "../../src/store/postgres/commit.ts";
import { openConnections } from "../../src/store/postgres/connections.ts";
import { migrate } from "../../src/store/postgres/schema.ts";
import { openStatements } from "../../src/store/postgres/statements.ts";
import { readTables as readPostgres } from "../../src/store/postgres/tables.ts";
import { placeOf, productOf, reservationOf, stockOf, type Values } from "../../src/store/rows.ts";
import { openCommit as openSqliteCommit } from "../../src/store/sqlite/commit.ts";
import { openForWriting } from "../../src/store/sqlite/open.ts";
import { readTables as readSqlite } from "../../src/store/sqlite/tables.ts";
import type { Outcome } from "../../src/store/store.ts";
import { type ReadTable, stateHash, tables } from "../../src/store/tables.ts";
import { histories, tightLimits as limits, opening, type Step } from "../support/histories.ts";
import {
  commit as commitModel,
  emptyDatabase,
  type MemoryDatabase,
} from "../support/memory-database.ts";
import { sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

const commandsMin = Number(process.env["DIFFERENTIAL_COMMANDS"] ?? 10_000);
const historyCommands = 100;
const seed = 20_261_124;
const clock = { now: 0 };
/** Ids of one commit: each database counts for itself, and begins anew with the next. */
function counter(): { newId: () => string; begin: (commit: number) => void } {
  let [commit, count] = [0, 0];
  return {
    newId: () => `id-${commit}-${++count}`,
    begin(next) {
      [commit, count] = [next, 0];
    },
  };
}

interface Side {
  readonly commit: (commands: readonly Command[], number: number) => Promise<Outcome[]>;
  readonly read: <T>(work: (read: ReadTable) => Promise<T>) => Promise<T>;
  readonly empty: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What an empty database has: the log's head, the same in both. */
const emptied = [
  ...["idempotency", "events", "reservations", "stock", "store_totals", "products", "stores"].map(
    (name) => `DELETE FROM ${name}`,
  ),
  "UPDATE log_head SET log_id = 'log', seq = 0, at = 0",
].join(";\n");

function openSqlite(): Side {
  const folder = mkdtempSync(join(tmpdir(), "onhand-differential-"));
  const ids = counter();
  const file = openForWriting(join(folder, "inventory.db"), 0, ids.newId);
  file.db.exec("PRAGMA synchronous = OFF");
  const commit = openSqliteCommit(file.db, { limits, now: () => clock.now, newId: ids.newId });
  return {
    async commit(commands, number) {
      ids.begin(number);
      return commit(commands);
    },
    read: (work) => work(readSqlite(file.db)),
    empty: async () => file.db.exec(emptied),
    async close() {
      file.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPostgres(): Promise<Side> {
  const url = await (await sharedPostgres()).newDatabase();
  const hand = new Client({ connectionString: url });
  await hand.connect();
  const options = { pooler: false, notify: null };
  const ids = counter();
  const database = { url, poolMin: 1, poolMax: 2, pooler: false, directUrl: null };
  const connections = openConnections(database);
  await migrate(connections, options, ids.newId);
  await hand.query(`
    CREATE SCHEMA clock;
    CREATE TABLE clock.reading (ms bigint);
    INSERT INTO clock.reading VALUES (0);
    CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql
      AS 'SELECT to_timestamp(ms / 1000.0) FROM clock.reading';
    DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET search_path = public, clock, pg_catalog', current_database());
      EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database());
    END $$`);
  await connections.close();
  const again = openConnections(database);
  const commit = openPostgresCommit(again, { ...options, limits, newId: ids.newId });
  let shown = 0;
  return {
    async commit(commands, number) {
      if (shown !== clock.now) {
        await hand.query("UPDATE clock.reading SET ms = $1", [clock.now]);
        shown = clock.now;
      }
      ids.begin(number);
      return commit(commands);
    },
    read: (work) =>
      openStatements(again, options).snapshot((statements) => work(readPostgres(statements))),
    empty: async () => void (await hand.query(emptied)),
    async close() {
      await again.close();
      await hand.end();
    },
  };
}

/** Commands that are committed together, at one time: in every fourth history few, else many. */
function batchesOf(
  steps: readonly Step[],
  history: number,
): { now: number; commands: Command[] }[] {
  const batches = [{ now: steps[0]?.now ?? 0, commands: [...opening] }];
  let open: (typeof batches)[number] | null = null;
  for (const [index, { now, cut, command }] of steps.entries()) {
    const ends = cut && (history % 4 === 0 || index % 5 === 0);
    if (open === null || ends) {
      open = { now, commands: [] };
      batches.push(open);
    }
    open.commands.push(command);
  }
  return batches;
}

test(`${commandsMin} random commands have the same outcomes and leave the same state on the model, SQLite and PostgreSQL`, {
  timeout: 600_000,
  skip: noPostgres,
}, async (t) => {
  const sqlite = openSqlite();
  const postgres = await openPostgres();
  t.after(async () => {
    await sqlite.close();
    await postgres.close();
  });
  const count = Math.ceil(commandsMin / historyCommands);
  const all = fc.sample(histories({ versions: true, length: historyCommands }), {
    numRuns: count,
    seed,
  });
  const kinds = new Map<string, number>();
  let commits = 0;
  for (const [index, steps] of all.entries()) {
    await Promise.all([sqlite.empty(), postgres.empty()]);
    const model = emptyDatabase();
    const ids = counter();
    for (const { now, commands } of batchesOf(steps, index)) {
      commits += 1;
      clock.now = now;
      ids.begin(commits);
      const modelled = commitModel(model, commands, { now, newId: ids.newId, isoTime, limits });
      const [one, other]: [Outcome[], Outcome[]] = await Promise.all([
        sqlite.commit(commands, commits),
        postgres.commit(commands, commits),
      ]);
      const where = `history ${index} (seed ${seed}), commit ${commits}`;
      assert.deepEqual(other, one, `PostgreSQL and SQLite, ${where}`);
      assert.deepEqual(one.map(decided), modelled.map(decided), `SQLite and the model, ${where}`);
      for (const { result } of one) {
        const kind = "reply" in result ? result.reply.kind : result.rejection.code;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
    const [one, other]: [string, string] = await Promise.all([
      sqlite.read(stateHash),
      postgres.read(stateHash),
    ]);
    assert.equal(other, one, `the state after history ${index} (seed ${seed})`);
    await sqlite.read((read) => mustBeLike(model, read));
  }
  t.diagnostic(`${count * historyCommands} commands in ${commits} commits, seed ${seed}`);
  t.diagnostic([...kinds].map(([kind, times]) => `${kind} ${times}`).join(", "));
  assert.ok(kinds.size > 20, "the commands meet many answers");
});

/** An outcome without what only a stored one has. */
function decided(
  outcome: Pick<Outcome, "at" | "requestId" | "result" | "replayed"> & {
    readonly events: readonly object[];
  },
): unknown {
  const { at, requestId, result, replayed, events } = outcome;
  // As JSON, as a kept answer is read back.
  return JSON.parse(JSON.stringify({ at, requestId, result, replayed, events: events.length }));
}

async function mustBeLike(model: MemoryDatabase, read: ReadTable): Promise<void> {
  const parts = [
    ["products", model.products, productOf, ({ id }: { id: string }) => id],
    ["stores", model.stores, placeOf, ({ id }: { id: string }) => id],
    ["reservations", model.reservations, reservationOf, ({ id }: { id: string }) => id],
    ["stock", model.stock, stockOf, ({ id }: { id: string }) => id],
  ] as const;
  for (const [name, map, rowOf, idOf] of parts) {
    const rows = await columnsOf(read, name);
    const stored = rows.map((row) => rowOf(row)).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
    const modelled = [...map.values()].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
    assert.deepEqual(stored, modelled, name);
  }
}

/** Rows as their readers take them: without `n`, and a product's without its search text. */
async function columnsOf(read: ReadTable, name: string): Promise<Values[]> {
  const table = tables.find((one) => one.name === name);
  assert.ok(table !== undefined);
  const search = Object.keys(table.columns).indexOf("search");
  const rows: Values[] = [];
  for await (const page of read(table)) rows.push(...page);
  return rows.map((row) => row.filter((_, at) => at !== search && !(table.counted && at === 0)));
}
