// Which database the environment names: a file, or PostgreSQL with its pool. A part of config.ts.

import { resolve } from "node:path";
import type { EnvironmentReader } from "./lib/environment.ts";

/** `name` is for people: it holds no password. */
export type DatabaseConfig =
  | { readonly kind: "sqlite"; readonly name: string; readonly path: string }
  | {
      readonly kind: "postgres";
      readonly name: string;
      readonly url: string;
      readonly poolMin: number;
      readonly poolMax: number;
      /** A pooler that hands connections from transaction to transaction stands before it. */
      readonly pooler: boolean;
      /** Past the pooler. */
      readonly directUrl: string | null;
    };

const postgresNames = [
  "DATABASE_POOL_MAX",
  "DATABASE_POOL_MIN",
  "DATABASE_POOLER",
  "DATABASE_DIRECT_URL",
];
export function databaseOf(read: EnvironmentReader, dataDir: string): DatabaseConfig {
  const url = read.get("DATABASE_URL");
  if (url !== null && /^postgres(ql)?:/.test(url)) return postgresOf(read, url);
  for (const name of postgresNames) {
    read.refuse(name, "has no effect without a DATABASE_URL of PostgreSQL");
  }
  const path = url === null ? resolve(dataDir, "inventory.db") : fileOf(read, url);
  return { kind: "sqlite", name: path, path };
}

function fileOf(read: EnvironmentReader, url: string): string {
  // What stands behind two slashes is a host in every URL: taken for a folder of `/`, it would be another database.
  const path = /^sqlite:(?:\/\/(?=\/)|(?!\/\/))(.+)$/.exec(url)?.[1];
  if (path === undefined) {
    read.fault(
      "DATABASE_URL",
      "must be sqlite:<file>, such as sqlite:./data/inventory.db, or postgres://user@host/database",
    );
    return "";
  }
  if (path.includes(":memory:")) {
    read.fault(
      "DATABASE_URL",
      "a database in memory would lose what was acknowledged; name a file",
    );
  }
  if (/^file:|\?/.test(path)) {
    read.fault("DATABASE_URL", 'must be a plain file name, without "file:" and options after "?"');
  }
  return resolve(path);
}

function postgresOf(read: EnvironmentReader, url: string): DatabaseConfig {
  const poolMax = read.integer("DATABASE_POOL_MAX", 10, 2, 1_000);
  const directUrl = read.get("DATABASE_DIRECT_URL");
  if (directUrl !== null) checkPostgresUrl(read, "DATABASE_DIRECT_URL", directUrl);
  return {
    kind: "postgres",
    name: checkPostgresUrl(read, "DATABASE_URL", url),
    url,
    poolMax,
    poolMin: read.integer("DATABASE_POOL_MIN", 2, 0, poolMax),
    pooler: read.oneOf("DATABASE_POOLER", ["none", "transaction"] as const, "none") !== "none",
    directUrl,
  };
}

/**
 * How it is reached. The driver passes over what it does not know, so a misspelt sslmode would go without TLS; and what
 * else it knows would undo how a session is set up here (options, application_name, timeouts).
 */
const urlOptions = [
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "sslnegotiation",
  "uselibpqcompat",
  "ssl",
  "host",
];

/** Answers hosts and database, without user and password. */
function checkPostgresUrl(read: EnvironmentReader, name: string, text: string): string {
  const parts = /^(postgres(?:ql)?):\/\/([^@/?]*@)?([^@/?]+)(\/[^/?]+)(\?.*)?$/.exec(text);
  const [, scheme, user = "", hosts = "", database = "", options = ""] = parts ?? [];
  const isWhole = (host: string): boolean =>
    host !== "" && URL.parse(`http://${user}${host}${database}${options}`) !== null;
  if (scheme === undefined || !hosts.split(",").every(isWhole)) {
    read.fault(
      name,
      "must be postgres://user:password@host:5432/database (several hosts by commas; a password with / @ : ? # is percent-encoded)",
    );
  }
  for (const option of new URLSearchParams(options).keys()) {
    if (urlOptions.includes(option)) continue;
    read.fault(name, `must not have "${option}"; known are ${urlOptions.join(", ")}`);
  }
  return `postgres://${hosts}${database}`;
}
