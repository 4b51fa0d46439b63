// Chance that a seed decides: the same seed draws the same numbers. Each part of a simulation has a stream of its
// own, named, so that a part that draws more than before does not shift what the others draw.
//
// The generator is sfc32 (PractRand by Chris Doty-Humphrey), seeded by FNV-1a of the names.

export interface Chance {
  /** In [0, 1). */
  next(): number;
  /** An integer in [min, max]. */
  between(min: number, max: number): number;
  /** True in so many of 1. */
  hits(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Milliseconds, mostly near `typical`, now and then many times that. */
  wait(typicalMs: number): number;
  /** A stream of its own. */
  of(name: string): Chance;
}

export function chanceOf(seed: number, name = ""): Chance {
  const next = sfc32(fnv1a(`${seed}/${name}`));
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    between,
    hits: (share) => next() < share,
    pick(list) {
      const one = list[Math.floor(next() * list.length)];
      if (one === undefined) throw new Error("nothing to pick from");
      return one;
    },
    wait: (typicalMs) => -Math.log(1 - next()) * typicalMs,
    of: (child) => chanceOf(seed, `${name}/${child}`),
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

function sfc32(seed: number): () => number {
  let [a, b, c, count] = [0, seed | 0, 0x9e3779b9 | 0, 1];
  const next = (): number => {
    const sum = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  // Until the seed is in every bit.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}
