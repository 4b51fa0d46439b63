// The service under a fuzzer: over HTTP on a port of its own, every answer held to openapi.json, every line
// of its log looked at when it is written.

import assert from "node:assert/strict";
import { Agent, type IncomingMessage, request } from "node:http";
import { bodyBytesMax } from "../../src/limits.ts";
import type { Answer } from "./app.ts";
import { readDocumented } from "./documented.ts";
import { curlOf, type FuzzRequest, type FuzzWorld } from "./fuzz-requests.ts";
import { faultsOf, type Schema } from "./json-schema.ts";
import { type Market, openMarket } from "./market.ts";
import type { Things } from "./requests.ts";

export interface FuzzTarget {
  readonly market: Market;
  readonly base: string;
  /** Things that fuzzed requests are about; `renew` makes others. */
  world(): FuzzWorld;
  renew(): Promise<void>;
  /**
   * Sends, and holds the answer to what is promised of every answer, then to what the caller knows of it.
   * null: the connection was closed, as it may be on one who sends too much.
   */
  send(asked: FuzzRequest, then?: (answer: Answer | null) => Promise<void>): Promise<Answer | null>;
  /** How many were closed like that. */
  closed(): number;
  /** Lines of the log that tell of a failure, or show a stack. */
  readonly alarms: readonly string[];
  /** Requests that took longer than they should, and kept this process at work, as curl lines. */
  readonly slow: readonly string[];
  /** How often each status was answered. */
  readonly statuses: ReadonlyMap<number, number>;
  close(): Promise<void>;
}

/**
 * Longer than any answer takes; whoever waits for this much was forgotten. Counted second by second, so that time
 * in which a busy machine did not let this process run is no time.
 */
const hangsSeconds = 20;
/** No answer takes this long, nor this much of the processor: waiting for that alone is the machine's doing. */
const slowMs = 2_000;
const slowCpuMs = 1_000;
const cursorsKept = 50;
const alarming = /"level":"(?:error|fatal)"|"stack"|\n {4}at |node_modules/;
const leaking = /node_modules|\.ts:\d+|SQLITE_|SqliteError|at async |syntax error at/;

export async function openFuzzTarget(): Promise<FuzzTarget> {
  const alarms: string[] = [];
  const market = await openMarket({
    settings: { trustProxy: 1 },
    log: { write: (line) => void (alarming.test(line) && alarms.push(line)) },
  });
  const base = await market.app.listen({ port: 0 });
  // A format says nothing that a pattern beside it does not; the check of schemas does not know it.
  const json = JSON.stringify(market.app.swagger()).replaceAll(/"format":"[^"]*",?/g, "");
  const document: Record<string, unknown> = JSON.parse(json.replaceAll(",}", "}"));
  const documented = readDocumented(document);
  const everywhere = new Set(documented.all().map((name) => name.replace(/^.*?: /, "")));
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const cursors: string[] = [];
  const statuses = new Map<number, number>();
  let things: readonly Things[] = [];
  const slow: string[] = [];
  let closed = 0;

  function check(asked: FuzzRequest, answer: Answer): void {
    const { status, body, headers, text } = answer;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 503 || status === 429) assert.match(String(headers["retry-after"]), /^\d+$/);
    else assert.ok(status < 500, "a failure of ours");
    mustBeGuarded(headers);
    if (/[/+]json/.test(String(headers["content-type"]))) assert.doesNotMatch(text, leaking);
    if (asked.strays) {
      const name = status < 400 ? `${status}` : `${status} ${String(body["code"])}`;
      assert.ok(everywhere.has(name) || nowhere.has(name), `${name} is documented nowhere`);
      return;
    }
    documented.mustAllow(asked.route, answer);
    const schema = answerSchema(document, asked.route, status);
    if (schema !== null && status < 400) {
      assert.deepEqual(misfits(schema, body, documented.at), [], "the answer fits its schema");
    }
    const next = body["next_cursor"];
    if (typeof next === "string") cursors[cursors.length % cursorsKept] = next;
  }

  return {
    market,
    base,
    alarms,
    statuses,
    slow,
    world: () => ({ documented, keys: market.keys, things, cursors }),
    async renew() {
      things = await market.things([
        { groupStore: "VLC" },
        {},
        { store: "VLC", otherStore: "MAD" },
      ]);
    },
    closed: () => closed,
    async send(asked, then) {
      const began = performance.now();
      const cpu = process.cpuUsage();
      try {
        const answer = await exchange(base, agent, asked);
        const { user, system } = process.cpuUsage(cpu);
        const isSlow = performance.now() - began > slowMs && (user + system) / 1_000 > slowCpuMs;
        if (isSlow) slow.push(curlOf(base, asked));
        if (answer !== null) check(asked, answer);
        else closed += 1;
        assert.ok(answer !== null || isTooMuch(asked), "closed without an answer");
        await then?.(answer);
        return answer;
      } catch (error) {
        throw new Error(`${curlOf(base, asked)}\n${String(error)}`, { cause: error });
      }
    },
    async close() {
      agent.destroy();
      await market.close();
    },
  };
}

/** Browsers make no more of an answer than data, and it names nobody. */
function mustBeGuarded(headers: Answer["headers"]): void {
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["x-frame-options"], "DENY");
  assert.equal(headers["referrer-policy"], "no-referrer");
  assert.equal(headers["cross-origin-resource-policy"], "same-origin");
  assert.match(String(headers["content-security-policy"]), /^default-src 'none'/);
  assert.ok(typeof headers["cache-control"] === "string");
  for (const name of ["server", "x-powered-by", "access-control-allow-origin"]) {
    assert.equal(headers[name], undefined, name);
  }
}

function isTooMuch({ body, headers }: FuzzRequest): boolean {
  return (body?.length ?? 0) > bodyBytesMax || "x-large" in headers;
}

/** What an address or a host that is none may be answered. */
const nowhere: ReadonlySet<string> = new Set([
  "400 validation_failed",
  "404 route_not_found",
  "405 method_not_allowed",
]);

function answerSchema(document: object, route: string, status: number): Schema | null {
  const [method = "", url = ""] = route.split(" ");
  const steps = ["paths", url.replace(/:(\w+)/g, "{$1}"), method.toLowerCase(), "responses"];
  const at = [...steps, String(status), "content", "application/json", "schema"];
  return (at.reduce<unknown>((part, name) => Reflect.get(Object(part), name), document) ??
    null) as Schema | null;
}

function misfits(schema: Schema, value: unknown, at: (reference: string) => Schema): string[] {
  const kinds = schema["oneOf"];
  if (!Array.isArray(kinds)) return faultsOf(schema, value, at);
  const faults = kinds.map((kind: Schema) => faultsOf(kind, value, at));
  return faults.find((found) => found.length === 0) ?? faults.flat();
}

function exchange(base: string, agent: Agent, asked: FuzzRequest): Promise<Answer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer | null>();
  const { body, method } = asked;
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(asked.headers)) {
    headers[name] = typeof value === "string" ? value : [...value];
  }
  if (body !== null && !("transfer-encoding" in headers))
    headers["content-length"] = `${body.length}`;
  const { hostname, port } = new URL(base);
  const sent = request({ hostname, port, agent, method, path: asked.url, headers }, hear);
  let waited = 0;
  const timer = setInterval(() => {
    waited += 1;
    if (waited < hangsSeconds) return;
    clearInterval(timer);
    reject(new Error(`no answer within ${hangsSeconds} s`));
    sent.destroy();
  }, 1_000);
  const settle = (answer: Answer | null): void => {
    clearInterval(timer);
    resolve(answer);
  };
  function hear(response: IncomingMessage): void {
    const type = String(response.headers["content-type"]);
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", () => settle(null));
    response.on("end", () => settle(answerOf(response, Buffer.concat(chunks).toString("utf8"))));
    if (type !== "text/event-stream") return;
    // It does not end by itself; that it began is its answer.
    settle(answerOf(response, ""));
    sent.destroy();
  }
  sent.on("error", (error: NodeJS.ErrnoException) => {
    clearInterval(timer);
    // Cut off while a body that is too long is still being sent, or with a connection that was closing.
    if (["ECONNRESET", "EPIPE"].includes(error.code ?? "")) resolve(null);
    else reject(error);
  });
  sent.end(body ?? undefined);
  return promise;
}

function answerOf(response: IncomingMessage, text: string): Answer {
  const isJson = text !== "" && /[/+]json/.test(String(response.headers["content-type"]));
  const body: Record<string, unknown> = isJson ? JSON.parse(text) : {};
  return { status: response.statusCode ?? 0, headers: response.headers, text, body };
}
