// One delivery to one endpoint: a signed POST, and whether it was taken (any 2xx). Bounded in time and in what is read
// of the answer; a redirect is not followed, for it leads where nobody looked. It never throws: whatever goes wrong is
// the endpoint's answer, in words.

import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent, request } from "node:https";
import { steady } from "../lib/clock.ts";
import { version } from "../lib/version.ts";
import { webhookAnswerBytesMax, webhookAnswerMsMax } from "../limits.ts";
import type { Attempt, Webhook } from "../store/store.ts";
import { openLookup, refuseUrl } from "./webhook-address.ts";
import { signatureHeaders } from "./webhook-signature.ts";

export interface Message {
  /** The event's id, by which a receiver drops what it has had. */
  readonly id: string;
  readonly seq: number | null;
  readonly type: string;
  readonly body: string;
}

export interface Sender {
  send(hook: Webhook, message: Message, signal?: AbortSignal): Promise<Attempt>;
  close(): void;
}

export interface SenderOptions {
  /** For development: also to this machine and its network, and without TLS. */
  readonly allowPrivate: boolean;
  readonly now: () => number;
  readonly newId: () => string;
  readonly answerMsMax?: number;
}

export function openSender(options: SenderOptions): Sender {
  const { allowPrivate, now, newId, answerMsMax = webhookAnswerMsMax } = options;
  const lookup = allowPrivate ? {} : { lookup: openLookup() };
  const kept = { keepAlive: true, maxFreeSockets: 1, timeout: 60_000 };
  const agents = { "https:": new Agent(kept), "http:": new PlainAgent(kept) };

  function post(hook: Webhook, message: Message, signal: AbortSignal): Promise<number> {
    const at = now();
    const url = new URL(hook.url);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const isPlain = url.protocol === "http:";
    const sent = (isPlain ? plainRequest : request)(
      url,
      {
        ...lookup,
        agent: agents[isPlain ? "http:" : "https:"],
        method: "POST",
        signal,
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(message.body),
          "user-agent": `onhand/${version}`,
          ...signatureHeaders(
            { id: message.id, atMs: at, body: message.body },
            secretsAt(hook, at),
          ),
        },
      },
      (answer) => {
        let bytes = 0;
        const { statusCode = 0 } = answer;
        answer.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= webhookAnswerBytesMax) return;
          // The status is known; the connection is not worth what is still to come.
          resolve(statusCode);
          answer.destroy();
        });
        answer.on("end", () => resolve(statusCode));
        answer.on("error", reject);
        answer.on("close", () => reject(new Error("the answer was cut off")));
      },
    );
    sent.on("error", reject);
    sent.end(message.body);
    return promise;
  }

  return {
    async send(hook, message, signal) {
      const at = now();
      const began = steady();
      const refusal = refuseUrl(hook.url, allowPrivate);
      const outcome = await (refusal === null
        ? attempt(post, hook, message, answerMsMax, signal)
        : { status: null, error: `the URL ${refusal}` });
      const { id: eventId, seq, type: eventType } = message;
      const durationMs = Math.round(steady() - began);
      return { id: newId(), seq, eventId, eventType, at, durationMs, ...outcome };
    },
    close() {
      agents["https:"].destroy();
      agents["http:"].destroy();
    },
  };
}

async function attempt(
  post: (hook: Webhook, message: Message, signal: AbortSignal) => Promise<number>,
  hook: Webhook,
  message: Message,
  msMax: number,
  stopped: AbortSignal | undefined,
): Promise<Pick<Attempt, "status" | "error">> {
  const late = AbortSignal.timeout(msMax);
  try {
    const status = await post(
      hook,
      message,
      stopped === undefined ? late : AbortSignal.any([late, stopped]),
    );
    return { status, error: status >= 200 && status < 300 ? null : wordsOf(status) };
  } catch (error) {
    if (late.aborted) return { status: null, error: `no answer within ${msMax} ms` };
    return { status: null, error: error instanceof Error ? error.message : String(error) };
  }
}

function wordsOf(status: number): string {
  if (status >= 300 && status < 400) return `answered ${status}; redirects are not followed`;
  return `answered ${status}`;
}

function secretsAt({ secret, oldSecret, oldSecretUntil }: Webhook, at: number): string[] {
  return oldSecret !== null && at < (oldSecretUntil ?? 0) ? [secret, oldSecret] : [secret];
}
