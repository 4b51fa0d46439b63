// One delivery to one endpoint: a signed POST, and whether it was taken (any 2xx). Bounded in time and in what is read
// of the answer; a redirect is not followed, for it leads where nobody looked. It never throws: whatever goes wrong is
// the endpoint's answer, in words.

import type { ClientRequest } from "node:http";
import { Agent, request } from "node:https";
import { steady } from "../lib/clock.ts";
import { Agent as PlainAgent, request as plainRequest } from "../lib/http.ts";
import { version } from "../lib/version.ts";
import { webhookAnswerBytesMax, webhookAnswerMsMax, webhookRetryAfterMsMax } from "../limits.ts";
import type { Attempt, Webhook } from "../store/webhook.ts";
import { openLookup, refuseUrl } from "./webhook-address.ts";
import { signatureHeaders } from "./webhook-signature.ts";

export interface Message {
  /** The event's id, by which a receiver drops what it has had. */
  readonly id: string;
  readonly seq: number | null;
  readonly type: string;
  readonly body: string;
  /** The span of the request that caused it: what the receiver does goes on with that trace. */
  readonly traceparent: string | null;
}

export interface Sent extends Attempt {
  /** So long the endpoint wants to be left alone; 0: it does not say. */
  readonly retryAfterMs: number;
}

export interface Sender {
  send(hook: Webhook, message: Message, signal?: AbortSignal): Promise<Sent>;
  close(): void;
}

export interface SenderOptions {
  /** For development: also to this machine and its network, and without TLS. */
  readonly allowPrivate: boolean;
  readonly now: () => number;
  readonly newId: () => string;
  readonly answerMsMax?: number;
  /** Told of each delivery. */
  readonly sent?: (attempt: Attempt) => void;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

export function openSender(options: SenderOptions): Sender {
  const { allowPrivate, now, newId, answerMsMax = webhookAnswerMsMax, sent } = options;
  const lookup = allowPrivate ? {} : { lookup: openLookup() };
  const kept = { keepAlive: true, maxFreeSockets: 1, timeout: 60_000 };
  const agents = { "https:": new Agent(kept), "http:": new PlainAgent(kept) };

  function post(hook: Webhook, message: Message, signal: AbortSignal): Promise<Answer> {
    const { id, body, traceparent } = message;
    const at = now();
    const url = new URL(hook.url);
    const isPlain = url.protocol === "http:";
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "user-agent": `onhand/${version}`,
      ...(traceparent === null ? null : { traceparent }),
      ...signatureHeaders({ id, atMs: at, body }, secretsAt(hook, at)),
    };
    const agent = agents[isPlain ? "http:" : "https:"];
    const how = { ...lookup, agent, method: "POST", signal, headers };
    const going = (isPlain ? plainRequest : request)(url, how);
    const answer = answerTo(going);
    going.end(body);
    return answer;
  }

  return {
    async send(hook, message, signal) {
      const at = now();
      const began = steady();
      const refusal = refuseUrl(hook.url, allowPrivate);
      const { status, error, retryAfter } = await (refusal === null
        ? attempt((within) => post(hook, message, within), answerMsMax, signal)
        : { status: null, error: `the URL ${refusal}`, retryAfter: undefined });
      const { id: eventId, seq, type: eventType } = message;
      const durationMs = Math.round(steady() - began);
      const done = { id: newId(), seq, eventId, eventType, at, durationMs, status, error };
      sent?.(done);
      return { ...done, retryAfterMs: error === null ? 0 : waitOf(retryAfter, now()) };
    },
    close() {
      agents["https:"].destroy();
      agents["http:"].destroy();
    },
  };
}

function answerTo(going: ClientRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let isAnswered = false;
  going.on("response", (answer) => {
    isAnswered = true;
    const { statusCode: status = 0, headers } = answer;
    const said = { status, retryAfter: headers["retry-after"] };
    let bytes = 0;
    answer.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= webhookAnswerBytesMax) return;
      // The status is known; the connection is not worth what is still to come.
      resolve(said);
      answer.destroy();
    });
    answer.on("end", () => resolve(said));
    answer.on("error", reject);
    answer.on("close", () => reject(new Error("the answer was cut off")));
  });
  going.on("error", reject);
  // Without a word, as where it wants to speak another protocol (101).
  going.on("close", () => {
    if (!isAnswered) reject(new Error("the connection was closed without an answer"));
  });
  return promise;
}

interface Outcome extends Pick<Attempt, "status" | "error"> {
  readonly retryAfter: string | undefined;
}

async function attempt(
  post: (signal: AbortSignal) => Promise<Answer>,
  msMax: number,
  stopped: AbortSignal | undefined,
): Promise<Outcome> {
  const end = new AbortController();
  const stop = (): void => end.abort();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, msMax);
  stopped?.addEventListener("abort", stop);
  try {
    if (stopped?.aborted === true) stop();
    const { status, retryAfter } = await post(end.signal);
    return { status, error: status >= 200 && status < 300 ? null : wordsOf(status), retryAfter };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const why = isLate ? `no answer within ${msMax} ms` : words;
    return { status: null, error: why, retryAfter: undefined };
  } finally {
    clearTimeout(timer);
    stopped?.removeEventListener("abort", stop);
  }
}

function wordsOf(status: number): string {
  if (status >= 300 && status < 400) return `answered ${status}; redirects are not followed`;
  return `answered ${status}`;
}

/** Seconds, or a date by this clock; what is neither counts for nothing, and what is too long for the longest. */
export function waitOf(retryAfter: string | undefined, nowMs: number): number {
  if (retryAfter === undefined) return 0;
  const text = retryAfter.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return ms > 0 ? Math.min(ms, webhookRetryAfterMsMax) : 0;
}

function secretsAt({ secret, oldSecret, oldSecretUntil }: Webhook, at: number): string[] {
  return oldSecret !== null && at < (oldSecretUntil ?? 0) ? [secret, oldSecret] : [secret];
}
