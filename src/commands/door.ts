// The door before the queue: commands wait here unread. One is let in while the store has work for about one commit
// more; the others wait, the first to come first, and whoever has waited too long is refused.
//
// Unread, because who it is from and what it wants costs most of what it costs to serve it, and that time belongs to
// those that are let in. And refused late, because that costs something too: a client that hears no at once sends its
// next request at once, and saying no to all of these is then what the service does (measured: with 2,000 connections
// it did half as much as without the flood). So nobody makes it say no more often than once in the time that one waits,
// and a burst that is soon over is not refused at all.

import { doorCommandsMax, doorLookMs, doorWaitMsMax } from "../limits.ts";

export interface Door {
  /** Calls back once: now or later, let in or refused. */
  enter(answered: (isLetIn: boolean) => void): void;
  waiting(): number;
}

export interface DoorOptions {
  /** For how many commands more there is room. */
  readonly room: () => number;
  readonly nowMs: () => number;
}

interface Waiting {
  readonly since: number;
  readonly answered: (isLetIn: boolean) => void;
}

export function openDoor({ room, nowMs }: DoorOptions): Door {
  const queue: Waiting[] = [];
  /** Let in during this turn of the event loop: they may not have been read yet, so there is less room than it seems. */
  let unread = 0;

  function letIn(answered: Waiting["answered"]): void {
    if (unread === 0) {
      setImmediate(() => {
        unread = 0;
      });
    }
    unread += 1;
    answered(true);
  }

  function look(): void {
    const earliest = nowMs() - doorWaitMsMax;
    const inTime = queue.findIndex(({ since }) => since >= earliest);
    const late = queue.splice(0, inTime === -1 ? queue.length : inTime);
    const next = queue.splice(0, Math.max(0, Math.floor(room() - unread)));
    if (queue.length > 0) setTimeout(look, doorLookMs);
    for (const { answered } of late) answered(false);
    for (const { answered } of next) letIn(answered);
  }

  return {
    enter(answered) {
      if (queue.length === 0 && room() - unread >= 1) return letIn(answered);
      if (queue.length >= doorCommandsMax) return answered(false);
      queue.push({ since: nowMs(), answered });
      if (queue.length === 1) setTimeout(look, doorLookMs);
    },
    waiting: () => queue.length,
  };
}
