// The log against the clock. An operation that was answered before another was asked for comes before it: a write
// has its place in the log, and a read or a refusal must fit a state at some place between what was known when it
// was asked for and what was asked for only after its answer. The earliest such place is taken for it, which leaves
// most room to those that come later; so if none fits them, none ever did.

import type { Report } from "./check.ts";
import type { Operation } from "./history.ts";
import { isSame, step as modelStep } from "./model.ts";
import type { LogStep } from "./steps.ts";
import type { Timeline } from "./timeline.ts";

export interface Placed {
  readonly operations: readonly Operation[];
  readonly stepOf: ReadonlyMap<string, LogStep>;
  readonly timeline: Timeline;
  /** The last place of the log. */
  readonly end: number;
}

export function checkTime({ operations, stepOf, timeline, end }: Placed, report: Report): void {
  const asked = operations.toSorted((a, b) => a.invokedAt - b.invokedAt);
  const answered = operations
    .filter(({ returnedAt }) => returnedAt < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.returnedAt - b.returnedAt);
  const ceilingOf = ceilings(asked, stepOf, end);
  const places = new Map<string, number>();
  /** The furthest place that somebody was told of, and who. */
  let floor = 0;
  let witness: Operation | null = null;
  let next = 0;
  for (const operation of asked) {
    for (; next < answered.length; next += 1) {
      const done = answered[next];
      if (done === undefined || done.returnedAt >= operation.invokedAt) break;
      const place = places.get(done.id) ?? 0;
      if (place > floor) [floor, witness] = [place, done];
    }
    const step = stepOf.get(operation.id);
    const about = { operations: witness === null ? [operation] : [operation, witness] };
    if (step !== undefined) {
      places.set(operation.id, step.last);
      if (step.first > floor) continue;
      const words = `it was asked for when place ${floor} had been told of`;
      report("real-time", words, { ...about, seq: step.first });
    } else if (operation.outcome.kind !== "unknown" && isObserver(operation)) {
      const ceiling = ceilingOf(operation.returnedAt);
      const place = placeFor(operation, timeline, floor, ceiling);
      if (place !== null) places.set(operation.id, place);
      else report("real-time", wordsFor(operation, floor, ceiling), { ...about, seq: floor });
    }
  }
}

/** What has no place of its own in the log. Of an acknowledged write it is said elsewhere that it has none. */
function isObserver({ request, outcome }: Operation): boolean {
  return outcome.kind === "refused" || request.kind === "read" || request.kind === "find";
}

function wordsFor({ outcome }: Operation, floor: number, ceiling: number): string {
  return `no state from place ${floor} to ${ceiling} gives the answer ${JSON.stringify(outcome)}`;
}

/** Before the first place of whatever was asked for only after a moment. */
function ceilings(
  asked: readonly Operation[],
  stepOf: ReadonlyMap<string, LogStep>,
  end: number,
): (returnedAt: number) => number {
  const lowest = new Array<number>(asked.length + 1).fill(end + 1);
  for (let index = asked.length - 1; index >= 0; index -= 1) {
    const first = stepOf.get(asked[index]?.id ?? "")?.first ?? Number.POSITIVE_INFINITY;
    lowest[index] = Math.min(first, lowest[index + 1] ?? first);
  }
  return (returnedAt) => {
    let [low, high] = [0, asked.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((asked[middle]?.invokedAt ?? 0) <= returnedAt) low = middle + 1;
      else high = middle;
    }
    return (lowest[low] ?? end + 1) - 1;
  };
}

function placeFor(
  { request, outcome }: Operation,
  timeline: Timeline,
  floor: number,
  ceiling: number,
): number | null {
  const named = "";
  const fits = (place: number): boolean =>
    isSame(outcome, modelStep(timeline.at(place), request, named).outcome);
  if (outcome.kind === "ok" && outcome.asOfSeq !== null) {
    const place = outcome.asOfSeq;
    return place >= floor && place <= ceiling && fits(place) ? place : null;
  }
  for (let place = floor; place <= ceiling; place = timeline.nextAfter(place, request)) {
    if (fits(place)) return place;
  }
  return null;
}
