// Problems of a history in words: each with the operations that it is about, those beside them that were about the
// same rows or holds, and the part of the log.

import type { History, LogEvent, Operation, Problem } from "./history.ts";
import { rowsOf } from "./timeline.ts";

const problemsShown = 5;
/** Before and after. */
const neighbours = 6;

export function explain(history: History, problems: readonly Problem[]): string {
  const shown = problems.slice(0, problemsShown).map((one) => explainOne(history, one));
  const more = problems.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("\n\n");
}

function explainOne({ operations, log }: History, problem: Problem): string {
  const { rule, what, seq } = problem;
  const ids = new Set(problem.operations);
  const about = operations.filter(({ id }) => ids.has(id));
  const touched = new Set(about.flatMap(subjectsOf));
  const beside = operations
    .filter((one) => ids.has(one.id) || subjectsOf(one).some((subject) => touched.has(subject)))
    .sort((a, b) => a.invokedAt - b.invokedAt);
  const kept = aroundAll(beside, ({ id }) => ids.has(id));
  const places = new Set(log.filter(({ requestId }) => ids.has(requestId)).map((one) => one.seq));
  if (seq !== null) places.add(seq);
  const events = aroundAll(log, (one) => places.has(one.seq));
  return [
    `${rule}: ${[...ids].join(" and ")}${seq === null ? "" : ` at ${seq}`}: ${what}`,
    ...kept.map((one) => `  ${ids.has(one.id) ? ">" : " "} ${wordsOf(one)}`),
    ...events.map((one) => `  ${places.has(one.seq) ? ">" : " "} ${eventWords(one)}`),
  ].join("\n");
}

function aroundAll<Item>(items: readonly Item[], isIt: (item: Item) => boolean): readonly Item[] {
  const near = new Set<number>();
  for (const [index, item] of items.entries()) {
    if (!isIt(item)) continue;
    for (let place = index - neighbours; place <= index + neighbours; place += 1) near.add(place);
  }
  return items.filter((_, index) => near.has(index));
}

function subjectsOf({ request, outcome }: Operation): readonly string[] {
  const hold = "hold" in request ? request.hold : null;
  const named = outcome.kind === "ok" ? outcome.hold : null;
  return [...rowsOf(request), ...[hold, named].filter((one) => one !== null)];
}

function wordsOf({ id, invokedAt, returnedAt, request, outcome }: Operation): string {
  const [from, to] = [invokedAt.toFixed(3), returnedAt.toFixed(3)];
  return `${id} [${from}, ${to}] ${JSON.stringify(request)} → ${JSON.stringify(outcome)}`;
}

function eventWords({ seq, type, requestId, change }: LogEvent): string {
  return `${seq} ${type} by ${requestId} ${JSON.stringify(change)}`;
}
