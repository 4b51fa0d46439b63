// Ids and secrets. Ids are UUIDv7: they sort by time, so an index grows at its end. A secret is 256
// random bits; only its SHA-256 is ever stored, and a hash needs no salt for a value nobody can guess.

import { hash, randomBytes, randomUUIDv7, timingSafeEqual } from "node:crypto";

export function newId(): string {
  return randomUUIDv7();
}

/** How an API key is told from a JWT, and from a typing mistake. */
export const secretPattern = /^ohk_[A-Za-z0-9_-]{32,128}$/;

export function newSecret(): string {
  return `ohk_${randomBytes(32).toString("base64url")}`;
}

export function sha256(text: string): Buffer {
  // By way of hex: Node makes the text of a hash several times faster than a buffer.
  return Buffer.from(hash("sha256", text, "hex"), "hex");
}

/** Short, URL-safe and stable: for fingerprints and keys of caches. */
export function digest(text: string): string {
  return hash("sha256", text, "base64url");
}

/** Whether two secrets are equal, in a time that says nothing about where they differ. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(sha256(left), sha256(right));
}
