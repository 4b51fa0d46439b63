// Where one is: a path behind # and, behind a question mark, what is looked for there, such as
// #/reservations?status=PENDING. The router's own hash addresses keep that outside of the #, where it would stay when
// one goes to another page.

import { useSyncExternalStore } from "react";

const ownMove = "onhand-address";

function watch(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  addEventListener(ownMove, changed);
  return () => {
    removeEventListener("hashchange", changed);
    removeEventListener(ownMove, changed);
  };
}

const whole = (): string => `/${location.hash.replace(/^#?\/?/, "")}`;
const pathNow = (): string => whole().split("?")[0] ?? "/";
const searchNow = (): string => whole().split("?")[1] ?? "";

interface Move {
  readonly replace?: boolean;
}

function move(to: string, { replace = false }: Move = {}): void {
  // A move to where one is would have to be gone back through.
  if (to === whole()) return;
  history[replace ? "replaceState" : "pushState"](null, "", `#${to}`);
  dispatchEvent(new Event(ownMove));
}

export function useAddress(): [string, typeof move] {
  return [useSyncExternalStore(watch, pathNow), move];
}
useAddress.hrefs = (href: string): string => `#${href}`;
useAddress.searchHook = (): string => useSyncExternalStore(watch, searchNow);
