// Folders that may have to be made. Node's own way to make one with those above it never ends where the system
// says of a folder that is there that it is not (/proc/nope on Linux), and says nothing meanwhile.

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Makes the folder, and those above it, where they are missing. Throws what the system says where it cannot. */
export function ensureFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (existsSync(path) && statSync(path).isDirectory()) return;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing || existsSync(dirname(path))) throw error;
    ensureFolder(dirname(path));
    mkdirSync(path);
  }
}
