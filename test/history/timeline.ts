// Every state that the log went through, to be looked at again: each row and each hold with the places in the log
// at which it changed. A place is a `seq`; what one step did is there from its last event on, all at once.

import type { Request, RowKey, RowState } from "./history.ts";
import type { HoldState, View } from "./model.ts";

interface Track<State> {
  readonly places: number[];
  readonly states: State[];
}

export interface Timeline {
  /** As it is now, at the end of what was noted. */
  readonly now: View;
  noteRow(place: number, key: RowKey, state: RowState): void;
  noteHold(place: number, id: string, state: HoldState): void;
  at(place: number): View;
  /** The next place after this one at which something that the request is about is another; Infinity: none. */
  nextAfter(place: number, request: Request): number;
}

export function openTimeline(): Timeline {
  const rows = new Map<string, Track<RowState>>();
  const holds = new Map<string, Track<HoldState>>();
  return {
    now: {
      row: (key) => rows.get(key)?.states.at(-1),
      hold: (id) => holds.get(id)?.states.at(-1),
    },
    noteRow: (place, key, state) => note(rows, place, key, state),
    noteHold: (place, id, state) => note(holds, place, id, state),
    at: (place) => ({
      row: (key) => stateAt(rows.get(key), place),
      hold: (id) => stateAt(holds.get(id), place),
    }),
    nextAfter(place, request) {
      let next = Number.POSITIVE_INFINITY;
      const look = (track: Track<unknown> | undefined): void => {
        const found = track?.places[countUpTo(track.places, place)];
        if (found !== undefined && found < next) next = found;
      };
      for (const key of rowsOf(request)) look(rows.get(key));
      if ("hold" in request && request.hold !== null) look(holds.get(request.hold));
      return next;
    },
  };
}

function note<State>(
  tracks: Map<string, Track<State>>,
  place: number,
  key: string,
  state: State,
): void {
  let track = tracks.get(key);
  if (track === undefined) {
    track = { places: [], states: [] };
    tracks.set(key, track);
  }
  if (track.places.at(-1) === place) {
    // Twice in one step: only the end of it is ever seen.
    track.states[track.states.length - 1] = state;
    return;
  }
  track.places.push(place);
  track.states.push(state);
}

function stateAt<State>(track: Track<State> | undefined, place: number): State | undefined {
  return track?.states[countUpTo(track.places, place) - 1];
}

/** How many of the sorted numbers are at most so large. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows that an answer may rest on. */
export function rowsOf(request: Request): readonly RowKey[] {
  switch (request.kind) {
    case "create":
    case "adjust":
    case "set":
      return [request.row];
    case "transfer":
      return [request.from, request.to];
    case "reserve":
      return request.lines.map(({ row }) => row);
    case "read":
      return request.rows;
    case "confirm":
    case "cancel":
    case "find":
      return [];
  }
}
