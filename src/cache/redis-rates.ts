// Rates that instances count together, in Redis. Who asks says what it does where there is no answer.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { scriptOf } from "../bus/redis-connection.ts";
import type { QuickRedis } from "./redis.ts";

export interface SharedRate {
  /** With this one. */
  readonly count: number;
  /** Until it begins anew, ms. */
  readonly leftMs: number;
}

export interface SharedRates {
  /** null: Redis does not say. */
  count(name: string, who: string, windowMs: number): Promise<SharedRate | null>;
}

const countScript = scriptOf(readFileSync(join(import.meta.dirname, "count.lua"), "utf8"));

export function openSharedRates(redis: QuickRedis, prefix: string): SharedRates {
  return {
    async count(name, who, windowMs) {
      const key = `${prefix}rate:${name}:${who}`;
      const answer = await redis.run(countScript, [key], [String(windowMs)]);
      const [count, leftMs] = Array.isArray(answer) ? answer : [];
      return typeof count === "number" && typeof leftMs === "number" ? { count, leftMs } : null;
    },
  };
}
