// What a figure depends on besides the program: the machine, its disk, versions, and what the databases promise.

import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem, type } from "node:os";
import { join } from "node:path";
import { must } from "../src/lib/assert.ts";
import { openFile } from "../src/store/sqlite/open.ts";
import { connected } from "../test/support/postgres.ts";
import type { Machine } from "./result.ts";

const root = join(import.meta.dirname, "..");

export function machineNow(): Omit<Machine, "postgres"> {
  return {
    processor: cpus()[0]?.model ?? "",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    sqlite: process.versions["sqlite"] ?? "",
    commit: git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+"),
    flushMs: flushMs(),
    loadAverage: Number((loadavg()[0] ?? 0).toFixed(1)),
  };
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}

/** A write of one page to a file's end, flushed, as a small commit does. */
function flushMs(): number {
  const folder = mkdtempSync(join(tmpdir(), "onhand-flush-"));
  const file = openSync(join(folder, "file"), "w");
  const page = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 101 }, () => {
    const startedAt = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - startedAt;
  }).sort((a, b) => a - b);
  closeSync(file);
  rmSync(folder, { recursive: true, force: true });
  return Number(must(times[50], "101 times").toFixed(2));
}

/** Opened as the service opens it, which refuses anything less. */
export function sqliteDurability(): string {
  const folder = mkdtempSync(join(tmpdir(), "onhand-settings-"));
  const db = openFile(join(folder, "settings.db"));
  const said = ["journal_mode", "synchronous", "wal_autocheckpoint"].map(
    (name) => `${name}=${Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {}).join()}`,
  );
  db.close();
  rmSync(folder, { recursive: true, force: true });
  return said.join(", ");
}

const postgresSettings = [
  "fsync",
  "synchronous_commit",
  "full_page_writes",
  "wal_sync_method",
  "shared_buffers",
  "max_wal_size",
];

export function postgresDurability(
  url: string,
): Promise<{ readonly version: string; readonly settings: string }> {
  return connected(url, async (client) => {
    const show = async (name: string): Promise<string> =>
      String(Object.values((await client.query(`SHOW ${name}`)).rows[0])[0]);
    const said: string[] = [];
    for (const name of postgresSettings) said.push(`${name}=${await show(name)}`);
    return { version: await show("server_version"), settings: said.join(", ") };
  });
}
