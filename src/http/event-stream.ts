// The stream under GET /events/stream: an answer that does not end, written past the framework, as the
// client that the feed serves. Behind it stands Node's own buffer; how much may wait there, and what
// happens then, is the feed's to say.

import type { FastifyReply } from "fastify";
import type { FeedClient } from "../feeds/sse.ts";

export type Stream = Pick<FeedClient, "write" | "buffered" | "drained" | "end" | "cut">;

/** How long the last bytes may take, ms. A client that does not take them would hold up a stop. */
const endMsMax = 2_000;

/** Sends the head of the answer; the framework leaves the rest to the stream. */
export function openStream(reply: FastifyReply): Stream {
  reply.hijack();
  const { raw } = reply;
  // What was set on the way here: request id, security headers, CORS.
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  raw.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    // Proxies of the nginx kind would collect events before they pass them on.
    "x-accel-buffering": "no",
    // Where the stream ends, so does its connection: kept alive it would hold up a server that stops.
    connection: "close",
  });
  raw.on("error", () => undefined); // The connection broke; "close" follows and ends the stream.
  const cut = (): void => {
    raw.destroy();
  };
  return {
    write(text) {
      if (!raw.destroyed) raw.write(text);
    },
    buffered: () => raw.writableLength,
    drained() {
      if (!raw.writableNeedDrain) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          raw.off("drain", done);
          raw.off("close", done);
          resolve();
        };
        raw.on("drain", done);
        raw.on("close", done);
      });
    },
    end() {
      const timer = setTimeout(cut, endMsMax);
      timer.unref();
      raw.once("close", () => clearTimeout(timer));
      raw.end();
    },
    cut,
  };
}
