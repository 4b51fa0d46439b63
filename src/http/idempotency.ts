// Idempotency keys: the same key with the same request is one effect and one answer. The fingerprint
// says what "the same request" is: method, path, If-Match and the body, whatever the order of its
// fields. Keys belong to their caller, so two callers may use the same text.

import type { FastifyRequest } from "fastify";
import type { Issued, Once } from "../domain/model.ts";
import { digest } from "../lib/ids.ts";
import { idempotencyKeyLengthMax } from "../limits.ts";
import { invalidField, ProblemError, pathOf } from "./problem.ts";

/** Who issues the command, by which request, under which key: the beginning of every command. */
export function issued(request: FastifyRequest): Issued {
  const { caller, id, trace } = request;
  const traceparent = trace?.traceparent ?? null;
  return { actor: caller.actor, requestId: id, once: onceOf(request), traceparent };
}

function onceOf(request: FastifyRequest): Once | null {
  const header = request.headers["idempotency-key"];
  if (header === undefined) return null;
  const key = parseIdempotencyKey(header);
  return { caller: request.caller.id, key, fingerprint: fingerprintOf(request) };
}

const visibleAscii = /^[\x21-\x7e]+$/;

/** Bare, or a quoted string as the draft standard has it; both name the same key. */
export function parseIdempotencyKey(header: string | readonly string[]): string {
  const text = String(header);
  const key = /^".*"$/.test(text) ? text.slice(1, -1) : text;
  if (!visibleAscii.test(key) || key.length > idempotencyKeyLengthMax) {
    throw new ProblemError(
      "invalid_idempotency_key",
      `Idempotency-Key must be 1 to ${idempotencyKeyLengthMax} visible ASCII characters.`,
    );
  }
  return key;
}

/** Where an answer must not be kept (secrets) or there is no effect to repeat. */
export function refuseIdempotencyKey(request: FastifyRequest): void {
  if (request.headers["idempotency-key"] === undefined) return;
  throw new ProblemError(
    "invalid_idempotency_key",
    "This route takes no Idempotency-Key: its answers are not kept.",
  );
}

export function fingerprintOf(
  request: Pick<FastifyRequest, "method" | "url" | "body"> & {
    readonly headers: { readonly "if-match"?: string | undefined };
  },
): string {
  const { method, url, body, headers } = request;
  const condition = headers["if-match"] ?? "";
  return digest(`${method}\n${pathOf(url)}\n${condition}\n${canonicalJson(body ?? null)}`);
}

/** No body of ours is nested deeper; free JSON may be, and must not reach the end of the stack. */
const depthMax = 64;

/** JSON with sorted keys. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (depth > depthMax) throw invalidField("", "the body is nested too deeply");
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item, depth + 1)).join(",")}]`;
  }
  let text = "{";
  for (const name of Object.keys(value).sort()) {
    const field: unknown = Reflect.get(value, name);
    if (field === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${JSON.stringify(name)}:${canonicalJson(field, depth + 1)}`;
  }
  return `${text}}`;
}
