// Folders that may have to be made. Node's own way to make one with those above it never ends where the system
// says of a folder that is there that it is not (/proc/nope on Linux), and says nothing meanwhile.
//
// A name is on the disk when the folder that it is in has been flushed: flushing a file keeps its content only. A
// power cut may take a new folder away with everything that was flushed in it.

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Makes the folder, and those above it, where they are missing. Throws what the system says where it cannot. */
export function ensureFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    if (existsSync(path) && statSync(path).isDirectory()) return;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing || existsSync(dirname(path))) throw error;
    ensureFolder(dirname(path));
    makeFolder(path);
  }
}

function makeFolder(path: string): void {
  mkdirSync(path);
  flushNames(dirname(path));
}

/** Names that were made or changed in the folder are there after a power cut too. */
export function flushNames(folder: string): void {
  // Windows opens no folders, and keeps names by itself.
  if (process.platform === "win32") return;
  let descriptor: number;
  try {
    descriptor = openSync(folder, "r");
  } catch {
    // One may write in a folder that one may not read; then nobody can flush it.
    return;
  }
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
