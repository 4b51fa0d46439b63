// A PostgreSQL of the tests' own: the programs of the machine on a free port in a temporary folder, ended by
// their process ids. Commits are flushed as in service. Without the programs a run says loudly what it left out,
// and fails with CI=true.
//
//   sharedPostgres   one server for the whole test process: newDatabase() for each test
//   startPostgres    one that a test may stop, kill or hang
//   startStandby     a second one that follows it

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import type { Database } from "../../src/store/postgres/connections.ts";
import { freePort } from "./free-port.ts";
import { makeCluster, programOf, superuser } from "./postgres-programs.ts";
import { openHome, type Server, type ServerHome } from "./server.ts";
import { until } from "./until.ts";

export type Settings = Readonly<Record<string, string | number>>;

export interface PostgresOptions {
  /** As in postgresql.conf. */
  readonly settings?: Settings;
}

export interface Postgres {
  /** Of the database "postgres"; newDatabase() answers others. */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** What it has written to its log. */
  log(): string;
  urlOf(database: string): string;
  /** The URL of a new database: empty, or with all that another of its databases has, which nobody has open. */
  newDatabase(from?: string): Promise<string>;
  /** Ends it: "fast" as an operator does, "immediate" without tidying up. */
  stop(mode?: "fast" | "immediate"): Promise<void>;
  /** Ends it and all its processes at once, as the end of its machine does. */
  kill(): Promise<void>;
  /** Starts it again on its port, with all that it had. */
  start(): Promise<void>;
  restart(): Promise<void>;
  /** To it and all its processes: SIGSTOP for a server that hangs, SIGCONT. */
  signal(name: NodeJS.Signals): void;
  /** Makes a standby the primary. */
  promote(): Promise<void>;
  /** Ends it for good, and removes its folder. Without it: with the test's process. */
  close(): Promise<void>;
}

const patienceMs = 30_000;

/** A user whose password is asked for. All others come in without one. */
export const guardedUser = "guarded";

/** What of a server belongs to none of the tests on it. */
export type SharedPostgres = Pick<Postgres, "url" | "port" | "urlOf" | "newDatabase">;

let shared: Promise<SharedPostgres> | null = null;

/** The server of this test process, which ends with it; or that of its run, where there is one for all files. */
export function sharedPostgres(): Promise<SharedPostgres> {
  const port = process.env["ONHAND_TEST_POSTGRES_PORT"];
  shared ??= port === undefined ? startPostgres() : Promise.resolve(databasesAt(Number(port)));
  return shared;
}

function databasesAt(port: number): SharedPostgres {
  const urlOf = (database: string): string =>
    `postgres://${superuser}@127.0.0.1:${port}/${database}`;
  const url = urlOf("postgres");
  let made = 0;
  return {
    url,
    port,
    urlOf,
    async newDatabase(from) {
      made += 1;
      const name = `test_${process.pid}_${made}`;
      const template = from === undefined ? "" : ` TEMPLATE ${new URL(from).pathname.slice(1)}`;
      await query(url, `CREATE DATABASE ${name}${template}`);
      return urlOf(name);
    },
  };
}

export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const home = openHome("postgres");
  const data = join(home.path, "data");
  makeCluster(home, data);
  const access = join(data, "pg_hba.conf");
  const rule = `host all ${guardedUser} 127.0.0.1/32 scram-sha-256\n`;
  writeFileSync(access, rule + readFileSync(access, "utf8"));
  return serve(home, data, options);
}

/** A copy of a server that runs, and follows it. `name` is how the primary knows it (application_name). */
export async function startStandby(
  primary: SharedPostgres,
  options: PostgresOptions & { readonly name?: string } = {},
): Promise<Postgres> {
  const { name = "standby", ...rest } = options;
  const home = openHome("standby");
  const data = join(home.path, "data");
  const from = `${primary.url}?application_name=${name}`;
  const backup = ["--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", "--no-sync"];
  home.run(programOf("pg_basebackup"), ["-D", data, ...backup, "-d", from]);
  return serve(home, data, rest);
}

async function serve(home: ServerHome, data: string, options: PostgresOptions): Promise<Postgres> {
  const port = await freePort();
  const settings: Settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: home.path,
    max_connections: 100,
    shared_buffers: "32MB",
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const databases = databasesAt(port);
  let server: Server;

  async function start(): Promise<void> {
    const deadline = performance.now() + patienceMs;
    do {
      server = home.start(programOf("postgres"), ["-D", data, ...args]);
      await until(() => isReady(data, server) || server.exit() !== null, "it starts", patienceMs);
      if (server.exit() === null) return;
      // After a kill the last of its processes may not be gone yet.
    } while (/shared memory block/.test(home.log()) && performance.now() < deadline);
    throw new Error(`PostgreSQL did not start:\n${home.log()}`);
  }
  /** "immediate" is the answer to a quit. */
  async function stop(mode: "fast" | "immediate" = "fast"): Promise<void> {
    await server.end(mode === "fast" ? "SIGINT" : "SIGQUIT");
  }
  function signal(name: NodeJS.Signals): void {
    if (server.exit() !== null) return;
    // Its children first would be taken for crashed by it.
    const all = [server.pid, ...childrenOf(server.pid)];
    for (const pid of all) tell(pid, name);
  }
  async function kill(): Promise<void> {
    signal("SIGKILL");
    await until(() => server.exit() !== null, "the server is gone");
  }

  await start();
  return {
    ...databases,
    folder: home.path,
    log: home.log,
    stop,
    kill,
    start,
    async restart() {
      await stop();
      await start();
    },
    signal,
    async promote() {
      await query(databases.url, "SELECT pg_promote()");
    },
    async close() {
      signal("SIGCONT");
      await stop("immediate");
      home.close();
    },
  };
}

/** Its own note of how far it is: asking it would fill its log with refusals. */
function isReady(data: string, { pid }: Server): boolean {
  const path = join(data, "postmaster.pid");
  if (!existsSync(path)) return false;
  const lines = readFileSync(path, "utf8").split("\n");
  return Number(lines[0]) === pid && /^(?:ready|standby)/.test(lines[7] ?? "");
}

function childrenOf(parent: number): number[] {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

function tell(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Works over a connection of its own. */
export async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** One statement, or several. */
export function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  return connected(url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
}

/** A database as the adapter takes it. */
export function databaseAt(url: string, over: Partial<Database> = {}): Database {
  return { url, poolMin: 0, poolMax: 4, pooler: false, directUrl: null, ...over };
}
