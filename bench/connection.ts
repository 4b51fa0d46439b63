// One keep-alive connection of the load generator, on a plain socket: a full HTTP client costs as much as the
// server that it shares two cores with (measured: undici needs about five times the processor time per request).
// One request at a time. A connection that the server closed is opened again with the next request.

import net from "node:net";

export interface Answer {
  /** "closed": the connection ended without a whole answer. */
  readonly status: string;
  readonly bytes: Buffer;
}

export interface Connection {
  /** Not before the last answer is there. */
  ask(request: string, answered: (answer: Answer) => void): void;
  end(): void;
}

const nothing = Buffer.alloc(0);

export function openConnection(port: number): Connection {
  let socket: net.Socket | null = null;
  let waiting: ((answer: Answer) => void) | null = null;
  let pending: Buffer | null = null;

  function settle(answer: Answer): void {
    const answered = waiting;
    waiting = null;
    pending = null;
    answered?.(answer);
  }

  function take(chunk: Buffer): void {
    const bytes = pending === null ? chunk : Buffer.concat([pending, chunk]);
    const size = answerSize(bytes);
    if (size === null || bytes.length < size) pending = bytes;
    else settle({ status: bytes.toString("latin1", 9, 12), bytes });
  }

  function open(): net.Socket {
    const opened = net.connect({ host: "127.0.0.1", port, noDelay: true });
    opened.on("data", take);
    // "close" follows, with or without an error.
    opened.on("error", () => undefined);
    opened.on("close", () => {
      if (socket === opened) socket = null;
      settle({ status: "closed", bytes: nothing });
    });
    return opened;
  }

  return {
    ask(request, answered) {
      waiting = answered;
      socket ??= open();
      socket.write(request);
    },
    end() {
      socket?.end();
    },
  };
}

/** Bytes of the whole answer, once its head is there. Every answer measured here has a Content-Length, or is a 304. */
function answerSize(bytes: Buffer): number | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const at = lengthAt(bytes);
  if (at < 0 || at > end) return end + 4;
  let length = 0;
  for (let index = at; ; index += 1) {
    const digit = (bytes[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  return end + 4 + length;
}

function lengthAt(bytes: Buffer): number {
  const lower = bytes.indexOf("content-length: ");
  const found = lower < 0 ? bytes.indexOf("Content-Length: ") : lower;
  return found < 0 ? -1 : found + 16;
}
