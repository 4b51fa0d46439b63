// How long a hold still lasts. All countdowns of a page share one tick a second; at zero it says so at once, by the
// clock: the event that frees the unit comes a moment later.

import { Text } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { useWords, wordsOf } from "../i18n.ts";
import { serviceNow } from "../service-time.ts";

const words = wordsOf({ over: "expired" }, { over: "caducada" });

const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let now = serviceNow();

function tick(): void {
  now = serviceNow();
  for (const watch of watchers) watch();
}

function watch(watcher: () => void): () => void {
  // The time of the last tick may be of another page, minutes ago.
  if (watchers.size === 0) now = serviceNow();
  watchers.add(watcher);
  timer ??= setInterval(tick, 1_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The time of the service, as of the last whole tick. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => now);
}

/** Whether that time has come; who asks is drawn again when it does, not at every tick. */
export function useIsOver(until: string): boolean {
  const end = Date.parse(until);
  return useSyncExternalStore(watch, () => end <= now);
}

export function Countdown({ until }: { readonly until: string }) {
  const say = useWords(words);
  const left = Math.max(0, Math.ceil((Date.parse(until) - useNow()) / 1_000));
  return (
    <Text
      component="span"
      size="sm"
      className="numbers"
      {...(left < 60 ? { fw: 700 } : {})}
      role="timer"
    >
      {left === 0 ? say("over") : clockOf(left)}
    </Text>
  );
}

/** 1:02:03, or 2:03 below an hour. */
function clockOf(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
