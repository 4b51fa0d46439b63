// Clients that keep books. Each one works like a shop's back end: it holds, sells, cancels, adjusts and
// transfers, one request after the other on a kept-alive connection, and writes down what it was told
// before it asks for the next thing. What it was not told anything about it asks again under the same
// idempotency key. So at any moment the books say what must be in the database, whatever happened to
// the service in between.

import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { setTimeout } from "node:timers/promises";
import { must } from "../../src/lib/assert.ts";
import { type Instance, isOverload, type Told } from "./instance.ts";
import { until } from "./until.ts";

export type DeedKind = "reserve" | "confirm" | "cancel" | "adjust" | "transfer";

/** What a client wanted, and what it was told. */
export interface Deed {
  /** Its idempotency key, and its request id: events tell which deed they come from. */
  readonly key: string;
  readonly kind: DeedKind;
  readonly path: string;
  readonly body: object;
  /** The reservation that it makes or ends. */
  readonly reservationId: string | null;
  /** How it moves the books where it is accepted. */
  readonly moves: readonly Move[];
  /** null: not told yet. */
  told: Told | null;
}

export interface Move {
  readonly row: string;
  readonly quantity: number;
  readonly reserved: number;
}

/** What became of one request. */
export type Reply =
  | ({ readonly kind: "told" } & Told & { readonly headers: Headers })
  /** There was nobody to connect to. */
  | { readonly kind: "refused" }
  /** The connection ended without an answer, or within one. */
  | { readonly kind: "lost"; readonly code: string; readonly isCutOff: boolean };

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Where they work: an instance, or what stands before some. */
export type Shop = Pick<Instance, "url" | "key">;

export interface Client {
  readonly deeds: readonly Deed[];
  /** Works until it is not answered any more; says how that ended. */
  work(service: Shop, enough?: () => boolean, connection?: Connection): Promise<Reply | null>;
  /** Asks again for whatever it was not told about; then it was told about everything. */
  settle(service: Shop): Promise<readonly Deed[]>;
}

/** Rows that the clients work on: each product is in each store. */
export const products = ["ledger-0", "ledger-1", "ledger-2"] as const;
export const stores = ["MAD-001", "BCN-001", "SEV-001"] as const;
const unitsAtFirst = 100_000;

/** Makes the products, with more units than the clients will sell. */
export async function openShopOf(service: Shop): Promise<void> {
  const connection = openConnection(service);
  for (const id of products) {
    const body = { id, sku: id.toUpperCase(), name: id, price: 1 };
    must(await connection.told("/products", body, `setup-${id}`), "the product is made");
    for (const store_id of stores) {
      const row = { product_id: id, store_id, initial_quantity: unitsAtFirst, reason: "INITIAL" };
      must(await connection.told("/stock", row, `setup-${id}-${store_id}`), "the row is made");
    }
  }
  connection.close();
}

export function openClient(name: string, random: () => number): Client {
  const deeds: Deed[] = [];
  /** Reservations that it knows of and has not ended. */
  const held: { id: string; row: string; quantity: number }[] = [];
  const pick = <T>(from: readonly T[]): T =>
    must(from[Math.floor(random() * from.length)], "there is something to pick from");

  function next(): Deed {
    const key = `${name}-${deeds.length}`;
    const chance = random();
    const hold = chance < 0.35 ? held.shift() : undefined;
    if (hold !== undefined) return endingOf(key, hold, chance < 0.25 ? "confirm" : "cancel");
    const [product_id, store_id] = [pick(products), pick(stores)];
    const row = `${product_id}/${store_id}`;
    const quantity = 1 + Math.floor(random() * 3);
    if (chance < 0.5) {
      const adjustment = random() < 0.5 ? quantity : -quantity;
      const body = { adjustment, reason: "CORRECTION" };
      const moves = [{ row, quantity: adjustment, reserved: 0 }];
      const path = `/stock/${row}/adjust`;
      return { key, kind: "adjust", path, body, reservationId: null, moves, told: null };
    }
    if (chance < 0.6) {
      const to_store_id = pick(stores.filter((one) => one !== store_id));
      const body = { product_id, from_store_id: store_id, to_store_id, quantity };
      const moves = [
        { row, quantity: -quantity, reserved: 0 },
        { row: `${product_id}/${to_store_id}`, quantity, reserved: 0 },
      ];
      const path = "/stock/transfer";
      return { key, kind: "transfer", path, body, reservationId: null, moves, told: null };
    }
    const id = `hold-${key}`;
    const body = { id, product_id, store_id, quantity, customer_id: name, ttl: 86_400 };
    const moves = [{ row, quantity: 0, reserved: quantity }];
    const path = "/reservations";
    return { key, kind: "reserve", path, body, reservationId: id, moves, told: null };
  }

  /** Into the books, before anything else is asked for. */
  function note(deed: Deed, told: Told): void {
    deed.told = told;
    const [move] = deed.moves;
    if (deed.kind !== "reserve" || told.status !== 201 || move === undefined) return;
    held.push({
      id: must(deed.reservationId, "it has an id"),
      row: move.row,
      quantity: move.reserved,
    });
  }

  return {
    deeds,
    async work(service, enough = () => false, connection = openConnection(service)) {
      try {
        while (!enough()) {
          const deed = next();
          deeds.push(deed);
          const reply = await connection.post(deed.path, deed.body, deed.key);
          if (reply.kind !== "told") return reply;
          note(deed, reply);
        }
        return null;
      } finally {
        connection.close();
      }
    },
    async settle(service) {
      const open = deeds.filter(({ told }) => told === null);
      const connection = openConnection(service);
      for (const deed of open) {
        note(deed, must(await connection.told(deed.path, deed.body, deed.key), "it is answered"));
      }
      connection.close();
      return open;
    },
  };
}

function endingOf(
  key: string,
  { id, row, quantity }: { id: string; row: string; quantity: number },
  kind: "confirm" | "cancel",
): Deed {
  const sold = kind === "confirm" ? -quantity : 0;
  return {
    key,
    kind,
    path: `/reservations/${id}/${kind}`,
    body: {},
    reservationId: id,
    moves: [{ row, quantity: sold, reserved: -quantity }],
    told: null,
  };
}

export interface Connection {
  post(path: string, body: object, key: string): Promise<Reply>;
  get(path: string): Promise<Reply>;
  /** The answer; null where there is none. */
  told(path: string, body: object, key: string): Promise<Told | null>;
  close(): void;
}

/** One kept-alive connection, opened again where the service closed it. */
export function openConnection({ url, key: apiKey }: Shop): Connection {
  const Kind = url.startsWith("https:") ? SecureAgent : Agent;
  const agent = new Kind({ keepAlive: true, maxSockets: 1 });
  const send = (method: string, path: string, body: object | null, key: string): Promise<Reply> => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    let hasBegun = false;
    const lose = (error: Error & { code?: string }): void => {
      const code = error.code ?? error.message;
      resolve(
        code === "ECONNREFUSED" ? { kind: "refused" } : { kind: "lost", code, isCutOff: hasBegun },
      );
    };
    const text = body === null ? "" : JSON.stringify(body);
    const headers = {
      "x-api-key": apiKey,
      ...(key === "" ? {} : { "idempotency-key": key, "x-request-id": key }),
      ...(body === null
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
    };
    const asked = request(`${url}/api/v1${path}`, { method, agent, headers });
    asked.on("error", lose);
    asked.on("response", (response) => {
      hasBegun = true;
      let answer = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        answer += part;
      });
      response.on("error", lose);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        // What stands before the service says something else when nobody answers.
        const isJson = /[/+]json/.test(response.headers["content-type"] ?? "");
        const parsed = isJson ? JSON.parse(answer) : {};
        resolve({ kind: "told", status, text: answer, body: parsed, headers: response.headers });
      });
    });
    asked.end(text);
    return promise;
  };
  /** What is refused because the machine is busy is asked for again. */
  const insist = async (...args: Parameters<typeof send>): Promise<Reply> => {
    let reply = await send(...args);
    const isOver = async (): Promise<boolean> => {
      if (reply.kind !== "told" || !isOverload(reply)) return true;
      // Who asks again at once keeps it busy.
      await setTimeout(50);
      reply = await send(...args);
      return false;
    };
    await until(isOver, `${args[1]} is answered`, 60_000);
    return reply;
  };
  return {
    post: (path, body, key) => insist("POST", path, body, key),
    get: (path) => insist("GET", path, null, ""),
    async told(path, body, key) {
      const reply = await insist("POST", path, body, key);
      return reply.kind === "told" ? reply : null;
    },
    close: () => agent.destroy(),
  };
}

export interface LoggedEvent {
  readonly seq: number;
  readonly type: string;
  readonly request_id: string;
  readonly aggregate_id: string;
}

/** Reads on in the log from where `log` ends; it must go on without a gap. */
export async function readLog(service: Shop, log: LoggedEvent[]): Promise<void> {
  const connection = openConnection(service);
  for (;;) {
    const after = log.at(-1)?.seq ?? 0;
    const reply = await connection.get(`/events?after=${after}&limit=500`);
    assert.ok(reply.kind === "told" && reply.status === 200, JSON.stringify(reply));
    const items = reply.body["items"] as LoggedEvent[];
    for (const event of items) {
      assert.equal(event.seq, (log.at(-1)?.seq ?? 0) + 1, "the log has no gap");
      log.push(event);
    }
    if (items.length === 0) break;
  }
  connection.close();
}

export const eventTypes: Readonly<Record<DeedKind, readonly string[]>> = {
  reserve: ["reservation.created"],
  confirm: ["reservation.confirmed"],
  cancel: ["reservation.cancelled"],
  adjust: ["stock.updated"],
  transfer: ["stock.transferred", "stock.transferred"],
};

/** Types of what a request did. What its rows crossed by that hangs on what else happened. */
export function deedsAmong(types: Iterable<string>): string[] {
  const crossings = new Set(["stock.low", "stock.out", "stock.back"]);
  return [...types].filter((type) => !crossings.has(type));
}

/** Each deed that was accepted is in the log, once and whole; one that was refused has no event. */
export function assertInLog(deeds: readonly Deed[], log: readonly LoggedEvent[]): void {
  const typesOf = Map.groupBy(log, (event) => event.request_id);
  for (const { key, kind, told } of deeds) {
    if (told === null) continue;
    assert.ok([200, 201, 409].includes(told.status), `${key} was answered ${told.text}`);
    const expected = told.status === 409 ? [] : eventTypes[kind];
    const found = deedsAmong((typesOf.get(key) ?? []).map(({ type }) => type));
    assert.deepEqual(found, expected, `events of ${key}, answered ${told.status}`);
  }
}

/** The status that each reservation must have now; of one that is not known, nothing is said. */
export function statusesOf(deeds: readonly Deed[]): ReadonlyMap<string, string> {
  const statuses = new Map<string, string>();
  for (const { reservationId, kind, told } of deeds) {
    if (reservationId === null || told?.status === 409) continue;
    if (told === null) {
      statuses.delete(reservationId);
      continue;
    }
    const ended = kind === "confirm" ? "CONFIRMED" : "CANCELLED";
    statuses.set(reservationId, kind === "reserve" ? "PENDING" : ended);
  }
  return statuses;
}

/** What each row must say by the books of all clients. */
export function booksOf(
  deeds: readonly Deed[],
): ReadonlyMap<string, { readonly quantity: number; readonly reserved: number }> {
  const books = new Map<string, { quantity: number; reserved: number }>();
  for (const product of products) {
    for (const store of stores) {
      books.set(`${product}/${store}`, { quantity: unitsAtFirst, reserved: 0 });
    }
  }
  for (const { told, moves } of deeds) {
    assert.ok(told !== null, "every deed was answered in the end");
    if (told.status === 409) continue;
    for (const { row, quantity, reserved } of moves) {
      const entry = must(books.get(row), "the row is one of theirs");
      entry.quantity += quantity;
      entry.reserved += reserved;
    }
  }
  return books;
}

/** The rows as the service has them now, of the products that the clients work on. */
export async function rowsOf(service: Shop): Promise<ReturnType<typeof booksOf>> {
  const rows = new Map<string, { quantity: number; reserved: number }>();
  const connection = openConnection(service);
  for (const product of products) {
    for (const store of stores) {
      const reply = await connection.get(`/stock/${product}/${store}`);
      assert.ok(reply.kind === "told" && reply.status === 200, JSON.stringify(reply));
      const { quantity, reserved } = reply.body;
      rows.set(`${product}/${store}`, { quantity: Number(quantity), reserved: Number(reserved) });
    }
  }
  connection.close();
  return rows;
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
