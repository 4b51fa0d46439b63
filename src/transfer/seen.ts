// Which rows of a file were seen, by what they are about, to find those that come twice. 16 to 32 bytes a row, in one
// piece: a Set of texts would take ten times that, and an import is to need no more memory for a longer file.
// Of a million rows two different ones are taken for the same once in 20,000 imports; that row is then refused with a
// word, never passed over.

import { hash } from "node:crypto";

export interface Seen {
  /** The row at which it was seen first; null: it was not. */
  add(text: string, row: number): number | null;
}

export function openSeen(): Seen {
  let size = 1_024;
  let count = 0;
  let marks = new Float64Array(size);
  let rows = new Uint32Array(size);

  /** Where it is, or where it would go. */
  function placeOf(mark: number): number {
    let at = mark % size;
    while (marks[at] !== 0 && marks[at] !== mark) at = (at + 1) % size;
    return at;
  }

  function grow(): void {
    const [oldMarks, oldRows] = [marks, rows];
    size *= 2;
    marks = new Float64Array(size);
    rows = new Uint32Array(size);
    for (const [at, mark] of oldMarks.entries()) {
      if (mark === 0) continue;
      const place = placeOf(mark);
      marks[place] = mark;
      rows[place] = oldRows[at] ?? 0;
    }
  }

  return {
    add(text, row) {
      const mark = markOf(text);
      const at = placeOf(mark);
      if (marks[at] === mark) return rows[at] ?? 0;
      marks[at] = mark;
      rows[at] = row;
      count += 1;
      if (count * 4 > size * 3) grow();
      return null;
    },
  };
}

/** 52 bits, and never 0. */
function markOf(text: string): number {
  return Number.parseInt(hash("sha256", text).slice(0, 13), 16) + 1;
}
