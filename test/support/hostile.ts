// A client that means harm, and the eye on what its requests do: every answer must be one that
// openapi.json documents for the route and never a failure of ours, every line of the log is kept for
// a look, and what was to change nothing is compared with what was there before.

import assert from "node:assert/strict";
import type { Answer } from "./app.ts";
import { type Documented, readDocumented } from "./documented.ts";
import { type Market, openMarket, type Request, stateOf } from "./market.ts";
import { basketExample, type Example, examples, type Things } from "./requests.ts";
import { listOf, textOf } from "./shop.ts";

export interface Hostile {
  readonly market: Market;
  readonly documented: Documented;
  readonly things: Things;
  /** An admin's secret. */
  readonly admin: string;
  /** Lines of the log so far. */
  readonly lines: string[];
  /** How many requests `send` has sent. */
  sent(): number;
  /** The example of a route, or what is given in its place, by an admin. */
  send(name: string, over?: Sent, about?: Things): Promise<Answer>;
  /** Whatever the requests in it are, nothing is there that was not there before. */
  changesNothing(requests: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export type Sent = Omit<Request, "as"> & { readonly url?: string };

/** Names of requests that write: routes, and the second form of one. */
export const writes: readonly string[] = [
  ...Object.keys(examples).filter((name) => !name.startsWith("GET")),
  "POST /api/v1/reservations#basket",
];
/** Those that take JSON or nothing; files have tests of their own. */
export const jsonWrites = writes.filter((name) => !name.includes("/imports/"));
/** Those whose answer ends. */
export const reads: readonly string[] = Object.keys(examples).filter(
  (name) => name.startsWith("GET") && !name.endsWith("/stream"),
);

export const methodOf = (name: string): string => name.slice(0, name.indexOf(" "));
export const routeOf = (name: string): string => name.replace(/#.*/, "");

export function exampleOf(name: string, things: Things): Example {
  const ask = name.endsWith("#basket") ? basketExample : examples[name];
  assert.ok(ask, `there is no example of ${name}`);
  return ask(things);
}

/** Its body, where it is no file. */
export function bodyOf(name: string, things: Things): object | undefined {
  const { body } = exampleOf(name, things);
  return typeof body === "string" ? undefined : body;
}

export async function openHostile(): Promise<Hostile> {
  const lines: string[] = [];
  const market = await openMarket({ log: { write: (line) => lines.push(line) } });
  await market.app.ready();
  const documented = readDocumented({ ...market.app.swagger() });
  // Two rows of one product, so that each list has a second page.
  const [things] = await market.things([{ groupStore: "VLC" }, {}]);
  assert.ok(things);
  const { admin } = market.keys;
  let sent = 0;
  return {
    market,
    documented,
    things,
    admin,
    lines,
    sent: () => sent,
    async send(name, over = {}, about = things) {
      const { url, body, headers } = exampleOf(name, about);
      sent += 1;
      const answer = await market.ask(methodOf(name), over.url ?? url, {
        as: admin,
        body,
        ...over,
        headers: { ...headers, ...over.headers },
      });
      documented.mustAllow(routeOf(name), answer);
      assert.ok(answer.status < 500, `${name}: ${answer.text}`);
      return answer;
    },
    async changesNothing(requests) {
      const state = await stateOf(market);
      await requests();
      assert.equal(await stateOf(market), state);
    },
    close: market.close,
  };
}

/** Not valid because of one field, which is one of these. */
export function mustName(answer: Answer, faults: readonly string[], shown: string): void {
  const { status, body, text } = answer;
  assert.equal(status, 400, `${shown} → ${text}`);
  assert.equal(body["code"], "validation_failed", `${shown} → ${text}`);
  const path = faultIn(answer);
  assert.ok(faults.includes(path), `${shown}: ${path}, not ${faults.join(" or ")}`);
}

/** The path of the field that an answer says is wrong. */
export function faultIn({ body }: Answer): string {
  const [error] = listOf(body, "errors");
  assert.ok(error !== undefined && textOf(error, "message").length > 0);
  return textOf(error, "path");
}
