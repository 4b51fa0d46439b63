// Contenders in turn: each is started alone (one that is only there takes its share of two cores, too), given its
// measurements, and stopped; and all of that again. Servers of `together` stay up throughout instead.

import { type Measurement, measure, middleOf, type Window } from "./measure.ts";
import type { Options } from "./options.ts";
import type { Loop } from "./plan.ts";
import type { Result } from "./result.ts";
import type { Server } from "./server.ts";

export interface Contender {
  readonly start: () => Promise<readonly Server[]>;
  readonly measurements: readonly Measurement[];
}

type Windows = Map<Measurement, Window[]>;

/** Tells of each window as it ends. */
export type Progress = (text: string) => void;

export async function inTurn(
  contenders: readonly Contender[],
  options: Options,
  progress: Progress,
): Promise<Result[]> {
  const windows: Windows = new Map();
  const wanted = contenders
    .map(({ start, measurements }) => ({ start, measurements: chosen(measurements, options) }))
    .filter(({ measurements }) => measurements.length > 0);
  for (let round = 0; round < options.repeat; round += 1) {
    for (const { start, measurements } of wanted) {
      const servers = await start();
      for (const one of measurements) await add(windows, servers, one, options, progress);
      await Promise.all(servers.map((server) => server.stop()));
    }
  }
  return resultsOf(windows);
}

/** Each measurement beside the servers that it is of, which are all up. */
export async function together(
  measured: readonly (readonly [readonly Server[], Measurement])[],
  options: Options,
  progress: Progress,
): Promise<Result[]> {
  const windows: Windows = new Map();
  for (let round = 0; round < options.repeat; round += 1) {
    for (const [servers, one] of measured) {
      if (chosen([one], options).length > 0) await add(windows, servers, one, options, progress);
    }
  }
  return resultsOf(windows);
}

async function add(
  windows: Windows,
  servers: readonly Server[],
  one: Measurement,
  options: Options,
  progress: Progress,
): Promise<void> {
  const window = await measure(servers, one, options);
  windows.set(one, [...(windows.get(one) ?? []), window]);
  progress(`${one.id}: ${window.perSecond.toLocaleString("en")}/s`);
}

function resultsOf(windows: Windows): Result[] {
  return Array.from(windows, ([one, all]) => middleOf(one, all));
}

export function chosen(
  measurements: readonly Measurement[],
  { only }: Options,
): readonly Measurement[] {
  if (only.length === 0) return measurements;
  return measurements.filter(({ id }) => only.some((begin) => id.startsWith(begin)));
}

/** The same work, begun at a share of the rate at which closed loops did it. */
export function paced(one: Measurement, closed: readonly Result[], share: number): Measurement[] {
  const found = closed.find(({ id }) => id === one.id);
  if (found === undefined) return [];
  const perSecond = Math.max(1, Math.round(found.perSecond * share));
  const loop: Loop = { kind: "open", perSecond, patienceMs: 10_000 };
  const percent = Math.round(share * 100);
  return [{ ...one, id: `${one.id}@${percent}`, title: `${one.title}, at ${percent} %`, loop }];
}
