// Clients for a time when the database goes away and comes back: what is refused with 503, or not answered at all,
// they ask again. Those with an Idempotency-Key go on until they know. Those without take a 503 for what it is,
// "you cannot know": then it happened once or not at all, and the log says which.

import assert from "node:assert/strict";
import { must } from "../../src/lib/assert.ts";
import type { Instance } from "./instance.ts";
import {
  type Client,
  type Connection,
  type Deed,
  deedsAmong,
  eventTypes,
  type LoggedEvent,
  openClient,
  type Reply,
} from "./ledger.ts";

/** One answer: when it was asked for, how long it took, its status; 0: the service did not answer. */
export interface Seen {
  readonly at: number;
  readonly ms: number;
  readonly status: number;
}

export interface Crowd {
  readonly seen: readonly Seen[];
  /** Answers that were no refusals of ours, since a moment. */
  done(since?: number): number;
  /** Answers 503 since a moment. */
  refused(since: number): number;
  /** Ends their work when what they have asked is answered, and answers their deeds. */
  settle(): Promise<{ readonly keyed: readonly Deed[]; readonly keyless: readonly Deed[] }>;
}

const pauseMs = 20;

/** So many clients with keys, and half as many without, at each of the services. */
export function openCrowd(
  services: readonly Instance[],
  { name, width, random }: { name: string; width: number; random: () => number },
): Crowd {
  const seen: Seen[] = [];
  const [keyed, keyless]: [Client[], Client[]] = [[], []];
  let isOver = false;
  const working = services.flatMap((service, place) =>
    Array.from({ length: width + Math.ceil(width / 2) }, (_, number) => {
      const hasKeys = number < width;
      const client = openClient(`${name}-${place}-${number}`, random);
      (hasKeys ? keyed : keyless).push(client);
      return client.work(service, () => isOver, patient(service, seen, hasKeys));
    }),
  );
  const count = (from: number, wanted: (one: Seen) => boolean): number =>
    seen.filter((one) => one.at >= from && wanted(one)).length;
  return {
    seen,
    done: (since = 0) => count(since, ({ status }) => status !== 0 && status !== 503),
    refused: (since) => count(since, ({ status }) => status === 503),
    async settle() {
      isOver = true;
      await Promise.all(working);
      const deedsOf = (clients: readonly Client[]) => clients.flatMap(({ deeds }) => deeds);
      return { keyed: deedsOf(keyed), keyless: deedsOf(keyless) };
    },
  };
}

function patient(service: Instance, seen: Seen[], hasKeys: boolean): Connection {
  const send = async (path: string, body: object, key: string): Promise<Reply> => {
    const answer = await fetch(`${service.url}/api/v1${path}`, {
      method: "POST",
      headers: {
        "x-api-key": service.key,
        "content-type": "application/json",
        "x-request-id": key,
        ...(hasKeys ? { "idempotency-key": key } : {}),
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const headers = Object.fromEntries(answer.headers);
    return { kind: "told", status: answer.status, text, body: JSON.parse(text), headers };
  };
  const post = async (path: string, body: object, key: string): Promise<Reply> => {
    for (;;) {
      const at = performance.now();
      const reply = await send(path, body, key);
      assert.ok(reply.kind === "told");
      seen.push({ at, ms: performance.now() - at, status: reply.status });
      if (reply.status !== 503) return reply;
      assert.match(String(reply.headers["retry-after"]), /^\d+$/, "it says when to come again");
      // Of one that was too many, nothing was done.
      const isKnown = reply.body["code"] === "overloaded";
      assert.ok(isKnown || reply.body["code"] === "database_unavailable", reply.text);
      if (!hasKeys && !isKnown) return reply;
      await new Promise((resolve) => {
        setTimeout(resolve, pauseMs);
      });
    }
  };
  return {
    post,
    get: () => Promise.reject(new Error("these clients only write")),
    told: () => Promise.reject(new Error("these clients only write")),
    close: () => undefined,
  };
}

/**
 * What was answered without a key is in the log as it was answered, and what was not is there once and whole or
 * not at all. Answers those deeds as they are known now, for the books.
 */
export function resolved(deeds: readonly Deed[], log: readonly LoggedEvent[]): Deed[] {
  const typesOf = Map.groupBy(log, (event) => event.request_id);
  return deeds.map((deed): Deed => {
    const told = must(deed.told, `${deed.key} was answered`);
    const found = deedsAmong((typesOf.get(deed.key) ?? []).map(({ type }) => type));
    if (told.status !== 503) return deed;
    assert.ok(found.length === 0 || found.length === eventTypes[deed.kind].length, deed.key);
    return { ...deed, told: { ...told, status: found.length === 0 ? 409 : 200 } };
  });
}
