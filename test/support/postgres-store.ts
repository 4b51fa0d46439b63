// The PostgreSQL adapter on a database without rows, in the server of the test process. To make a database takes a
// third of a second, to empty one a few milliseconds: so those that were given back are emptied and used again,
// by one test at a time. A connection to each is kept for that, and keeps no process alive.

import { Client } from "pg";
import { openStore } from "../../src/store/postgres/store.ts";
import type { Store, StoreOptions } from "../../src/store/store.ts";
import type { PgBouncer } from "./pgbouncer.ts";
import { databaseAt, sharedPostgres } from "./postgres.ts";
import { until } from "./until.ts";

export interface PostgresStore {
  readonly store: Store;
  /** Everything that is stored, as text; bytes are in it as hexadecimal digits. */
  text(): Promise<string>;
  close(): Promise<void>;
}

/** What the types of `pg` leave out: whether it keeps the process alive. */
type Sleeper = Client & { ref(): void; unref(): void };

interface Kept {
  readonly url: string;
  readonly client: Sleeper;
}

const free: Kept[] = [];

export async function openPostgresStore(
  options: Pick<StoreOptions, "limits">,
  pooler: PgBouncer | null = null,
): Promise<PostgresStore> {
  const kept = free.pop() ?? (await newKept());
  const { url, client } = kept;
  const database =
    pooler === null
      ? databaseAt(url)
      : databaseAt(pooler.urlOf(url), { pooler: true, directUrl: url });
  const store = await openStore(database, options);
  return {
    store,
    text: () => awake(client, () => textOf(client)),
    async close() {
      await store.close();
      await awake(client, async () => {
        // What a pooler keeps open is its own.
        if (pooler === null) await mustBeAlone(client);
        await client.query(emptySql);
      });
      free.push(kept);
    },
  };
}

async function newKept(): Promise<Kept> {
  const url = await (await sharedPostgres()).newDatabase();
  const client = new Client({ connectionString: url }) as Sleeper;
  // With the server, at the end.
  client.on("error", () => undefined);
  await client.connect();
  await client.query("SET lock_timeout = '5s'");
  client.unref();
  return { url, client };
}

async function awake<T>(client: Sleeper, work: () => Promise<T>): Promise<T> {
  client.ref();
  try {
    return await work();
  } finally {
    client.unref();
  }
}

/** A closed store leaves no connection behind, which could go on with something. */
async function mustBeAlone(client: Client): Promise<void> {
  const others = async (): Promise<number> => (await client.query(othersSql)).rowCount ?? 0;
  await until(async () => (await others()) === 0, "the connections of a closed store are gone");
}

const othersSql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
  AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;

/** Whoever opens it next finds another log, as a new one is. TRUNCATE takes ten times as long. */
const emptySql = `
  DO $$
  DECLARE name text;
  BEGIN
    SET LOCAL session_replication_role = replica; -- no foreign key is asked
    FOR name IN
      SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'
    LOOP
      EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences;
    INSERT INTO log_head (id, log_id, epoch, seq, at)
      VALUES (1, gen_random_uuid(), 1, 0, floor(extract(epoch FROM clock_timestamp()) * 1000));
  END $$`;

async function textOf(client: Client): Promise<string> {
  const tables = await client.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  const lines: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await client.query<{ row: string }>(
      `SELECT ${name}::text AS row FROM ${name}`,
    );
    lines.push(...rows.map(({ row }) => row));
  }
  return lines.join("\n");
}
