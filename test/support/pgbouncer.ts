// A PgBouncer of the tests' own before a PostgreSQL of theirs, in transaction mode: a connection to the server is
// handed on after each transaction. It holds few of them, so that they do change hands.

import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { must } from "../../src/lib/assert.ts";
import { freePort } from "./free-port.ts";
import { type Postgres, query } from "./postgres.ts";
import { noPostgres, superuser } from "./postgres-programs.ts";
import { openHome, type Server } from "./server.ts";
import { until } from "./until.ts";

export interface PgBouncer {
  readonly port: number;
  /** The same database, behind it. */
  urlOf(direct: string): string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  close(): Promise<void>;
}

// Debian keeps it out of the path of users.
const program = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"]
  .map((folder) => join(folder, "pgbouncer"))
  .find((path) => existsSync(path));

/** Why tests that need a PgBouncer cannot run here; false: they can. */
export const noPgBouncer: string | false =
  noPostgres ||
  (program === undefined && process.env["CI"] !== "true"
    ? "there is no PgBouncer on this machine (apt-get install pgbouncer)"
    : false);

export async function startPgBouncer(server: Pick<Postgres, "port">): Promise<PgBouncer> {
  const path = must(program, "PgBouncer is installed (apt-get install pgbouncer)");
  const home = openHome("pgbouncer");
  const port = await freePort();
  const config = join(home.path, "pgbouncer.ini");
  writeFileSync(config, configOf(server.port, port));
  let running: Server;

  async function start(): Promise<void> {
    running = home.start(path, [config]);
    const url = `postgres://${superuser}@127.0.0.1:${port}/postgres`;
    const answers = (): Promise<boolean> =>
      query(url, "SELECT 1").then(
        () => true,
        () => running.exit() !== null,
      );
    await until(answers, "PgBouncer answers");
    if (running.exit() !== null) throw new Error(`PgBouncer did not start:\n${home.log()}`);
  }

  await start();
  return {
    port,
    urlOf: (direct) => direct.replace(`:${server.port}/`, `:${port}/`),
    kill: () => running.end("SIGKILL"),
    start,
    signal: (name) => running.signal(name),
    async close() {
      await running.end("SIGKILL");
      home.close();
    },
  };
}

function configOf(server: number, port: number): string {
  return `[databases]
* = host=127.0.0.1 port=${server} user=${superuser}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
`;
}
