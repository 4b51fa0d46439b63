// The log as steps: what one operation did is one step, whole, and nothing is seen between its events. Holds that
// ended because they were due are steps of their own. Events that change no stock row are no steps.

import type { LogEvent, LoggedChange } from "./history.ts";

export interface LogStep {
  readonly requestId: string;
  readonly isExpiry: boolean;
  readonly first: number;
  readonly last: number;
  readonly events: readonly Changing[];
}

export type Changing = LogEvent & { readonly change: LoggedChange };

export function stepsOf(log: readonly LogEvent[]): LogStep[] {
  const steps: LogStep[] = [];
  let events: Changing[] = [];
  const close = (): void => {
    const [first] = events;
    const last = events.at(-1);
    if (first === undefined || last === undefined) return;
    const { requestId, isExpiry } = first;
    steps.push({ requestId, isExpiry, first: first.seq, last: last.seq, events });
    events = [];
  };
  for (const event of log) {
    const before = events.at(-1);
    const goesOn =
      before !== undefined &&
      !event.isExpiry &&
      !before.isExpiry &&
      before.requestId === event.requestId;
    if (!goesOn) close();
    if (changes(event)) events.push(event);
  }
  close();
  return steps;
}

function changes(event: LogEvent): event is Changing {
  return event.change !== null;
}
