// The file of an import. It is sent twice, first to be looked at and then to be imported, so that nothing is begun of a
// file that is broken further down; what comes from the standard input goes to a temporary file for that.

import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../command.ts";

export interface Source {
  /** For people. */
  readonly name: string;
  /** Its bytes, from the beginning each time. */
  read(): ReadableStream<Uint8Array>;
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
  return {
    name,
    // Node's streams are those of the web, to the letter but not to the compiler.
    read: () => Readable.toWeb(createReadStream(path)) as unknown as ReadableStream<Uint8Array>,
    async hash() {
      const hash = createHash("sha256");
      await pipeline(createReadStream(path), hash);
      return hash.digest("hex");
    },
    close,
  };
}
