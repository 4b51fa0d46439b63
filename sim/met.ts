// What a world met of all that may go wrong. A simulation proves nothing of trouble that it never meets, so each kind is
// counted where it bites (a connection that was ended, a commit that waited for its disk), not where it was planned,
// and test/simulator.test.ts wants every kind met.

export const kinds = [
  ...["crash", "slow instance", "request doubled", "feed cut", "wake lost", "clock"],
  ...["database away", "connections ended", "database clock", "slow disk"],
  ...["commit's answer lost", "commit not answered in time", "commit's fate unknown"],
  ...["lock waited for too long", "refused as overloaded"],
  ...["redis away", "redis slow", "redis lost its end", "redis emptied", "redis' answer lost"],
  ...["lease ran out while relaying", "lease taken while relaying"],
  ...["client gave up and asked again", "client left, done", "client left, not done"],
] as const;

export type Kind = (typeof kinds)[number];

/** Called where trouble bites. */
export type Meet = (kind: Kind) => void;

/** In how many worlds each kind was met. */
export type Met = Record<Kind, number>;

export function noneMet(): Met {
  return Object.fromEntries(kinds.map((kind) => [kind, 0])) as Met;
}

/** One line for each kind, the rarest last. */
export function linesOf(met: Met, worlds: number): string[] {
  const rows = kinds.map((kind) => [kind, met[kind]] as const).sort(([, a], [, b]) => b - a);
  const width = `${worlds}`.length;
  return rows.map(([kind, count]) => `  ${`${count}`.padStart(width)}  ${kind}`);
}
