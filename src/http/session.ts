// The console's session cookie. A script of another site can neither read it (HttpOnly) nor send it
// (SameSite=Strict), and a write that comes with it must also come from our own pages: the browser
// says so in Sec-Fetch-Site or Origin. One cookie of ours needs no cookie library.

import { randomBytes } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "./problem.ts";

const cookieName = "onhand_session";
export const sessionPattern = /^[A-Za-z0-9_-]{43}$/;

export function newSessionSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function sessionCookieOf(header: string): string | null {
  for (const part of header.split(";")) {
    const [name, value] = part.trim().split("=", 2);
    if (name === cookieName) return value ?? "";
  }
  return null;
}

export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  secret: string,
  seconds: number,
): void {
  // Plain http is the laptop on the first day; there a Secure cookie would be dropped in silence.
  const secure = request.protocol === "https" ? "; Secure" : "";
  reply.header(
    "set-cookie",
    `${cookieName}=${secret}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`,
  );
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  setSessionCookie(request, reply, "", 0);
}

const safeMethods = ["GET", "HEAD", "OPTIONS"];

/** Refuses a write that comes with the cookie but not from our own pages. */
export function mustBeSameOrigin(request: FastifyRequest): void {
  if (safeMethods.includes(request.method)) return;
  const { "sec-fetch-site": site, origin } = request.headers;
  const ours =
    site === undefined
      ? origin !== undefined && URL.parse(origin)?.host === request.host
      : site === "same-origin" || site === "none";
  if (!ours) {
    throw new ProblemError("forbidden", "A session may only write from the console's own pages.");
  }
}
