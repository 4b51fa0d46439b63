// The file of an import as text. It is read twice, first to check it and then to import it, so that nothing is begun of
// a file that is broken further down; what comes from the standard input goes to a temporary file for that. Encodings
// are told by the mark at the beginning, else UTF-8 is meant, and bytes that are none are an error with their line.

import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure, UsageError } from "../command.ts";

export interface Source {
  /** For people. */
  readonly name: string;
  readonly path: string;
  readonly encoding: string;
  close(): void;
}

export async function openSource(file: string, encoding: string | undefined): Promise<Source> {
  if (file !== "-") {
    return { name: file, path: file, encoding: encodingOf(file, encoding), close: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), "onhand-import-"));
  const path = join(folder, "input");
  await pipeline(process.stdin, createWriteStream(path));
  return {
    name: "standard input",
    path,
    encoding: encodingOf(path, encoding),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function encodingOf(path: string, named: string | undefined): string {
  if (named !== undefined) {
    try {
      return new TextDecoder(named).encoding;
    } catch (cause) {
      throw new UsageError(`--encoding ${named} is not known; windows-1252, say`, { cause });
    }
  }
  const [first, second] = beginningOf(path);
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

function beginningOf(path: string): Buffer {
  const file = openSync(path, "r");
  const bytes = Buffer.alloc(2);
  readSync(file, bytes, 0, 2, 0);
  return bytes;
}

export async function hashOf({ path }: Source): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Without the mark at the beginning. */
export async function* textOf({ path, encoding }: Source): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let lines = 1;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw notText(encoding, lines + linesBefore(encoding, chunk), cause);
    }
    yield text;
    lines += countLines(text);
  }
  try {
    yield decoder.decode();
  } catch (cause) {
    throw notText(encoding, lines, cause);
  }
}

function linesBefore(encoding: string, chunk: Buffer): number {
  const text = new TextDecoder(encoding).decode(chunk);
  return countLines(text.slice(0, Math.max(0, text.indexOf("\ufffd"))));
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

function notText(encoding: string, line: number, cause: unknown): Failure {
  return new Failure(
    `line ${line} is not ${encoding}. Nothing was imported. Save the file as UTF-8, or say what it is: --encoding windows-1252`,
    1,
    cause,
  );
}
