// The requests of each work, as text ready for the socket. What README.md says of a work is made here: change both.

import { randomBytes } from "node:crypto";
import { must } from "../src/lib/assert.ts";
import type { Rows, Work } from "./plan.ts";

/** One request, and what follows from its answer. */
export interface Step {
  readonly kind: "reserve" | "confirm" | "read";
  readonly text: string;
  /** The next request of the same operation. */
  readonly followedBy?: (answer: Buffer) => Step;
}

/** Makes the first request of the next operation. */
export type NextStep = () => Step;

export function requestsOf(work: Work, headers: Readonly<Record<string, string>>): NextStep {
  const head = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  const run = randomBytes(6).toString("hex");
  let made = 0;

  function get(path: string): Step {
    return { kind: "read", text: `GET ${path} HTTP/1.1\r\nHost: bench\r\n${head}\r\n` };
  }
  function post(path: string, key: string, body: string): string {
    return (
      `POST /api/v1${path} HTTP/1.1\r\nHost: bench\r\n${head}Content-Type: application/json\r\n` +
      `Idempotency-Key: ${run}-${key}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    );
  }
  /** Each by a customer of its own, under a key of its own, for an hour. */
  function reserve(rows: Rows, lines = 1): Step {
    const what = Array.from(
      { length: lines },
      (_, line) => `${rowText(rows, made * lines + line)},"quantity":1`,
    );
    const wanted = lines === 1 ? what[0] : `"lines":[${what.map((one) => `{${one}}`).join()}]`;
    const body = `{${wanted},"customer_id":"c-${run}-${made}","ttl":3600}`;
    return { kind: "reserve", text: post("/reservations", String(made), body) };
  }
  function confirm(answer: Buffer): Step {
    const id = must(/"id":"([^"]+)"/.exec(answer.toString("latin1"))?.[1], "the hold has an id");
    return { kind: "confirm", text: post(`/reservations/${id}/confirm`, `${id}`, "{}") };
  }
  function availability({ products }: Rows): Step {
    return get(`/api/v1/products/p-${scattered(made) % products}/availability`);
  }

  function next(): Step {
    switch (work.kind) {
      case "reserve":
        return reserve(work.rows, work.lines);
      case "reserve-confirm":
        return { ...reserve(work.rows), followedBy: confirm };
      case "availability":
        return availability(work.rows);
      case "mixed":
        return made % 5 === 0 ? reserve(work.rows) : availability(work.rows);
      case "get":
        return get(work.path);
    }
  }
  return () => {
    made += 1;
    return next();
  };
}

function rowText({ products, stores }: Rows, number: number): string {
  const row = scattered(number) % (products * stores.length);
  const store = must(stores[row % stores.length], "there are stores");
  return `"product_id":"p-${Math.floor(row / stores.length)}","store_id":"${store}"`;
}

/** Each number once in 2^32, neighbours far from each other: no row is asked for because its neighbour is at hand. */
function scattered(number: number): number {
  return Math.imul(number, 2_654_435_761) >>> 0;
}
