// When each pending reservation ends: read once and then kept by the events, so that what expires soon can be counted
// at every tick without asking.

import type { OnhandEvent } from "@onhand/client";
import { client } from "../client.ts";
import { follow, onReset } from "../live.ts";

export interface Soon {
  readonly count: number;
  /** There are more reservations than were read. */
  readonly isAtLeast: boolean;
  /** When the next one ends; null: none does soon. */
  readonly next: number | null;
}

const pagesMax = 10;
const holds = new Map<string, number>();
/** What ended while the list was read, which may still have it. */
const ended = new Set<string>();
let state: "unread" | "reading" | "all" | "part" = "unread";
let hasStarted = false;

/** Call it whenever live events begin to come in: it reads what is not known yet. */
export function startHolds(): void {
  if (!hasStarted) {
    hasStarted = true;
    follow(hear);
    onReset(() => {
      holds.clear();
      void readPending();
    });
  }
  if (state === "unread") void readPending();
}

function hear(event: OnhandEvent): void {
  switch (event.type) {
    case "reservation.created":
    case "reservation.extended":
      holds.set(event.payload.reservation_id, Date.parse(event.payload.expires_at));
      return;
    case "reservation.confirmed":
    case "reservation.cancelled":
    case "reservation.expired":
      holds.delete(event.payload.reservation_id);
      if (state === "reading") ended.add(event.payload.reservation_id);
      return;
    default:
  }
}

async function readPending(): Promise<void> {
  state = "reading";
  let pages = 0;
  let isAll = false;
  try {
    const list = client.reservations.list({ status: "PENDING", limit: 500 });
    for await (const { items, next_cursor } of list.pages()) {
      for (const { id, expires_at } of items) {
        if (!ended.has(id) && !holds.has(id)) holds.set(id, Date.parse(expires_at));
      }
      pages += 1;
      isAll = next_cursor === null;
      if (pages === pagesMax) break;
    }
    state = isAll ? "all" : "part";
  } catch (error) {
    state = "unread";
    // The shell says that the connection is lost, and this is called again when it is back.
    console.warn("the pending reservations could not be read", error);
  }
  ended.clear();
}

/** What ends between `now` and `withinMs` later; null: not known yet. */
export function soonAt(now: number, withinMs: number): Soon | null {
  if (state !== "all" && state !== "part") return null;
  let count = 0;
  let next: number | null = null;
  for (const [id, until] of holds) {
    if (until <= now) holds.delete(id);
    else if (until <= now + withinMs) {
      count += 1;
      next = Math.min(next ?? until, until);
    }
  }
  return { count, isAtLeast: state === "part", next };
}
