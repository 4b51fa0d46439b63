// A whole list, read page by page while it is used: for what is about all of it, however long it is. What others change
// meanwhile may be in it or not.

import { pageLimitMax } from "../limits.ts";
import type { After, Page, PageQuery } from "../store/store.ts";

export async function* wholeList<Item>(
  read: (query: PageQuery) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let after: After = null;
  do {
    const page: Page<Item> = await read({ after, limit: pageLimitMax });
    yield* page.items;
    after = page.next;
  } while (after !== null);
}
