// Which columns a file has, known from its beginning: a CSV names them in its first row; of JSON lines, which each name
// their own, the first some hundred are looked at, or fewer where they are long.

import type { Format, Record } from "./records.ts";
import { columnsMax } from "./records.ts";
import { UnreadableError } from "./unreadable.ts";

const linesLookedAt = 256;
const charactersLookedAt = 2_000_000;
/** A name that is longer is nobody's column; all of them are told, and kept in memory. */
const nameLengthMax = 1_000;

/** The same records, and the columns of the first. */
export async function withHead(
  records: AsyncGenerator<Record>,
  format: Format,
): Promise<{ readonly head: readonly string[]; readonly records: AsyncIterable<Record> }> {
  const first: Record[] = [];
  const names = new Set<string>();
  const lookedAt = format === "csv" ? 1 : linesLookedAt;
  let isOver = false;
  let characters = 0;
  while (!isOver && first.length < lookedAt && characters < charactersLookedAt) {
    const { done, value } = await records.next();
    if (done === true) {
      isOver = true;
    } else {
      first.push(value);
      characters += value.length;
      for (const name of Object.keys(value.cells)) {
        if (names.size < columnsMax && name.length <= nameLengthMax) names.add(name);
      }
    }
  }
  if (first.length === 0) throw new UnreadableError("there are no rows in the file");
  async function* all(): AsyncGenerator<Record> {
    yield* first;
    if (!isOver) yield* records;
  }
  return { head: [...names].filter((name) => name !== ""), records: all() };
}
