// The version of this program, as its package says.

import { readFileSync } from "node:fs";

export const version: string = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const manifest: unknown = JSON.parse(text);
  const has = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return has && typeof manifest.version === "string" ? manifest.version : "unknown";
}
