// Ends the connections of an HTTP server so that nobody who was let in is left without an answer. Three
// kinds of connection are open when a server stops:
//   busy      the answer to its next request asks the client to close it (the application's part)
//   resting   closed after the drain time; a client that was about to use it has had its chance
//   stuck     a request that does not arrive whole, or an answer that is not taken: cut in the end,
//             because Node no longer watches arrival times once a server closes
// Node alone would keep a connection whose last answer did not ask for its end for as long as any other.

import type { Server } from "node:http";
import { drainMs, stuckMsMax } from "../limits.ts";

const lookEveryMs = 20;

/** `close` stops listening, closes what rests and resolves when nobody is connected. */
export async function endConnections(server: Server, close: () => Promise<void>): Promise<void> {
  // For answers that were on their way before the stop began and did not ask for the end.
  server.keepAliveTimeout = 1;
  const drainedAt = performance.now() + drainMs;
  while (performance.now() < drainedAt && (await connections(server)) > 0) await pause(lookEveryMs);
  const timer = setTimeout(() => server.closeAllConnections(), stuckMsMax);
  try {
    await close();
  } finally {
    clearTimeout(timer);
  }
}

function connections(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
