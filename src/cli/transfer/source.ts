// The file of an import. It is sent twice, first to be looked at and then to be imported, so that nothing is begun of a
// file that is broken further down; what comes from the standard input goes to a temporary file for that.

import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  type ReadStream,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../command.ts";

export interface Source {
  /** For people. */
  readonly name: string;
  /** How long it is. */
  readonly bytes: number;
  /** Its bytes, from the beginning each time. */
  read(): ReadableStream<Uint8Array>;
  /** How many of them were taken since it was read from the beginning last. */
  taken(): number;
  hash(): Promise<string>;
  close(): void;
}

export async function openSource(file: string): Promise<Source> {
  if (file !== "-") {
    if (statSync(file).isDirectory()) throw new UsageError(`${file} is a folder; name one file`);
    return sourceAt(file, file, () => undefined);
  }
  const folder = mkdtempSync(join(tmpdir(), "onhand-import-"));
  const path = join(folder, "input");
  await pipeline(process.stdin, createWriteStream(path));
  return sourceAt("standard input", path, () => rmSync(folder, { recursive: true, force: true }));
}

function sourceAt(name: string, path: string, close: () => void): Source {
  let reading: ReadStream | null = null;
  return {
    name,
    bytes: statSync(path).size,
    read() {
      reading = createReadStream(path);
      // Node's streams are those of the web, to the letter but not to the compiler.
      return Readable.toWeb(reading) as unknown as ReadableStream<Uint8Array>;
    },
    taken: () => reading?.bytesRead ?? 0,
    async hash() {
      const hash = createHash("sha256");
      await pipeline(createReadStream(path), hash);
      return hash.digest("hex");
    },
    close,
  };
}
