// Histories by the thousand: clients with one request under way each, in random order on a few rows, and a service
// that does each of them at one moment between its asking and its answer. Some answers are lost on the way, some
// requests are done when their client has given up. Such a history is right by the way it was made, unless the
// service is told to make a mistake once. A seed decides everything.

import { must } from "../../src/lib/assert.ts";
import { randomFrom } from "../support/ledger.ts";
import type { FaultName } from "./faults.ts";
import type { History, Operation, Request, RowKey } from "./history.ts";
import { openRequests, type Requests } from "./requests.ts";
import { type Asked, openInstance, type SimulatedInstance } from "./simulated-instance.ts";

export interface Shape {
  readonly seed: number;
  readonly operations: number;
  readonly clients: number;
  readonly rows: number;
  /** Units of each row at first. */
  readonly units: number;
  /** How long holds count, in ticks; Infinity: none expires. */
  readonly ttl: number;
  readonly fault: FaultName | null;
}

export interface Simulated extends History {
  /** The operation at which the mistake was made; null: there was no chance to. */
  readonly planted: string | null;
}

export function simulate(shape: Shape): Simulated {
  const random = randomFrom(shape.seed);
  const { ttl, fault, operations: count } = shape;
  const instance = openInstance({ ttl, fault, after: Math.floor(random() * count * 0.8) });
  const products = productsOf(shape.rows);
  const requests = openRequests(random, { products, units: shape.units, known: instance.view });
  const desk = openDesk(instance, requests, random);
  for (const row of products.flat()) {
    desk.make({ kind: "create", row, quantity: shape.units }, shape.clients);
  }
  const pause = (): number => 1 + Math.floor(random() * 8);
  const actors = Array.from(
    { length: shape.clients },
    (_, client): Actor => ({ client, turn: pause(), one: null }),
  );
  /** Requests that are on their way though nobody waits for them. */
  const adrift: { readonly turn: number; readonly one: Asked }[] = [];
  for (;;) {
    const actor = soonest(actors, desk.asked() < count);
    const late = adrift[0];
    if (late !== undefined && (actor === null || late.turn <= actor.turn)) {
      adrift.shift();
      desk.handle(late.one);
      continue;
    }
    if (actor === null) break;
    actor.turn += pause();
    const { one } = actor;
    if (one === null) {
      actor.one = desk.ask(requests.next(), actor.client);
    } else if (one.told === null && one.fate === "answered") {
      desk.handle(one);
    } else {
      if (one.fate === "unheard") adrift.push({ turn: actor.turn, one });
      desk.end(one);
      actor.one = null;
    }
  }
  return { operations: desk.operations, log: instance.log, planted: instance.planted() };
}

/** Two rows for each product, the last may have one. */
function productsOf(rows: number): readonly (readonly RowKey[])[] {
  const names = Array.from({ length: rows }, (_, index) => `p${index >> 1}/S${index % 2}`);
  return Array.from({ length: Math.ceil(rows / 2) }, (_, product) =>
    names.slice(2 * product, 2 * product + 2),
  );
}

interface Actor {
  readonly client: number;
  /** When it does something next. */
  turn: number;
  one: Asked | null;
}

function soonest(actors: readonly Actor[], mayAsk: boolean): Actor | null {
  let first: Actor | null = null;
  for (const actor of actors) {
    if (actor.one === null && !mayAsk) continue;
    if (first === null || actor.turn < first.turn) first = actor;
  }
  return first;
}

/** Notes what happens and when. No two things happen at once: which came first is never in doubt. */
function openDesk(instance: SimulatedInstance, requests: Requests, random: () => number) {
  const operations: Operation[] = [];
  let now = 0;
  let asked = 0;
  const tick = (): number => {
    now += 1;
    return now;
  };

  function ask(request: Request, client: number, fate = fateBy(random())): Asked {
    const id = `${client}.${asked}`;
    asked += 1;
    const known = instance.known(request);
    return { id, client, request, invokedAt: tick(), known, fate, told: null };
  }
  function handle(one: Asked): void {
    one.told = instance.handle(one, tick());
  }
  function end(one: Asked): void {
    const at = tick();
    const { id, client, request, invokedAt, fate } = one;
    const asAsked = { id, client, request, invokedAt };
    if (fate !== "answered") {
      const outcome = { kind: "unknown" } as const;
      const never = Number.POSITIVE_INFINITY;
      operations.push({ ...asAsked, returnedAt: never, outcome, answers: [] });
      return;
    }
    const { outcome, answers = [] } = must(one.told, "it was dealt with");
    instance.returned(one, at);
    requests.heard(request, outcome);
    operations.push({ ...asAsked, returnedAt: at, outcome, answers });
  }

  return {
    operations,
    asked: () => asked,
    ask,
    handle,
    end,
    /** From its asking to its answer, with nothing between. */
    make(request: Request, client: number): void {
      const one = ask(request, client, "answered");
      handle(one);
      end(one);
    },
  };
}

function fateBy(chance: number): Asked["fate"] {
  if (chance < 0.96) return "answered";
  return chance < 0.98 ? "unheard" : "lost";
}
