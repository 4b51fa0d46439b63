// Marks of what is published, for whoever reads the database itself (`synced`, `synced_at`). Nothing in the
// service reads them, so they may come late: rows that lie together are written again together, every few
// seconds and not after each run, and a bounded number at a time, so that no commit waits long.

import { markEveryMs } from "../limits.ts";
import type { Store } from "../store/store.ts";

export interface Marks {
  /** Marks some of what is not marked up to `published`; answers when it wants to go on, by the steady clock. */
  some(published: number): Promise<number>;
  /** Marks all of it, as far as it comes until then. */
  all(published: number, until: number): Promise<void>;
}

export interface Clocks {
  readonly now: () => number;
  readonly steady: () => number;
}

export function openMarks(store: Pick<Store, "markPublished">, { now, steady }: Clocks): Marks {
  /** 0: only the database knows. */
  let marked = 0;

  async function mark(published: number): Promise<void> {
    marked = await store.markPublished(published, now());
  }

  return {
    async some(published) {
      if (published > marked) await mark(published);
      return published > marked ? steady() : steady() + markEveryMs;
    },
    async all(published, until) {
      while (published > marked && steady() < until) await mark(published);
    },
  };
}
