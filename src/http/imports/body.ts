// The body of an import as it comes: piece by piece, as fast as it is dealt with, so that TCP holds back whoever sends
// faster. It is bounded in all and in its silences; one that breaks off ends the reading, and what was cut off in the
// middle of a row is no row. It is given on in small pieces, each in a turn of its own: what is in them (thousands of
// empty lines, say) may need no look at the database, and others are to be served between.

import type { IncomingMessage } from "node:http";
import { endOfTurn } from "../../lib/waiting.ts";
import { importBytesMax, importPieceBytes, importSilenceMsMax } from "../../limits.ts";
import { UnreadableError } from "../../transfer/unreadable.ts";

/** The client went away, or a proxy did: there is nobody to answer. */
export class CutOffError extends Error {
  override readonly name = "CutOffError";
}

export async function* chunksOf(
  body: IncomingMessage,
  limits = { bytes: importBytesMax, silenceMs: importSilenceMsMax },
): AsyncGenerator<Uint8Array> {
  // Left in the middle it stays open: the answer is still to be sent on its socket.
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  let bytes = 0;
  try {
    for (;;) {
      const next = await nextOf(chunks, limits.silenceMs);
      if (next.done === true) return;
      bytes += next.value.length;
      if (bytes > limits.bytes) {
        throw new UnreadableError(
          `the file has more than ${limits.bytes} bytes; import it in parts`,
        );
      }
      for (let at = 0; at < next.value.length; at += importPieceBytes) {
        yield next.value.subarray(at, at + importPieceBytes);
        await endOfTurn();
      }
    }
  } finally {
    // Not awaited: after a silence it has no end.
    void chunks.return?.();
  }
}

async function nextOf(
  chunks: AsyncIterator<Uint8Array>,
  silenceMs: number,
): Promise<IteratorResult<Uint8Array>> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new UnreadableError(`nothing more of the file came for ${silenceMs / 1_000} s`));
  }, silenceMs);
  try {
    return await Promise.race([chunks.next(), promise]);
  } catch (cause) {
    if (cause instanceof UnreadableError) throw cause;
    throw new CutOffError("the body broke off", { cause });
  } finally {
    clearTimeout(timer);
  }
}
