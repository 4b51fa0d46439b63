// Codes from a scanner, which types them like a keyboard: quickly, and with Enter at the end. They are heard wherever the
// focus is, except in text fields, where what is typed belongs to the field; a field that wants to be scanned over says
// so with `data-scan`.

import { useEffect, useEffectEvent } from "react";

interface Pace {
  /** ms from one key to the next, at most and in the mean. */
  readonly gapMax: number;
  readonly meanMax: number;
}

/** Scanners leave 50 ms between two keys at most; the quickest keys of a person can be closer, not those of a number. */
const ofDigits: Pace = { gapMax: 120, meanMax: 50 };
/** Letters mean nothing where nothing can be written, so a slow radio link may take its time. */
const ofLetters: Pace = { gapMax: 400, meanMax: 150 };
const shortest = 3;

export interface Key {
  readonly key: string;
  /** ms */
  readonly at: number;
}

/** Takes one key after the other; answers the code where this one ends it. */
export function scanReader(): (key: Key) => string | null {
  let code = "";
  let firstAt = 0;
  let lastAt = 0;
  let longestGap = 0;
  return ({ key, at }) => {
    const gap = at - lastAt;
    if (key === "Enter") {
      const pace = /^\d*$/.test(code) ? ofDigits : ofLetters;
      const isQuick =
        Math.max(longestGap, gap) <= pace.gapMax && (at - firstAt) / code.length <= pace.meanMax;
      const read = isQuick && code.length >= shortest ? code : null;
      code = "";
      return read;
    }
    // Shift and the like come between the characters of a code.
    if (key.length !== 1) return null;
    if (code === "" || gap > ofLetters.gapMax) {
      code = "";
      firstAt = at;
      longestGap = 0;
    } else longestGap = Math.max(longestGap, gap);
    lastAt = at;
    code += key;
    return null;
  };
}

export function useScans(hear: (code: string) => void): void {
  const heard = useEffectEvent(hear);
  useEffect(() => {
    const read = scanReader();
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || isWriting(event.target)) return;
      const code = read({ key: event.key, at: event.timeStamp });
      if (code === null) return;
      // This Enter is the scanner's: it must not press the button that has the focus.
      event.preventDefault();
      event.stopPropagation();
      heard(code);
    };
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, []);
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || target.closest("[data-scan]") !== null) return false;
  return target.isContentEditable || target.matches("input, textarea, select");
}
