// The same work on many things, some of them at once: for what would be too slow one by one and too much all together.

/** Runs `run` on all, so many at a time, and keeps the order. Where one fails, none is begun any more. */
export async function together<Item, Value>(
  items: readonly Item[],
  atOnce: number,
  run: (item: Item) => Value | Promise<Value>,
): Promise<Value[]> {
  const values: Value[] = [];
  let next = 0;
  let isFailed = false;
  async function worker(): Promise<void> {
    while (next < items.length && !isFailed) {
      const at = next;
      next += 1;
      values[at] = await run(items[at] as Item);
    }
  }
  const workers = Array.from({ length: atOnce }, () =>
    worker().catch((error: unknown) => {
      isFailed = true;
      throw error;
    }),
  );
  // Nothing of it may still be on its way when it ends.
  const ended = await Promise.allSettled(workers);
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  return values;
}
