// A service that says what it is told to, and a clock that goes only as far as the client waits: for tests of what the
// client does when answers are late, lost or refused.

import { type Client, type ClientOptions, connect } from "../src/client.ts";
import type { Clock } from "../src/clock.ts";

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly init: RequestInit;
  /** When, in milliseconds of the scripted clock. */
  readonly at: number;
}

/** An answer; an error that fetch rejects with; "silence" until the request is given up. */
export type Reply = Response | Error | "silence" | ((asked: Asked) => Response | Promise<Response>);

export interface ScriptedClock extends Clock {
  /** Milliseconds that somebody waited for, in order. */
  readonly waits: readonly number[];
}

/** Nothing passes but when all that is left to do is to wait: then the next timer is due at once. */
export function scriptedClock(random = 1): ScriptedClock {
  let now = 0;
  const waits: number[] = [];
  const timers = new Set<{ readonly at: number; readonly action: () => void }>();
  let isLooking = false;
  // A timer of a call that is busy is not waited for: only after some turns of the event loop does time go on.
  function look(idleTurns: number): void {
    if (timers.size === 0) {
      isLooking = false;
      return;
    }
    if (idleTurns > 0) return void setImmediate(() => look(idleTurns - 1));
    const [next] = [...timers].sort((left, right) => left.at - right.at);
    if (next !== undefined) {
      timers.delete(next);
      now = Math.max(now, next.at);
      next.action();
    }
    setImmediate(() => look(turns));
  }
  return {
    waits,
    now: () => now,
    after(ms, action) {
      const timer = { at: now + ms, action };
      timers.add(timer);
      waits.push(ms);
      if (!isLooking) {
        isLooking = true;
        setImmediate(() => look(turns));
      }
      return () => timers.delete(timer);
    },
    random: () => random,
  };
}

const turns = 20;

export interface Scripted {
  readonly client: Client;
  readonly asked: readonly Asked[];
  readonly clock: ScriptedClock;
}

/** Answers the replies in order; the last one again and again. */
export function scripted(replies: readonly Reply[], options: ClientOptions = {}): Scripted {
  const clock = scriptedClock();
  const asked: Asked[] = [];
  const client = connect({ baseUrl: "http://stock.test", fetch: answer, ...options }, clock);
  async function answer(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const one: Asked = {
      method: init.method ?? "GET",
      url: input instanceof Request ? input.url : String(input),
      headers: new Headers(init.headers),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
      init,
      at: clock.now(),
    };
    const reply = replies[Math.min(asked.length, replies.length - 1)];
    asked.push(one);
    if (reply === undefined || reply === "silence") return untilAborted(init.signal);
    if (reply instanceof Error) throw reply;
    return typeof reply === "function" ? reply(one) : reply.clone();
  }
  return { client, asked, clock };
}

function untilAborted(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

export function json(value: unknown, status = 200): Response {
  return Response.json(value, { status });
}

export function problem(
  status: number,
  code: string,
  facts: object = {},
  headers: Record<string, string> = {},
): Response {
  return new Response(
    JSON.stringify({
      type: `urn:onhand:problem:${code}`,
      title: code,
      status,
      detail: `the detail of ${code}`,
      instance: "/",
      code,
      request_id: "request-1",
      ...facts,
    }),
    { status, headers: { "content-type": "application/problem+json; charset=utf-8", ...headers } },
  );
}
