// The only place that turns refusals and errors into status codes. Every error of the service is a
// problem document (RFC 9457) with a stable `code`, the request's id and the facts of that code.
// What we did not foresee becomes `internal`: logged with its stack, told to the client by id only.

import type { FastifyReply, FastifyRequest } from "fastify";
import { OverloadedError } from "../commands/execute.ts";
import type { Rejection } from "../domain/rejection.ts";
import type { Logger } from "../lib/logger.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { namesOf } from "../lib/tracing.ts";
import { codeOf, type Facts, refusalOf } from "./refusal.ts";
import { type FieldError, isAjvFailure, validationErrors } from "./validation.ts";

interface Kind {
  readonly status: number;
  readonly title: string;
}

const kinds = {
  validation_failed: { status: 400, title: "The request is not valid" },
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  invalid_cursor: { status: 400, title: "The cursor is not valid" },
  invalid_idempotency_key: { status: 400, title: "The Idempotency-Key is not valid" },
  import_unreadable: { status: 400, title: "The file cannot be imported" },
  as_of_out_of_range: { status: 400, title: "The log does not reach that point" },
  unauthenticated: { status: 401, title: "Valid credentials are needed" },
  forbidden: { status: 403, title: "Not allowed" },
  route_not_found: { status: 404, title: "There is nothing at this address" },
  product_not_found: { status: 404, title: "Product not found" },
  store_not_found: { status: 404, title: "Store not found" },
  stock_not_found: { status: 404, title: "Stock row not found" },
  reservation_not_found: { status: 404, title: "Reservation not found" },
  group_not_found: { status: 404, title: "Reservation group not found" },
  webhook_not_found: { status: 404, title: "Webhook not found" },
  key_not_found: { status: 404, title: "API key not found" },
  method_not_allowed: { status: 405, title: "This address does not know that method" },
  insufficient_stock: { status: 409, title: "Not enough stock" },
  quantity_below_reserved: { status: 409, title: "The quantity would fall below what is reserved" },
  version_mismatch: { status: 409, title: "It was changed meanwhile" },
  reservation_not_pending: { status: 409, title: "The reservation is not pending" },
  reservation_expired: { status: 409, title: "The reservation has expired" },
  store_inactive: { status: 409, title: "The store is not active" },
  customer_limit_reached: { status: 409, title: "The customer holds too much already" },
  webhook_limit_reached: { status: 409, title: "There are as many webhooks as there may be" },
  product_in_use: { status: 409, title: "The product is in use" },
  store_in_use: { status: 409, title: "The store is in use" },
  sku_taken: { status: 409, title: "The SKU is taken" },
  id_taken: { status: 409, title: "The id is taken" },
  stock_exists: { status: 409, title: "The stock row exists" },
  batch_failed: { status: 409, title: "The batch was refused" },
  lifetime_exceeded: { status: 409, title: "The reservation would be held too long" },
  stream_in_use: { status: 409, title: "The stream cannot take that range" },
  same_store: { status: 409, title: "Source and destination are the same store" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body is of another type" },
  idempotency_key_reused: { status: 422, title: "The Idempotency-Key was used before" },
  rate_limited: { status: 429, title: "Too many requests" },
  headers_too_large: { status: 431, title: "The headers are too large" },
  internal: { status: 500, title: "Something went wrong here" },
  overloaded: { status: 503, title: "Too busy" },
  database_unavailable: { status: 503, title: "The database is away" },
  redis_unavailable: { status: 503, title: "Redis is away" },
} as const satisfies Readonly<Record<string, Kind>>;

export type ProblemCode = keyof typeof kinds;
export const problemKinds: Readonly<Record<ProblemCode, Kind>> = kinds;

/** Every status that a code may have: a version mismatch is 412 where If-Match asked for it. */
export function statusesOf(code: ProblemCode): readonly number[] {
  return code === "version_mismatch" ? [409, 412] : [problemKinds[code].status];
}

export interface ProblemOptions {
  readonly facts?: Facts;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A refusal that is not of a command: thrown by routes and hooks, answered by the error handler. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly facts: Facts;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.facts = options.facts ?? {};
    this.headers = options.headers ?? {};
  }
}

/** One field is wrong. Paths are JSON pointers in a body, `?name` in a query, `{name}` in the path. */
export function invalidField(path: string, message: string): ProblemError {
  return new ProblemError("validation_failed", sentence({ path, message }), {
    facts: { errors: [{ path, message }] },
  });
}

/** What a command would be refused with, for a read to throw: the same words and facts. */
export function refusedWith(rejection: Rejection): ProblemError {
  const { detail, facts } = refusalOf(rejection);
  return new ProblemError(codeOf(rejection), detail, { facts });
}

/** The path "" is the whole body, which the message then names itself. */
function sentence({ path, message }: FieldError): string {
  return `${path} ${message}`.trim();
}

/** Sends the refusal of a command. `requestId` is the first request's where it is told again. */
export function sendRejection(
  request: FastifyRequest,
  reply: FastifyReply,
  rejection: Rejection,
  requestId: string,
): FastifyReply {
  const { detail, facts } = refusalOf(rejection);
  const code = codeOf(rejection);
  const byHeader = rejection.code === "version_mismatch" && rejection.source === "header";
  const status = byHeader ? 412 : problemKinds[code].status;
  return send(request, reply, { code, status, detail, facts, requestId });
}

export type ErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/** The error handler of the whole service. */
export function errorHandler(logger: Logger): ErrorHandler {
  return (error, request, reply) => {
    const problem = problemOf(error);
    if (problem.code === "internal") {
      logger.error({ err: error, ...namesOf(request), method: request.method }, "failed");
    } else if (problem.code === "database_unavailable") {
      logger.warn({ err: error, ...namesOf(request) }, "the database is away");
    }
    reply.headers(problem.headers);
    const { status } = problemKinds[problem.code];
    const { code, message, facts } = problem;
    send(request, reply, { code, status, detail: message, facts, requestId: request.id });
  };
}

const contentType = "application/problem+json; charset=utf-8";

interface Sent {
  readonly code: ProblemCode;
  readonly status: number;
  readonly detail: string;
  readonly facts: Facts;
  readonly requestId: string;
}

function send(request: FastifyRequest, reply: FastifyReply, problem: Sent): FastifyReply {
  request.problem = problem.code;
  return reply
    .code(problem.status)
    .header("content-type", contentType)
    .send(problemText({ ...problem, instance: pathOf(request.url) }));
}

export function problemText(problem: Sent & { readonly instance: string }): string {
  return JSON.stringify({
    type: `urn:onhand:problem:${problem.code}`,
    title: problemKinds[problem.code].title,
    status: problem.status,
    detail: problem.detail,
    instance: problem.instance,
    code: problem.code,
    request_id: problem.requestId,
    ...problem.facts,
  });
}

/** Without the query: that may hold what does not belong in an answer or a log. */
export function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

/** The first cause that we know; anything else is a bug. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof OverloadedError) {
    return busy("overloaded", "Too much is waiting; nothing was done.", error.retryAfterSeconds);
  }
  if (error instanceof OperatingError) {
    return busy("database_unavailable", "The database does not answer; try again.", 2);
  }
  if (isAjvFailure(error)) {
    const errors = validationErrors(error.validation, error.validationContext);
    const detail = errors.map(sentence).join("; ");
    return new ProblemError("validation_failed", detail, { facts: { errors } });
  }
  return (
    frameworkProblem(error) ??
    new ProblemError(
      "internal",
      "It was not your request; we keep a record under this request_id.",
      { cause: error },
    )
  );
}

export function unauthenticated(detail: string): ProblemError {
  return new ProblemError("unauthenticated", detail, {
    headers: { "www-authenticate": 'Bearer realm="onhand", error="invalid_token"' },
  });
}

export function busy(
  code: "overloaded" | "database_unavailable" | "redis_unavailable" | "rate_limited",
  detail: string,
  seconds: number,
): ProblemError {
  return new ProblemError(code, detail, {
    headers: { "retry-after": String(Math.max(1, Math.ceil(seconds))) },
  });
}

/** Errors that the framework and its plugins raise, by their codes. */
const frameworkCodes: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ["malformed_json", "The body cannot be read as JSON."],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["malformed_json", "The body is empty; a JSON object is needed."],
  FST_ERR_CTP_BODY_TOO_LARGE: ["body_too_large", "The body is longer than this route takes."],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    "validation_failed",
    "The body is not as long as its Content-Length says.",
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    "unsupported_media_type",
    "Send the body as JSON, with Content-Type: application/json.",
  ],
  // A QUERY without a body: Node's newest method, which no address here has.
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: [
    "unsupported_media_type",
    "Send the body as JSON, with Content-Type: application/json.",
  ],
  FST_ERR_BAD_URL: ["validation_failed", "The address has an escape that cannot be decoded."],
  FST_ERR_MAX_PARAM_LENGTH: ["validation_failed", "A part of the address is too long for an id."],
};

function frameworkProblem(error: unknown): ProblemError | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  // The framework marks what went wrong while it read a body: here, the client went away.
  if (error.code === "ECONNRESET" && "statusCode" in error && error.statusCode === 400) {
    return new ProblemError("validation_failed", "The body did not arrive whole.", {
      cause: error,
    });
  }
  const known = frameworkCodes[String(error.code)];
  return known === undefined ? null : new ProblemError(known[0], known[1], { cause: error });
}
