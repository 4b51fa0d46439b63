// The door before the queue: commands wait here unread. One is let in while the store has work for about one commit
// more; the others wait, the first to come first, and whoever has waited too long is refused.
//
// Unread, because who it is from and what it wants costs most of what it costs to serve it, and that time belongs to
// those that are let in. And refused late and one after the other, because saying no costs something too: a client that
// hears it sends its next request at once, and saying no to all of these is then what the service does (measured: with
// 2,000 connections it did half as much as without the flood). A burst that is soon over is not refused at all.

import { doorCommandsMax, doorLookMs, doorRefusalGapMs, doorWaitMsMax } from "../limits.ts";

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
  /** Those that have waited too long to be let in, and from when each may be told. */
  const late: { readonly from: number; readonly answered: Waiting["answered"] }[] = [];
  let nextRefusalAt = Number.NEGATIVE_INFINITY;
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
    const at = nowMs();
    for (const { answered } of takeWhile(queue, ({ since }) => since < at - doorWaitMsMax)) {
      const from = Math.max(at, nextRefusalAt);
      nextRefusalAt = from + doorRefusalGapMs;
      late.push({ from, answered });
    }
    const refused = takeWhile(late, ({ from }) => from <= at);
    const next = queue.splice(0, Math.max(0, Math.floor(room() - unread)));
    if (waiting() > 0) setTimeout(look, doorLookMs);
    for (const { answered } of refused) answered(false);
    for (const { answered } of next) letIn(answered);
  }

  function waiting(): number {
    return queue.length + late.length;
  }

  return {
    enter(answered) {
      if (queue.length === 0 && room() - unread >= 1) return letIn(answered);
      if (waiting() >= doorCommandsMax) return answered(false);
      queue.push({ since: nowMs(), answered });
      if (waiting() === 1) setTimeout(look, doorLookMs);
    },
    waiting,
  };
}

/** Takes the first ones away for which it holds. */
function takeWhile<T>(line: T[], holds: (one: T) => boolean): T[] {
  const end = line.findIndex((one) => !holds(one));
  return line.splice(0, end === -1 ? line.length : end);
}
