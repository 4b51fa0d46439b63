// The repair that `onhand verify --repair` proposes, and writes where it is told to.

import { userInfo } from "node:os";
import type { loadConfig } from "../config.ts";
import { repairDatabase } from "../database.ts";
import { noteLengthMax } from "../limits.ts";
import type { Audited } from "./audit.ts";
import { UsageError } from "./command.ts";

export interface RepairWish {
  readonly write: boolean;
  readonly reason: string;
}

/** null: no repair is asked for. */
export function repairWishOf(values: {
  readonly repair?: boolean;
  readonly write?: boolean;
  readonly reason?: string;
}): RepairWish | null {
  const { repair = false, write = false, reason = "" } = values;
  if (!repair && (write || reason !== ""))
    throw new UsageError("--write and --reason need --repair");
  if (write && reason.trim() === "") throw new UsageError("--write needs --reason");
  if (reason.length > noteLengthMax) {
    throw new UsageError(`--reason is at most ${noteLengthMax} characters`);
  }
  return repair ? { write, reason } : null;
}

/** Answers whether something was written, so that it is worth looking again. */
export async function repairFindings(
  database: ReturnType<typeof loadConfig>["database"],
  { findings }: Audited,
  wish: RepairWish,
): Promise<boolean> {
  const actor = `user:${userInfo().username}`;
  const { done, left } = await repairDatabase(database, { ...wish, findings, actor });
  const title = wish.write ? "repaired" : "can be repaired";
  tell(title, done);
  tell("cannot be repaired by an event", left);
  if (done.length === 0 || wish.write) return done.length > 0;
  process.stdout.write('Nothing was written. To do it: --repair --write --reason "why"\n');
  return false;
}

function tell(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  process.stdout.write(`\n${title}:\n${lines.map((line) => `  ${line}\n`).join("")}`);
}
