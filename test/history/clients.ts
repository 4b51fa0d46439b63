// Clients that keep a history: each asks for one thing after the other, notes when it asked and when it was
// answered, and asks again under the same key for what it was not told about. All times are of one clock.

import { must } from "../../src/lib/assert.ts";
import { ask, type Told } from "../support/instance.ts";
import { randomFrom, type Shop } from "../support/ledger.ts";
import { until } from "../support/until.ts";
import { type Call, callOf, outcomeOf } from "./api.ts";
import type { Operation, Outcome, Request, RowKey, RowState } from "./history.ts";
import { openRequests } from "./requests.ts";

export interface LoadOptions {
  readonly shop: Shop;
  readonly clients: number;
  readonly products: readonly (readonly RowKey[])[];
  readonly units: number;
  readonly seed: number;
}

export interface Load {
  readonly operations: readonly Operation[];
  /** What was asked for, and how often it had to be asked again. */
  readonly counts: { asked: number; answered: number; again: number; doubled: number };
  /** Answers that say that the service is broken. */
  readonly bugs: readonly string[];
  /** One request, before the others. */
  first(request: Request): Promise<Outcome>;
  /** All clients go on until it is enough, or the service is broken. */
  work(enough: () => boolean): Promise<void>;
}

/** Far longer than anything is away. */
const patienceMs = 60_000;
const shortTtlSeconds = 1;
const longTtlSeconds = 86_400;

interface Answer {
  readonly outcome: Outcome;
  readonly text: string;
  readonly at: number;
}

export function openLoad({ shop, clients, products, units, seed }: LoadOptions): Load {
  const random = randomFrom(seed);
  const operations: Operation[] = [];
  const counts = { asked: 0, answered: 0, again: 0, doubled: 0 };
  const bugs: string[] = [];
  const rows = new Map<RowKey, RowState>();
  const groups = new Set<string>();
  const requests = openRequests(random, {
    products,
    units,
    known: { row: (key) => rows.get(key) },
  });

  /** One try; null: nobody knows. */
  async function tryOnce(
    request: Request,
    { method, path, body }: Call,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer | null> {
    let told: Told;
    try {
      told = await ask(shop, method, path, body, headers);
    } catch {
      // Cut off, or answered by what stands before a service that is not there.
      return null;
    }
    if (told.status === 500) bugs.push(told.text);
    const outcome = outcomeOf(request, told);
    return outcome === null ? null : { outcome, text: told.text, at: performance.now() };
  }

  /** Until it is known; of what has no key one try is all. */
  async function insist(
    request: Request,
    call: Call,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer | null> {
    let answer = await tryOnce(request, call, headers);
    if (headers["idempotency-key"] === undefined) return answer;
    const isOver = async (): Promise<boolean> => {
      // A broken service need not be waited for.
      if (answer !== null || bugs.length > 0) return true;
      counts.again += 1;
      answer = await tryOnce(request, call, headers);
      return answer !== null;
    };
    await until(isOver, `${call.path} is answered`, patienceMs);
    return answer;
  }

  function headersOf(id: string, call: Call): Readonly<Record<string, string>> {
    const common = { "x-request-id": id, "cache-control": "no-cache" };
    const hasKey = call.method !== "GET" && random() < 0.9;
    return hasKey ? { ...common, "idempotency-key": id } : common;
  }

  function note(request: Request, outcome: Outcome): void {
    requests.heard(request, outcome);
    if (outcome.kind !== "ok") return;
    for (const { row, ...state } of outcome.rows) rows.set(row, state);
    if (request.kind === "reserve" && request.hold === null)
      groups.add(must(outcome.hold, "named"));
  }

  async function perform(client: number, request: Request): Promise<Outcome> {
    counts.asked += 1;
    const id = `${client}.${counts.asked}`;
    const isShort = request.kind === "reserve" && request.hold !== null && random() < 0.05;
    const call = callOf(request, {
      customer: `c${client}`,
      ttlSeconds: isShort ? shortTtlSeconds : longTtlSeconds,
      isGroup: (hold) => groups.has(hold),
      isPlaced: random() < 0.5,
    });
    const headers = headersOf(id, call);
    const chance = headers["idempotency-key"] === undefined ? 1 : random();
    const invokedAt = performance.now();
    // Some ask twice at once, and some again for what they know.
    const tries = chance < 0.05 ? [0, 1] : [0];
    const told = await Promise.all(tries.map(() => insist(request, call, headers)));
    if (chance >= 0.05 && chance < 0.1) told.push(await insist(request, call, headers));
    const answers = told.filter((one) => one !== null);
    if (answers.length > 1) counts.doubled += 1;
    const outcome = answers[0]?.outcome ?? ({ kind: "unknown" } as const);
    const returnedAt = Math.min(...answers.map(({ at }) => at));
    operations.push({
      id,
      client,
      request,
      invokedAt,
      returnedAt,
      outcome,
      answers: answers.length > 1 ? answers.map(({ text }) => text) : [],
    });
    if (answers.length > 0) counts.answered += 1;
    note(request, outcome);
    return outcome;
  }

  return {
    operations,
    counts,
    bugs,
    first: (request) => perform(clients, request),
    async work(enough) {
      const one = async (client: number): Promise<void> => {
        while (!enough() && bugs.length === 0) await perform(client, requests.next());
      };
      await Promise.all(Array.from({ length: clients }, (_, client) => one(client)));
    },
  };
}
