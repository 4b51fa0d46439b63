// The copying itself: runs of events from the log, or from what the tail has seen, to the bus. It keeps no
// place of its own: the bus says how far it is, after each start and after each trouble.
//
// While one run is on its way, what comes next waits and goes with the next one: so the busier the log, the
// cheaper each event. Only behind a full run a second one is sent, so that neither side waits for the other
// while there is a backlog; the bus refuses it where the first was not taken whole.

import { type Bus, type BusState, foreignLog, type LogName } from "../bus/bus.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { endOfTurn } from "../lib/waiting.ts";
import { relayEventsMax, relayFedEventsMax } from "../limits.ts";
import { type Head, type LogEvent, type Store, wholeLog } from "../store/store.ts";
import { openFed } from "./fed.ts";
import type { Tail } from "./tail.ts";

export interface CopyOptions {
  readonly store: Pick<Store, "head" | "events">;
  readonly bus: Pick<Bus, "state" | "append">;
  readonly tail: Pick<Tail, "seq">;
}

export interface Copy {
  /** Events of the tail, in order. */
  feed(events: readonly LogEvent[]): void;
  /** Asks the bus how far it is, and goes on from there. Throws where it holds another log. */
  ask(): Promise<void>;
  /** Moves one run on; false: all that the tail knows of is there. */
  step(): Promise<boolean>;
  /** The last seq that the bus is known to have; null: it has never said. */
  published(): number | null;
  /** Whatever it knows of the bus may be wrong. */
  forget(): void;
}

interface Sent {
  readonly last: number;
  readonly reached: Promise<number>;
}

export function openCopy({ store, bus, tail }: CopyOptions): Copy {
  const fed = openFed(relayFedEventsMax);
  /** null: the bus has to be asked. */
  let log: LogName | null = null;
  /** null: the bus has never said. */
  let published: number | null = null;
  /** A full run that is on its way. */
  let sent: Sent | null = null;

  async function ask(): Promise<LogName> {
    const state = await bus.state();
    // After the bus: whatever another instance published meanwhile is in this head.
    const head = await store.head();
    if (state !== null) mustBeOurs(head, state);
    published = state?.seq ?? 0;
    return head;
  }

  async function next(after: number): Promise<readonly LogEvent[]> {
    const known = fed.after(after, relayEventsMax);
    if (known !== null) return known;
    if (after >= tail.seq()) return [];
    // A read may block this thread: first what was sent must leave it.
    if (sent !== null) await endOfTurn();
    return (await store.events({ ...wholeLog, after, limit: relayEventsMax })).items;
  }

  async function settle({ last, reached }: Sent): Promise<boolean> {
    published = await reached;
    return published === last;
  }

  return {
    feed: fed.add,
    async ask() {
      // What is on its way will say it.
      if (sent === null) log = await ask();
    },
    async step() {
      log ??= await ask();
      const before = sent;
      const events = await next(before?.last ?? published ?? 0);
      const last = events.at(-1)?.seq;
      sent = last === undefined ? null : { last, reached: bus.append(log, events) };
      // It is told where it is waited for; until then it is not unheard.
      sent?.reached.catch(() => undefined);
      if (before === null) {
        if (sent === null) return false;
        if (events.length === relayEventsMax) return true;
        await settle(sent);
        sent = null;
      } else if (!(await settle(before)) && sent !== null) {
        await settle(sent);
        sent = null;
      }
      return true;
    },
    published: () => published,
    forget() {
      log = null;
      sent = null;
      fed.clear();
    },
  };
}

function mustBeOurs(head: Head, state: BusState): void {
  if (state.logId !== head.logId || state.epoch !== head.epoch) throw foreignLog(head, state);
  if (state.seq > head.seq) {
    throw new OperatingError(
      `the streams end at seq ${state.seq}, the log at ${head.seq}: the database was put back to an older state, and its epoch was not raised. Stop the service, npm run onhand -- restore --in-place, and tell the readers of the streams, npm run onhand -- streams --reset`,
      { retryable: false },
    );
  }
}
