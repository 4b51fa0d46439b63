// A service on a socket, for clients that speak no proper HTTP to it: how their requests are written, what every
// answer must be like, and what must be so again when they are gone.

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { problemKinds } from "../../src/http/problem.ts";
import { type Market, openMarket } from "./market.ts";
import { answersIn, type RawAnswer, speak } from "./raw-http.ts";
import type { Things } from "./requests.ts";
import { until } from "./until.ts";

export interface RawTarget {
  readonly market: Market;
  readonly base: string;
  /** About a product with a row in MAD and one in BCN. */
  readonly things: Things;
  /** Lines of a request that say who sends it: an admin. */
  readonly own: string;
  /** Requests as bytes; `fields` are lines of headers. */
  get(url: string, fields?: string): string;
  post(url: string, body: object, fields?: string): string;
  chunkedPost(url: string, body: object): string;
  connect(): Socket;
  connections(): Promise<number>;
  /** It lives, keeps no connection, and its log tells of no failure. */
  mustBeAtRest(): Promise<void>;
  close(): Promise<void>;
}

export const json = "Content-Type: application/json\r\n";

export async function openRawTarget(): Promise<RawTarget> {
  const alarms: string[] = [];
  const alarming = /"level":"(?:error|fatal)"|"stack"/;
  const market = await openMarket({
    log: { write: (line) => void (alarming.test(line) && alarms.push(line)) },
  });
  const base = await market.app.listen({ port: 0 });
  const [things] = await market.things([{ groupStore: "BCN" }]);
  assert.ok(things);
  const own = `Host: x\r\nX-Api-Key: ${market.keys.admin}\r\n`;
  const get = (url: string, fields = ""): string => `GET ${url} HTTP/1.1\r\n${own}${fields}\r\n`;
  const connections = (): Promise<number> =>
    new Promise((resolve) => market.app.server.getConnections((_error, count) => resolve(count)));
  return {
    market,
    base,
    things,
    own,
    get,
    post(url, body, fields = "") {
      const text = JSON.stringify(body);
      const head = `${own}${json}Content-Length: ${text.length}\r\n${fields}`;
      return `POST ${url} HTTP/1.1\r\n${head}\r\n${text}`;
    },
    chunkedPost(url, body) {
      const text = JSON.stringify(body);
      const chunks = [text.slice(0, 7), text.slice(7)].map(
        (one) => `${one.length.toString(16)}\r\n${one}\r\n`,
      );
      const head = `${own}${json}Transfer-Encoding: chunked\r\n`;
      return `POST ${url} HTTP/1.1\r\n${head}\r\n${chunks.join("")}0\r\n\r\n`;
    },
    connect() {
      const socket = connect(Number(new URL(base).port), "127.0.0.1");
      socket.on("error", () => undefined);
      return socket;
    },
    connections,
    async mustBeAtRest() {
      const [alive] = answersIn(await speak(base, get("/livez", "Connection: close\r\n")));
      assert.equal(alive?.status, 200);
      await until(async () => (await connections()) === 0, "no connection is kept");
      assert.deepEqual(alarms, [], "the log tells of no failure");
    },
    close: () => market.close(),
  };
}

/** Answered as a service answers that is not at fault: with what was asked, or a problem of a known code. */
export function mustBeProper(answers: readonly RawAnswer[], asked: string | Buffer): void {
  for (const { status, headers, body } of answers) {
    const shown = `${status} to ${JSON.stringify(asked.toString("latin1").slice(0, 2_000))}`;
    assert.ok(status < 500, shown);
    if (status === 100) continue;
    assert.equal(headers["x-content-type-options"], "nosniff", shown);
    if (status < 400) continue;
    assert.match(String(headers["content-type"]), /^application\/problem\+json/, shown);
    assert.ok(String(body["code"]) in problemKinds, shown);
    assert.equal(body["status"], status, shown);
  }
}

export const statusesOf = (answers: readonly RawAnswer[]): number[] =>
  answers.map(({ status }) => status);
