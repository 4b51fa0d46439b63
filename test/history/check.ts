// Holds a history to promise G2: linearizable per stock row, strictly serializable over several. The log is a total
// order of all writes, so nothing has to be searched for: it is enough that the log is whole, that every operation
// is in it as it was answered, that every decision is right where it stands, and that the order agrees with real
// time. Takes O(n log n), and for each read or refusal the changes of its rows while it was under way.
//
// Pure. It takes nothing from the service but the log; what is right is said by model.ts.

import { assert } from "../../src/lib/assert.ts";
import { checkLog } from "./check-log.ts";
import { checkTime } from "./check-time.ts";
import type { History, Operation, Problem, Rule } from "./history.ts";
import { replay } from "./replay.ts";
import { type LogStep, stepsOf } from "./steps.ts";

/** A broken history breaks everywhere; the first of its problems say enough. */
const problemsMax = 200;

export type Report = (
  rule: Rule,
  what: string,
  about: { readonly operations?: readonly Operation[]; readonly seq?: number },
) => void;

export function check({ operations, log }: History): readonly Problem[] {
  const problems: Problem[] = [];
  const report: Report = (rule, what, about) => {
    if (problems.length >= problemsMax) return;
    const ids = (about.operations ?? []).map(({ id }) => id);
    problems.push({ rule, what, operations: ids, seq: about.seq ?? null });
  };
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  assert(byId.size === operations.length, "each operation has an id of its own");
  const isOpen = ({ returnedAt }: Operation): boolean => returnedAt === Number.POSITIVE_INFINITY;
  const isUnknown = ({ outcome }: Operation): boolean => outcome.kind === "unknown";
  assert(
    operations.every((one) => isOpen(one) === isUnknown(one)),
    "what has an answer has an end",
  );
  checkLog(log, report);
  const steps = stepsOf(log);
  const stepOf = checkEffects(byId, steps, report);
  checkAnswers(operations, report);
  const timeline = replay(byId, steps, report);
  checkTime({ operations, stepOf, timeline, end: log.at(-1)?.seq ?? 0 }, report);
  return problems;
}

/** What was acknowledged is there once and whole, what was refused is not, and nothing else is. */
function checkEffects(
  byId: ReadonlyMap<string, Operation>,
  steps: readonly LogStep[],
  report: Report,
): ReadonlyMap<string, LogStep> {
  const stepOf = new Map<string, LogStep>();
  for (const step of steps) {
    if (step.isExpiry) continue;
    const { requestId, first: seq } = step;
    const operation = byId.get(requestId);
    if (operation === undefined) report("effects", `${requestId} is of nobody`, { seq });
    else if (stepOf.has(requestId)) {
      report("effects", "it is in the log twice", { operations: [operation], seq });
    } else stepOf.set(requestId, step);
  }
  for (const operation of byId.values()) {
    const { outcome, id } = operation;
    const step = stepOf.get(id);
    const about = { operations: [operation], ...(step === undefined ? {} : { seq: step.first }) };
    if (outcome.kind === "refused" && step !== undefined) {
      report("effects", `it was refused (${outcome.code}), and done`, about);
    }
    if (!isWrite(operation) && step !== undefined) report("effects", "a read wrote", about);
    if (outcome.kind === "ok" && isWrite(operation) && step === undefined) {
      report("effects", "it was acknowledged, and is not in the log", about);
    }
  }
  return stepOf;
}

export function isWrite({ request }: Operation): boolean {
  return request.kind !== "read" && request.kind !== "find";
}

function checkAnswers(operations: readonly Operation[], report: Report): void {
  for (const operation of operations) {
    const [first, ...others] = operation.answers;
    const other = others.find((one) => one !== first);
    if (other === undefined) continue;
    report("answers", `one key was answered ${first} and ${other}`, { operations: [operation] });
  }
}
