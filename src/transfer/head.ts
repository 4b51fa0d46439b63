// Which columns a file has, known from its beginning: a CSV names them in its first row; of JSON lines, which each name
// their own, the first some hundred are looked at.

import type { Format, Record } from "./records.ts";
import { columnsMax } from "./records.ts";
import { UnreadableError } from "./unreadable.ts";

const linesLookedAt = 256;

/** The same records, and the columns of the first. */
export async function withHead(
  records: AsyncGenerator<Record>,
  format: Format,
): Promise<{ readonly head: readonly string[]; readonly records: AsyncIterable<Record> }> {
  const first: Record[] = [];
  const names = new Set<string>();
  const lookedAt = format === "csv" ? 1 : linesLookedAt;
  let isOver = false;
  while (!isOver && first.length < lookedAt) {
    const { done, value } = await records.next();
    if (done === true) {
      isOver = true;
    } else {
      first.push(value);
      for (const name of Object.keys(value.cells)) if (names.size < columnsMax) names.add(name);
    }
  }
  if (first.length === 0) throw new UnreadableError("there are no rows in the file");
  async function* all(): AsyncGenerator<Record> {
    yield* first;
    if (!isOver) yield* records;
  }
  return { head: [...names].filter((name) => name !== ""), records: all() };
}
