// How many long requests of a kind an instance has at once, and how many of one caller, so that nobody's slow ones keep
// others out.

import { busy } from "./problem.ts";

/** Takes the caller's slot, and answers what to call, once, when its request has ended. */
export type Enter = (caller: string) => () => void;

export function openSlots(what: "imports" | "exports", max: number, perCaller: number): Enter {
  const taken: string[] = [];
  return (caller) => {
    const own = taken.filter((one) => one === caller).length;
    if (own >= perCaller || taken.length >= max) {
      const whose = own >= perCaller ? `${own} ${what} of yours are` : `${max} ${what} are`;
      throw busy("overloaded", `${whose} on their way here; send it again later.`, 5);
    }
    taken.push(caller);
    return () => void taken.splice(taken.indexOf(caller), 1);
  };
}
