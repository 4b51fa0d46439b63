// Server-Sent Events as they come over fetch (WHATWG HTML §9.2.6): bytes in, messages out. EventSource cannot
// send a key in a header and does not say when a connection has gone silent, so it is not used.

export interface Message {
  /** The last id that the stream has said, also by a message without data. */
  readonly id: string;
  readonly event: string;
  /** null: the message only moves the id. */
  readonly data: string | null;
  /** What the stream asks to wait before a new connection, in milliseconds. */
  readonly retryMs: number | null;
}

/** Text in, whole messages out; what is cut off waits for the next piece. */
export function messageParser(): (text: string) => Message[] {
  let [rest, id, event, data, retryMs]: [string, string, string, string | null, number | null] = [
    "",
    "",
    "",
    null,
    null,
  ];
  let isBlank = true;

  function take(line: string): Message | null {
    if (line === "") {
      const message = isBlank
        ? null
        : { id, event: event === "" ? "message" : event, data, retryMs };
      [event, data, retryMs, isBlank] = ["", null, null, true];
      return message;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    isBlank = false;
    if (field === "data") data = data === null ? value : `${data}\n${value}`;
    else if (field === "event") event = value;
    else if (field === "id" && !value.includes("\0")) id = value;
    else if (field === "retry" && /^\d+$/.test(value)) retryMs = Number(value);
    return null;
  }

  return (text) => {
    rest += text;
    // A carriage return at the end may be half of an end of line.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    return lines.map(take).filter((message) => message !== null);
  };
}

/** The messages of a body, as they come. `heard` is called for every piece, whether a message ends in it or not. */
export async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
): AsyncGenerator<Message, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parse = messageParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      yield* parse(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Whoever stops reading lets the connection go; that it broke already is told by the read.
    reader.cancel().catch(() => undefined);
  }
}
