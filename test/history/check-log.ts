// The log by itself: numbered without a gap, each row's versions 1, 2, 3 …, each event beginning where the former
// one of its row ended, time that never goes back, and holds that end neither too early nor too late.

import type { Report } from "./check.ts";
import type { LogEvent, LoggedChange } from "./history.ts";

const ended = new Set(["reservation.confirmed", "reservation.cancelled"]);

export function checkLog(log: readonly LogEvent[], report: Report): void {
  const rows = new Map<string, LoggedChange>();
  let former: LogEvent | null = null;
  for (const event of log) {
    const { seq, at, change } = event;
    const expected = former === null ? 1 : former.seq + 1;
    if (seq !== expected) report("log", `${seq} stands where ${expected} should`, { seq });
    if (former !== null && at < former.at) report("log", "time goes back", { seq });
    former = event;
    if (change === null) continue;
    checkRow(rows.get(change.row), change, seq, report);
    rows.set(change.row, change);
    checkEnd(event, change, report);
  }
}

function checkRow(
  former: LoggedChange | undefined,
  { row, before, after, version }: LoggedChange,
  seq: number,
  report: Report,
): void {
  const expected = (former?.version ?? 0) + 1;
  if (version !== expected) {
    report("log", `${row} has version ${version} where ${expected} should be`, { seq });
  }
  const { quantity, reserved } = former?.after ?? { quantity: 0, reserved: 0 };
  if (before.quantity !== quantity || before.reserved !== reserved) {
    const [is, was] = [JSON.stringify(before), JSON.stringify({ quantity, reserved })];
    report("log", `${row} begins at ${is} where it was left at ${was}`, { seq });
  }
  if (after.reserved < 0 || after.reserved > after.quantity) {
    report("log", `${row} is oversold: ${JSON.stringify(after)}`, { seq });
  }
}

/** By the log's own clock: a hold is ended because it was due, or before. */
function checkEnd(
  { seq, at, type, isExpiry }: LogEvent,
  { hold, expiresAt }: LoggedChange,
  report: Report,
): void {
  if (expiresAt === null) return;
  if (isExpiry && at < expiresAt) report("log", `${hold} expired before it was due`, { seq });
  if (ended.has(type) && at >= expiresAt)
    report("log", `${hold} was used when it was due`, { seq });
}
