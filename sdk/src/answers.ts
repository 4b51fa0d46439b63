// From an HTTP response to a value or an error. Only what the service itself says is believed: an answer of
// anything between (a proxy's page, a redirect) is an error by that name.

import { type ErrorCode, makeError, type OnhandError } from "./errors.ts";

/** The value of an answer; throws the error that it tells. */
export async function answerIn(response: Response, isWrite: boolean): Promise<unknown> {
  if (!response.ok) throw await errorOf(response, isWrite);
  if (response.status === 204) return undefined;
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unexpected(response, isWrite, "its body is not JSON", cause);
  }
}

export async function errorOf(response: Response, isWrite: boolean): Promise<OnhandError> {
  const text = await response.text();
  const problem = problemIn(response, text);
  if (problem === null) {
    return unexpected(response, isWrite, "it is not an answer of the service");
  }
  const { type, title, status, detail, instance, code, request_id: requestId, ...facts } = problem;
  return makeError({
    // A newer service may have codes that this client does not know; they are passed on as they are.
    code: String(code) as ErrorCode,
    status: response.status,
    message: String(detail ?? title ?? code),
    requestId: typeof requestId === "string" ? requestId : null,
    facts: facts as never,
    mayHaveHappened: isWrite && (code === "internal" || code === "database_unavailable"),
    retryAfterMs: retryAfterMsOf(response),
  });
}

function problemIn(response: Response, text: string): Record<string, unknown> | null {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("application/problem+json")) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && typeof value["code"] === "string" ? value : null;
  } catch {
    // Cut off on its way: nothing of it can be trusted.
    return null;
  }
}

function unexpected(
  response: Response,
  isWrite: boolean,
  reason: string,
  cause?: unknown,
): OnhandError {
  // A browser shows a redirect that was not followed as status 0.
  const isRedirect = response.type === "opaqueredirect" || isBetween(response.status, 300, 399);
  const what = isRedirect
    ? "a redirect, which is not followed: it could carry the key away"
    : reason;
  return makeError({
    code: "unexpected_answer",
    status: response.status,
    message: `The answer (status ${response.status}) is not to be used: ${what}.`,
    requestId: response.headers.get("x-request-id"),
    facts: {},
    mayHaveHappened: isWrite && (response.ok || response.status >= 500),
    retryAfterMs: retryAfterMsOf(response),
    cause,
  });
}

/** `Retry-After` in milliseconds: seconds, or a date. */
function retryAfterMsOf({ headers }: Response, now = Date.now()): number | null {
  const text = headers.get("retry-after")?.trim();
  if (text === undefined || text === "") return null;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

function isBetween(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
