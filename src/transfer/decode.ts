// Bytes of a file as text. Encodings are told by the mark at the beginning, else UTF-8 is meant, and bytes that are none
// end the reading with their line. Needs the memory of one chunk.

import { UnreadableError } from "./unreadable.ts";

/** null: there is no such encoding. */
export function encodingNamed(name: string): string | null {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    // What it throws says no more than that.
    return null;
  }
}

/** `named` is one that `encodingNamed` knows; the mark at the beginning is left out. */
export async function* textOf(
  chunks: AsyncIterable<Uint8Array>,
  named: string | undefined,
): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  let encoding = named ?? "utf-8";
  let lines = 1;
  for await (const chunk of withBeginning(chunks)) {
    if (decoder === null) {
      refuseWorkbook(chunk);
      encoding = named ?? encodingOf(chunk);
      decoder = new TextDecoder(encoding, { fatal: true });
    }
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw notText(encoding, lines + linesBefore(encoding, chunk), cause);
    }
    yield text;
    lines += countLines(text);
  }
  if (decoder === null) return;
  try {
    yield decoder.decode();
  } catch (cause) {
    throw notText(encoding, lines, cause);
  }
}

/** The same bytes, of which the first piece has four at least: the mark may come in pieces. */
async function* withBeginning(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let beginning: Uint8Array | null = new Uint8Array();
  for await (const chunk of chunks) {
    if (beginning === null) {
      yield chunk;
      continue;
    }
    beginning = beginning.length === 0 ? chunk : Buffer.concat([beginning, chunk]);
    if (beginning.length < 4) continue;
    yield beginning;
    beginning = null;
  }
  if (beginning !== null && beginning.length > 0) yield beginning;
}

/** Excel's, LibreOffice's and Apple's own files: zip, or the container of older ones. No encoding makes text of them. */
function refuseWorkbook(beginning: Uint8Array): void {
  const mark = Buffer.from(beginning.subarray(0, 4)).toString("hex");
  if (mark !== "504b0304" && mark !== "d0cf11e0") return;
  throw new UnreadableError(
    "this is a workbook and no text: save it as CSV in the program that it comes from.",
  );
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

function linesBefore(encoding: string, chunk: Uint8Array): number {
  const text = new TextDecoder(encoding).decode(chunk);
  return countLines(text.slice(0, Math.max(0, text.indexOf("\ufffd"))));
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

function notText(encoding: string, line: number, cause: unknown): UnreadableError {
  const message = `line ${line} is not ${encoding}. Save the file as UTF-8, or say what it is, such as windows-1252.`;
  return new UnreadableError(message, { row: line }, cause);
}
