// Lists with --limit: as many as are wanted, in pages that are no larger than that.

import { UsageError } from "../command.ts";
import { firstOf } from "../output.ts";
import type { Asked } from "./actions.ts";

const pageMax = 500;

export function limited<Item>(
  { number }: Pick<Asked, "number">,
  list: (pageSize: number) => AsyncIterable<Item>,
): AsyncIterable<Item> {
  const limit = number("limit");
  if (limit === undefined) return list(pageMax);
  if (!Number.isInteger(limit) || limit < 1) {
    throw new UsageError("--limit is a whole number from 1");
  }
  return firstOf(list(Math.min(limit, pageMax)), limit);
}
