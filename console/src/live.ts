// The log, live, in one connection for all tabs of a browser: the tab that holds the lock listens and tells the
// others. When it is closed another one has the lock, and goes on behind the last event that it was told. Events come
// once and in order to each listener of each tab.

import type { OnhandEvent, SubscriptionState } from "@onhand/client";
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import { client } from "./client.ts";

export type LiveState = SubscriptionState["state"];

type Message =
  | { readonly kind: "event"; readonly event: OnhandEvent; readonly place: string }
  | { readonly kind: "state"; readonly state: LiveState; readonly place: string | null }
  | { readonly kind: "reset"; readonly place: string }
  /** A new tab wants to know how things are. */
  | { readonly kind: "hello" };

const listeners = new Set<(event: OnhandEvent) => void>();
const resets = new Set<() => void>();
const watchers = new Set<() => void>();
const channel = new BroadcastChannel("onhand-live");

let state: LiveState = "connecting";
let place: string | null = null;
let leads = false;

/** Begins to follow; once, after sign-in. */
export function startLive(): void {
  channel.onmessage = ({ data }: MessageEvent<Message>) => hear(data);
  channel.postMessage({ kind: "hello" } satisfies Message);
  void navigator.locks.request("onhand-live", lead);
}

async function lead(): Promise<void> {
  leads = true;
  const subscription = client.events.subscribe({
    ...(place === null ? {} : { after: place }),
    onEvent: (event, at) => tell({ kind: "event", event, place: at }),
    onReset: (_reset, at) => tell({ kind: "reset", place: at }),
    onState: (next) => tell({ kind: "state", state: next.state, place }),
  });
  // For as long as this tab lives: where the session has ended, the page begins anew at the sign-in.
  const error = await subscription.closed;
  if (error !== null) location.reload();
}

function tell(message: Message): void {
  channel.postMessage(message);
  hear(message);
}

function hear(message: Message): void {
  if (message.kind === "hello") {
    if (leads) channel.postMessage({ kind: "state", state, place } satisfies Message);
    return;
  }
  if (message.kind === "state") {
    state = message.state;
    place ??= message.place;
    for (const watch of watchers) watch();
    return;
  }
  if (message.kind === "reset") {
    place = message.place;
    for (const reset of resets) reset();
    return;
  }
  if (!isAhead(message.place)) return;
  place = message.place;
  for (const listener of listeners) listener(message.event);
}

/** A tab that takes the lock over may tell again what the one before it had told. */
function isAhead(next: string): boolean {
  if (place === null) return true;
  const [epoch, seq] = place.split(".").map(Number);
  const [nextEpoch, nextSeq] = next.split(".").map(Number);
  return nextEpoch !== epoch || (nextSeq ?? 0) > (seq ?? 0);
}

export function follow(listener: (event: OnhandEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Called when what was read may not be true any more: the log was put back to an older state. */
export function onReset(reset: () => void): () => void {
  resets.add(reset);
  return () => resets.delete(reset);
}

export function useEvents(listener: (event: OnhandEvent) => void): void {
  const hears = useEffectEvent(listener);
  useEffect(() => follow((event) => hears(event)), []);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => state,
  );
}
