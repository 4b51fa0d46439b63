// What can be seen on the machine of the service: its configuration, its database and the disk under it, Redis,
// and the file with the admin key.

import { existsSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Config,
  ConfigError,
  clientConfigFromEnvironment,
  configFromEnvironment,
} from "../../config.ts";
import { openBeside } from "../../database.ts";
import { isoTime } from "../../lib/clock.ts";
import { clockBehindMsMax } from "../../limits.ts";
import { pingRedis } from "../../publishing.ts";

export interface Finding {
  readonly check: string;
  readonly level: "ok" | "warning" | "error";
  readonly found: string;
  /** What to do; null where nothing is to be done. */
  readonly advice: string | null;
}

export type Tell = (finding: Finding) => void;

const diskBytesLow = 1024 ** 3;
const diskBytesNone = 100 * 1024 ** 2;

/** Answers where the service listens by its configuration; null where that cannot be known. */
export async function localFindings(tell: Tell): Promise<string | null> {
  const config = configuration(tell);
  if (config === null) return null;
  await findingsOf(config, tell);
  const host = ["0.0.0.0", "::"].includes(config.host) ? "127.0.0.1" : config.host;
  const ofClient = clientConfigFromEnvironment().url;
  if (ofClient !== null || config.port === 0) return ofClient;
  return `http://${host.includes(":") ? `[${host}]` : host}:${config.port}`;
}

/** What is there of what a configuration names. */
export async function findingsOf(config: Config, tell: Tell): Promise<void> {
  await database(config, tell);
  disk(config, tell);
  await redis(config, tell);
  adminKey(config, tell);
}

function configuration(tell: Tell): Config | null {
  try {
    const config = configFromEnvironment();
    const found = `database ${config.database.name}, Redis ${config.redis === null ? "not used" : "used"}`;
    tell({ check: "configuration", level: "ok", found, advice: null });
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { name, reason } of error.faults) {
      const advice = "Set it right or take it out of the environment; README.md lists all settings";
      tell({ check: "configuration", level: "error", found: `${name} ${reason}`, advice });
    }
    return null;
  }
}

async function database({ database }: Config, tell: Tell): Promise<void> {
  const check = "database";
  try {
    const startedAt = performance.now();
    const store = await openBeside(database);
    try {
      const head = await store.head();
      const ms = Math.round(performance.now() - startedAt);
      const found = `${head.seq} events, epoch ${head.epoch}, read in ${ms} ms`;
      tell({ check, level: "ok", found, advice: null });
      const unsafe = await store.whyUnsafe();
      if (unsafe !== null) {
        const advice = "The service does not start on it; what it has answered since may be lost";
        tell({ check: "durability", level: "error", found: unsafe, advice });
      }
      clock(head.at, tell);
    } finally {
      await store.close();
    }
  } catch (error) {
    const advice =
      database.kind === "postgres"
        ? "See that PostgreSQL runs, that DATABASE_URL names it, and that its user may log in"
        : "See that DATABASE_URL and ONHAND_DATA_DIR are those of the service";
    tell({ check, level: "error", found: wordsOf(error), advice });
  }
}

function clock(at: number, tell: Tell): void {
  const behindMs = at - Date.now();
  const last = `the last event is of ${isoTime(at)}`;
  if (behindMs <= clockBehindMsMax) {
    return tell({ check: "clock", level: "ok", found: last, advice: null });
  }
  const found = `${last}, ${Math.round(behindMs / 1000)} s ahead of this machine's clock`;
  const advice =
    "Until the clock has caught up no hold expires. Set it (timedatectl set-ntp true); if it is right, it was ahead once";
  tell({ check: "clock", level: "error", found, advice });
}

function disk({ database, dataDir }: Config, tell: Tell): void {
  const folder = database.kind === "sqlite" ? dirname(database.path) : dataDir;
  if (!existsSync(folder)) {
    const found = `${folder} is not there yet`;
    return tell({ check: "disk", level: "warning", found, advice: "The first start makes it" });
  }
  const { bavail, bsize, blocks } = statfsSync(folder);
  const free = bavail * bsize;
  const percent = Math.round((bavail / Math.max(1, blocks)) * 100);
  const found = `${sizeOf(free)} free (${percent} %) at ${folder}`;
  tell({ check: "disk", ...diskLevel(free), found });
}

export function diskLevel(free: number): Pick<Finding, "level" | "advice"> {
  if (free < diskBytesNone) {
    return { level: "error", advice: "Writes are about to be refused: free space now" };
  }
  if (free < diskBytesLow) {
    return { level: "warning", advice: "Free space, or move the data to a larger disk" };
  }
  return { level: "ok", advice: null };
}

function sizeOf(bytes: number): string {
  const gigabytes = bytes / 1024 ** 3;
  return gigabytes >= 1 ? `${gigabytes.toFixed(1)} GiB` : `${Math.round(bytes / 1024 ** 2)} MiB`;
}

async function redis({ redis }: Config, tell: Tell): Promise<void> {
  const check = "redis";
  if (redis === null) {
    const found = "not used: events are published nowhere";
    return tell({ check, level: "ok", found, advice: null });
  }
  try {
    const advice = await pingRedis(redis.url);
    if (advice === null) tell({ check, level: "ok", found: "it answers", advice });
    else tell({ check, level: "warning", found: "it answers", advice });
  } catch (error) {
    const advice =
      "The service goes on without it and catches up. See that it runs, and that REDIS_URL names it";
    tell({ check, level: "error", found: wordsOf(error), advice });
  }
}

function adminKey({ dataDir, adminKey }: Config, tell: Tell): void {
  const check = "admin key";
  const file = join(dataDir, "admin.key");
  if (!existsSync(file)) {
    const found =
      adminKey === null ? `there is no ${file}` : "it is in ONHAND_ADMIN_KEY, in no file";
    return tell({ check, level: "ok", found, advice: null });
  }
  const { mode } = statSync(file);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    const found = `others can read ${file} (mode ${(mode & 0o777).toString(8)})`;
    const advice = `chmod 600 ${file}; if somebody may have read it, make another key and revoke this one`;
    return tell({ check, level: "error", found, advice });
  }
  const advice = adminKey === null ? null : "ONHAND_ADMIN_KEY is set: delete the file";
  const level = advice === null ? "ok" : "warning";
  tell({ check, level, found: `${file} is for its owner alone`, advice });
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
