// A client that follows the log as a browser does: when its stream ends, for whatever reason, it comes back and
// says what it saw last (Last-Event-ID). It does not wait before it comes back: what it would have missed in
// between is what is to be seen.

import type { Agent } from "node:http";
import { openSse, type SseClient } from "./sse-client.ts";

export interface Follower {
  /** The numbers of all the events that it has seen, over all its streams. */
  seqs(): number[];
  /** Streams that it has opened. */
  streams(): number;
  /** Why it was not given a stream; it does not try again. */
  failures(): readonly string[];
  close(): void;
}

export interface Followed {
  readonly url: string;
  readonly key: string;
  readonly agent?: Agent;
}

/** From the beginning of the log on. */
export function openFollower({ url, key, agent }: Followed): Follower {
  const clients: SseClient[] = [];
  const failures: string[] = [];
  let [isOver, lastId] = [false, ""];

  async function follow(): Promise<void> {
    while (!isOver) {
      const client = await openSse(`${url}/api/v1/events/stream?after=0`, {
        headers: { "x-api-key": key, ...(lastId === "" ? {} : { "last-event-id": lastId }) },
        ...(agent === undefined ? {} : { agent }),
      });
      if (client.status === 503) {
        client.close();
        await pause();
        continue;
      }
      if (client.status !== 200) throw new Error(`a stream was answered ${client.status}`);
      clients.push(client);
      if (isOver) client.close();
      await closed(client);
      lastId = client.lastId() || lastId;
    }
  }

  follow().catch((error: unknown) => failures.push(String(error)));
  return {
    seqs: () => clients.flatMap((client) => client.seqs()),
    streams: () => clients.length,
    failures: () => failures,
    close() {
      isOver = true;
      clients.at(-1)?.close();
    },
  };
}

/** The machine is too busy: it comes again a little later. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
}

/** Ended by the other side, cut or given up: an error is one of the ways. */
function closed(client: SseClient): Promise<void> {
  return new Promise((resolve) => {
    if (client.ended()) resolve();
    else client.response.once("close", () => resolve());
  });
}
