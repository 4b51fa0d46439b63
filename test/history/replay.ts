// Plays the log on the model, step by step: each accepted decision must be one that the model makes in the state
// that the log had reached, with the same numbers, and must have been answered so. Whatever the log says is then
// followed, right or wrong, so that one mistake does not make the rest look wrong.

import type { Report } from "./check.ts";
import type { HoldStatus, Operation } from "./history.ts";
import { isSame, step as modelStep } from "./model.ts";
import type { LogStep } from "./steps.ts";
import { openTimeline, type Timeline } from "./timeline.ts";

const endings: Readonly<Record<string, HoldStatus>> = {
  "reservation.confirmed": "CONFIRMED",
  "reservation.cancelled": "CANCELLED",
  "reservation.expired": "EXPIRED",
};

export function replay(
  byId: ReadonlyMap<string, Operation>,
  steps: readonly LogStep[],
  report: Report,
): Timeline {
  const timeline = openTimeline();
  for (const step of steps) {
    const operation = byId.get(step.requestId);
    if (step.isExpiry) judgeExpiry(timeline, step, report);
    else if (operation !== undefined) judge(timeline, step, operation, report);
    follow(timeline, step);
  }
  return timeline;
}

function judge(timeline: Timeline, step: LogStep, operation: Operation, report: Report): void {
  const { request, outcome } = operation;
  const about = { operations: [operation], seq: step.first };
  const named = step.events[0]?.change.hold ?? "";
  const model = modelStep(timeline.now, request, named);
  if (model.outcome.kind === "refused") {
    const { code, facts } = model.outcome;
    return report("decisions", `it was done against ${code} ${JSON.stringify(facts)}`, about);
  }
  const expected = model.changes.map(({ type, row, after }) => textOf(type, row, after));
  const logged = step.events.map(({ type, change }) =>
    textOf(type, change.row, { ...change.after, version: change.version }),
  );
  if (expected.length !== logged.length) {
    const [is, should] = [logged.length, expected.length];
    report("effects", `it has ${is} events in the log, not ${should}`, about);
  } else if (logged.some((text, index) => text !== expected[index])) {
    report("decisions", `it did ${logged.join(", ")}, not ${expected.join(", ")}`, about);
  }
  if (outcome.kind === "ok" && !isSame(outcome, model.outcome)) {
    const [is, should] = [JSON.stringify(outcome), JSON.stringify(model.outcome)];
    report("decisions", `it was answered ${is}, not ${should}`, about);
  }
}

function textOf(
  type: string,
  row: string,
  { quantity, reserved, version }: { quantity: number; reserved: number; version: number },
): string {
  return `${type} ${row} v${version} ${quantity}/${reserved}`;
}

function judgeExpiry({ now }: Timeline, { events, first: seq }: LogStep, report: Report): void {
  for (const { change } of events) {
    const { row, hold, before, after } = change;
    const state = now.hold(hold ?? "");
    const units = state?.lines[0]?.quantity ?? 0;
    if (state?.status !== "PENDING") {
      report("decisions", `${hold} expired and was ${state?.status ?? "not there"}`, { seq });
    } else if (before.quantity !== after.quantity || before.reserved - units !== after.reserved) {
      report("decisions", `${hold} expired and ${row} did not get its units`, { seq });
    }
  }
}

function follow(timeline: Timeline, { events, last }: LogStep): void {
  const lines = new Map<string, { row: string; quantity: number }[]>();
  for (const { type, change } of events) {
    const { row, hold, before, after, version } = change;
    timeline.noteRow(last, row, { ...after, version });
    if (hold === null) continue;
    const status = endings[type];
    const state = timeline.now.hold(hold);
    if (status !== undefined) {
      timeline.noteHold(last, hold, { lines: state?.lines ?? [], status });
      continue;
    }
    const held = lines.get(hold) ?? [];
    lines.set(hold, held);
    held.push({ row, quantity: after.reserved - before.reserved });
    timeline.noteHold(last, hold, { lines: held, status: "PENDING" });
  }
}
