// Marks of what is published, for whoever reads the database itself (`synced`, `synced_at`). Nothing in the
// service reads them, so they may come late: rows that lie together are written again together, every few
// seconds and not after each run, and a bounded number at a time, so that no commit waits long.

import { markEveryMs } from "../limits.ts";
import type { Store } from "../store/store.ts";

export interface Marks {
  /** Marks some of what is not marked up to `published`, if it is time. */
  some(published: number): Promise<void>;
  /** Marks all of it, as far as it comes until then. */
  all(published: number, until: number): Promise<void>;
  /** When there is something to mark; null: all is marked. */
  dueAt(published: number): number | null;
}

export interface Clocks {
  readonly now: () => number;
  readonly steady: () => number;
}

export function openMarks(store: Pick<Store, "markPublished">, { now, steady }: Clocks): Marks {
  /** null: only the database knows. */
  let marked: number | null = null;
  let dueAt = steady() + markEveryMs;

  async function mark(published: number): Promise<number> {
    marked = await store.markPublished(published, now());
    return marked;
  }

  return {
    async some(published) {
      if (published <= (marked ?? 0) || steady() < dueAt) return;
      if ((await mark(published)) >= published) dueAt = steady() + markEveryMs;
    },
    async all(published, until) {
      while (published > (marked ?? 0) && steady() < until) await mark(published);
    },
    dueAt: (published) => (published > (marked ?? 0) ? dueAt : null),
  };
}
