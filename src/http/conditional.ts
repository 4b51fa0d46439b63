// Conditional requests: versions as ETags (`"v7"`), If-Match and `expected_version` on writes,
// If-None-Match on reads (RFC 9110). What cannot be understood is refused, not ignored: a write that
// was meant to be guarded must not go through unguarded.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { Precondition } from "../domain/model.ts";
import { invalidField } from "./problem.ts";

export function etagOf(version: number): string {
  return `"v${version}"`;
}

/** The version that the caller saw: `expected_version` of the body, or If-Match, or both if they agree. */
export function preconditionOf(
  request: FastifyRequest,
  expectedVersion?: number,
): Precondition | null {
  const header = request.headers["if-match"];
  const byHeader = header === undefined ? null : parseIfMatch(header);
  if (expectedVersion === undefined) {
    return byHeader === null ? null : { version: byHeader, source: "header" };
  }
  if (byHeader !== null && byHeader !== expectedVersion) {
    throw invalidField("/expected_version", "says something else than If-Match");
  }
  return { version: expectedVersion, source: byHeader === null ? "body" : "header" };
}

export function parseIfMatch(header: string): number | "*" {
  const text = header.trim();
  if (text === "*") return "*";
  const version = Number(/^"v(\d{1,15})"$/.exec(text)?.[1] ?? Number.NaN);
  if (Number.isNaN(version)) throw invalidField("If-Match", 'must be "v" and a version, or *');
  return version;
}

/** A condition that a write does not look at would guard nothing, while its caller believes that it does. */
export function refuseUnheeded(request: FastifyRequest, takesVersion: boolean): void {
  const { "if-match": version, "if-none-match": absence } = request.headers;
  if (version !== undefined && !takesVersion) {
    throw invalidField(
      "If-Match",
      "guards one stock row, product or store, and nothing here; a change of a batch has its expected_version",
    );
  }
  if (absence !== undefined) {
    throw invalidField("If-None-Match", "is for reads; a write is guarded by If-Match");
  }
}

/** Sets the ETag; true: the caller has it already, and 304 with an empty body is the answer. */
export function isNotModified(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  reply.header("etag", etag);
  const header = request.headers["if-none-match"];
  if (header === undefined || !matches(header, etag)) return false;
  reply.code(304);
  return true;
}

/** Whether an If-None-Match names this ETag. */
export function matches(header: string, etag: string): boolean {
  if (header === etag || header.trim() === "*") return true;
  // If-None-Match compares weakly (RFC 9110 §13.1.2).
  const strong = etag.replace(/^W\//, "");
  return header.split(",").some((part) => part.trim().replace(/^W\//, "") === strong);
}
