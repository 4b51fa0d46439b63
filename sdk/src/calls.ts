// One call of the API: its headers, its time, its retries. A call is tried again where that cannot do anything
// twice: reads always, writes because every try carries the same idempotency key, and a write whose route takes no
// key only where the service says that nothing was done. A key or token travels in headers, never in a URL.

import { answerIn } from "./answers.ts";
import { backOffMs, type Clock, pause } from "./clock.ts";
import { isOnhandError, makeError, OnhandError } from "./errors.ts";

/** What every method takes last. */
export interface CallOptions {
  /** Gives the call up; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** For the whole call with its retries, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** How often it is tried again at most. */
  readonly retries?: number | undefined;
}

/** What writes take last. */
export interface WriteOptions extends CallOptions {
  /** Names the intent: the same key with the same request is done once and answered alike, for 24 hours. Made for each call where it is not given. */
  readonly idempotencyKey?: string | undefined;
}

/** What writes of a thing with a version take last. */
export interface VersionedOptions extends WriteOptions {
  /** Refuses the write (`version_mismatch`) unless the thing still has this version. */
  readonly ifVersion?: number | undefined;
}

/**
 * `read`: changes nothing, or nothing twice. `keyed`: a write with an idempotency key.
 * `unkeyed`: a write whose answer must not be kept (secrets), so that its route refuses a key.
 */
export type CallKind = "read" | "keyed" | "unkeyed";

export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly kind: CallKind;
  readonly query?: object | undefined;
  readonly body?: unknown;
  /** An answer with this status is a value, too. */
  readonly alsoStatus?: number;
}

export interface Connection {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly newKey: () => string;
  /** The header that says who asks; asked for each try, so that a token may be renewed. */
  readonly credentials: () => Promise<Readonly<Record<string, string>>>;
  readonly timeoutMs: number;
  readonly attemptTimeoutMs: number;
  readonly retries: number;
}

export type Call = <Answer>(request: Request, options?: VersionedOptions) => Promise<Answer>;

const firstDelayMs = 200;
const delayMsMax = 5_000;

export function openCalls(connection: Connection): Call {
  const { clock } = connection;
  return async <Answer>(request: Request, options: VersionedOptions = {}): Promise<Answer> => {
    const endsAt = clock.now() + (options.timeoutMs ?? connection.timeoutMs);
    const retries = options.retries ?? connection.retries;
    const init = initOf(request, options, connection);
    const outer = options.signal ?? new AbortController().signal;
    for (let attempt = 0; ; attempt += 1) {
      const leftMs = endsAt - clock.now();
      try {
        return (await attemptOnce(connection, request, init, outer, leftMs)) as Answer;
      } catch (error) {
        if (!(error instanceof OnhandError)) throw error;
        const delayMs = delayOf(clock, error, attempt);
        const isTime = clock.now() + delayMs < endsAt;
        if (attempt >= retries || !isTime || !mayComeAgain(error, request.kind)) throw error;
        await pause(clock, delayMs, outer);
      }
    }
  };
}

function delayOf(clock: Clock, { retryAfterMs }: OnhandError, attempt: number): number {
  const ownMs = backOffMs(clock, attempt, firstDelayMs, delayMsMax);
  // Spread over what comes after the time that was asked for, never before it.
  return retryAfterMs === null ? ownMs : retryAfterMs + Math.min(ownMs, 1_000);
}

function mayComeAgain(error: OnhandError, kind: CallKind): boolean {
  // Refused before anything was done.
  if (error.status === 429 || isOnhandError(error, "overloaded")) return true;
  if (kind === "unkeyed") return false;
  return error.status === 0 || error.status === 502 || error.status === 503 || error.status === 504;
}

interface Init {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

function initOf(request: Request, options: VersionedOptions, connection: Connection): Init {
  const { method, kind, body } = request;
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (kind === "keyed") headers["idempotency-key"] = options.idempotencyKey ?? connection.newKey();
  if (options.ifVersion !== undefined) headers["if-match"] = `"v${options.ifVersion}"`;
  const url = urlOf(connection.baseUrl, request);
  return { url, method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

export function urlOf(baseUrl: string, { path, query }: Pick<Request, "path" | "query">): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) parameters.append(name, String(value));
  }
  const text = parameters.toString();
  return `${baseUrl}${path}${text === "" ? "" : `?${text}`}`;
}

async function attemptOnce(
  connection: Connection,
  { kind, alsoStatus }: Request,
  { url, ...init }: Init,
  outer: AbortSignal,
  leftMs: number,
): Promise<unknown> {
  const isWrite = kind !== "read";
  const timeMs = Math.max(0, Math.min(leftMs, connection.attemptTimeoutMs));
  // Outside of what is tried again: where the caller's own function fails, its error is the caller's.
  const credentials = await connection.credentials();
  return withTime(connection.clock, timeMs, outer, isWrite, async (signal) => {
    const response = await sendRequest(connection, url, {
      ...init,
      headers: { ...init.headers, ...credentials },
      signal,
    });
    if (response.status === alsoStatus) return response.json();
    return answerIn(response, isWrite);
  });
}

/** One request as it is, with what holds for all of them. */
export function sendRequest(
  { fetch }: Pick<Connection, "fetch">,
  url: string,
  init: RequestInit & { readonly headers: Readonly<Record<string, string>> },
): Promise<Response> {
  const { "x-api-key": key, authorization } = init.headers;
  // A key is who asks: a cookie beside it would only confuse. And it goes where it was sent, nowhere else.
  const credentials = key === undefined && authorization === undefined ? "same-origin" : "omit";
  return fetch(url, { ...init, redirect: "manual", credentials });
}

/** Runs `work` with a signal that is aborted by the caller's or when the time is over, and says which it was. */
async function withTime<Value>(
  clock: Clock,
  ms: number,
  outer: AbortSignal,
  isWrite: boolean,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  outer.throwIfAborted();
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(outer.reason);
  let isLate = false;
  outer.addEventListener("abort", giveUp, { once: true });
  const cancel = clock.after(ms, () => {
    isLate = true;
    controller.abort();
  });
  try {
    return await work(controller.signal);
  } catch (cause) {
    outer.throwIfAborted();
    if (cause instanceof OnhandError) throw cause;
    throw unanswered(isLate ? "timed_out" : "no_answer", isWrite, cause);
  } finally {
    cancel();
    outer.removeEventListener("abort", giveUp);
  }
}

/** Node's fetch says "fetch failed", and why only in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== ""
    ? `${error.message}, ${cause.message}`
    : error.message;
}

function unanswered(
  code: "no_answer" | "timed_out",
  mayHaveHappened: boolean,
  cause: unknown,
): OnhandError {
  const why = reasonOf(cause);
  const message =
    code === "timed_out" ? "There was no answer in time." : `There was no answer: ${why}.`;
  const none = { status: 0, requestId: null, facts: {}, retryAfterMs: null };
  return makeError({ code, message, mayHaveHappened, cause, ...none });
}
