// Lists: one page, or all of them one after the other, asked for only as they are needed.

import type { Call, CallOptions } from "./calls.ts";

export interface Page<Item> {
  readonly items: Item[];
  readonly next_cursor: string | null;
}

/** A list that is read by iterating: `for await (const item of list)`, or page by page. Nothing is asked before that. */
export interface List<P extends Page<unknown>> extends AsyncIterable<P["items"][number]> {
  /** The first page, or the one at the `cursor` of the query. */
  page(): Promise<P>;
  /** Every page, each with the totals or places that belong to it. */
  pages(): AsyncIterable<P>;
}

export function listAt<P extends Page<unknown>>(
  call: Call,
  path: string,
  query: object | undefined,
  options: CallOptions | undefined,
): List<P> {
  const read = (more: object): Promise<P> =>
    call<P>({ method: "GET", path, kind: "read", query: { ...query, ...more } }, options);

  async function* pages(): AsyncGenerator<P, void, undefined> {
    let page = await read({});
    yield page;
    while (page.next_cursor !== null) {
      page = await read({ cursor: page.next_cursor });
      yield page;
    }
  }

  return {
    page: () => read({}),
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const { items } of pages()) yield* items;
    },
  };
}

/** A path with its parts in place, each encoded. */
export function pathOf(strings: TemplateStringsArray, ...parts: readonly string[]): string {
  let path = strings[0] ?? "";
  for (const [index, part] of parts.entries()) {
    // These would be taken for steps of the path, also encoded, and the call would reach another address.
    if (part === "" || part === "." || part === "..") {
      throw new TypeError(`"${part}" names nothing in ${strings.join("…")}`);
    }
    path += encodeURIComponent(part) + (strings[index + 1] ?? "");
  }
  return path;
}
