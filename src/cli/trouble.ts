// What the machine refuses: a file that is not there or not ours, a full disk, a database that does not open. Said with
// the path, why, and what to do, by whatever named the file: an option, or a setting where no option did.

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { configFromEnvironment } from "../config.ts";

/** The system's codes that somebody who names files meets. */
const remedies: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder; check the name",
  ENOTDIR: "a part of it is a file and no folder; check the name",
  EISDIR: "it is a folder; name a file",
  EEXIST: "it is there already, and no folder; name another",
  EACCES: "this user may not; see who owns it and its folder (ls -ld), or name another",
  EPERM: "this user may not; see who owns it and its folder (ls -ld), or name another",
  EROFS: "it is on a disk that may only be read; name another",
  ENOSPC: "the disk is full; free space, or name a file on another",
  EDQUOT: "this user may use no more of the disk; free space, or name a file on another",
};

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  path?: unknown;
}

function isOfSystem(error: unknown): error is SystemError {
  return error instanceof Error && "code" in error && "syscall" in error;
}

export function isOfSqlite(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}

/**
 * Reads or writes the file at `path`. What fails once it is open (it is a folder, the disk is full) is told by the system
 * without the path.
 */
export async function atFile<Value>(
  path: string,
  work: () => Value | Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (isOfSystem(error) && error.code in remedies) error.path ??= path;
    throw error;
  }
}

/** In words for people; null: it is not the machine's trouble. */
export function troubleIn(error: unknown, args: readonly string[]): string | null {
  if (isOfSqlite(error)) return unusable(error, databaseName(), "DATABASE_URL");
  return portTrouble(error) ?? fileTrouble(error, args);
}

export function unusable(error: Error, name: string, setting: string): string {
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory() === true) {
    return `${name} is a folder; name the file of a database in ${setting}`;
  }
  return `the database ${name} cannot be used: ${error.message}. Check that ${setting} names the right one, and that this user may read and write it and its folder`;
}

function databaseName(): string {
  return configFromEnvironment().database.name;
}

/** The address to listen on is not to be had: the commonest trouble of a first start. */
function portTrouble(error: unknown): string | null {
  if (!isOfSystem(error)) return null;
  if (error.syscall !== "listen" && error.syscall !== "getaddrinfo") return null;
  if (error.code === "EADDRINUSE") {
    return `${error.message}. Another program listens there; set PORT to a free one`;
  }
  return `${error.message}. Choose another HOST or PORT`;
}

function fileTrouble(error: unknown, args: readonly string[]): string | null {
  if (!isOfSystem(error) || typeof error.path !== "string") return null;
  const remedy = remedies[error.code];
  const words = remedy === undefined ? error.message : `${error.path}: ${remedy} (${error.code})`;
  // A file that an argument named is where to look; the others are where the settings say.
  const path = resolve(error.path);
  const isNamed = args
    .map((one) => one.slice(one.indexOf("=") + 1).replace(/^sqlite:(?:\/\/(?=\/))?/, ""))
    .some((one) => one !== "" && path.startsWith(resolve(one)));
  return isNamed ? words : `${words}. Check DATABASE_URL and ONHAND_DATA_DIR`;
}
