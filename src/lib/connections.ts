// Where clients connect to an HTTP server, and the end of their connections so that nobody who was let in
// is left without an answer. A host may have several addresses (localhost has two): each has a listener,
// and all hand their connections to the one server, so that its limits, its answers to what is no request
// and its end are the same at each.
//
// At a stop, new connections are refused first: a refusal costs nobody anything, and tells a load balancer to
// go elsewhere. Only then do answers ask for the end of their connections, and streams end: whoever hears that
// connects again at once, and who is connected but not let in when the door closes is reset, with what was sent. So
// requests wait for the moment in which everybody is let in. Three kinds of connection are then open:
//   busy      its answer asks the client to close it (the application's part)
//   resting   closed after the drain time; a client that was about to use it has had its chance
//   stuck     a request that does not arrive whole, or an answer that is not taken: cut in the end,
//             because Node no longer watches arrival times once a server closes
// Node alone would keep a connection whose last answer did not ask for its end for as long as any other.

import { lookup } from "node:dns/promises";
import type { RequestListener, Server } from "node:http";
import { createServer, Server as Door } from "node:net";
import { drainMs, stuckMsMax } from "../limits.ts";
import { endOfTurn, pause } from "./waiting.ts";

const lookEveryMs = 20;
const letInMsMax = 200;

/** What listens at one address, and answers the URL of it. */
interface Listener {
  readonly server: Server;
  listen(at: { readonly host: string; readonly port: number }): Promise<string>;
}

/** Each address once, IPv4 first: the first is the one that people are told. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: "ipv4first" });
  return [...new Set(found.map(({ address }) => address))];
}

/**
 * Listens at all addresses, on one port. The framework would make a server of its own for the second
 * address of localhost, which nothing here would know of. `doors` are for `endConnections`.
 */
export async function listenAt(
  listener: Listener,
  [first = "127.0.0.1", ...others]: readonly string[],
  port: number,
): Promise<{ readonly url: string; readonly doors: readonly Door[] }> {
  const { server } = listener;
  const url = await listener.listen({ host: first, port });
  const doors: Door[] = [];
  try {
    for (const host of others) {
      const bound = server.address();
      const given = typeof bound === "object" && bound !== null ? bound.port : port;
      const door = await openDoor(server, host, given);
      if (door !== null) doors.push(door);
    }
  } catch (error) {
    // A service that cannot start must not go on listening.
    for (const open of [server, ...doors]) open.close();
    throw error;
  }
  return { url, doors };
}

/** null: this machine does not have that address, whatever its list of hosts says. */
function openDoor(server: Server, host: string, port: number): Promise<Door | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Door | null>();
  // As Node's own listener of an HTTP server is made.
  const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    server.emit("connection", socket);
  });
  door.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") resolve(null);
    else reject(error);
  });
  door.listen({ host, port }, () => resolve(door));
  return promise;
}

export interface Ending {
  /** From `listenAt`. */
  readonly doors?: readonly Door[];
  /** From here on answers ask for the end of their connections. */
  readonly drain: () => void;
  /** Closes what rests, and resolves when nobody is connected. */
  readonly close: () => Promise<void>;
}

export async function endConnections(
  server: Server,
  { doors = [], drain, close }: Ending,
): Promise<void> {
  const release = hold(server);
  await letAllIn(server);
  // An HTTP server's own `close` would end the connections that rest as well.
  Door.prototype.close.call(server);
  const gone = doors.map(shut);
  drain();
  release();
  // For answers that were on their way before that and did not ask for the end.
  server.keepAliveTimeout = 1;
  const drainedAt = performance.now() + drainMs;
  while (performance.now() < drainedAt && (await connections([server, ...doors])) > 0) {
    await pause(lookEveryMs);
  }
  const timer = setTimeout(() => server.closeAllConnections(), stuckMsMax);
  await wholeTurn();
  try {
    await Promise.all([...gone, close()]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets nobody in any more; resolves when all that came through are gone. */
function shut(door: Door): Promise<void> {
  return new Promise((resolve) => {
    door.close(() => resolve());
  });
}

async function connections(doors: readonly Door[]): Promise<number> {
  const counts = await Promise.all(doors.map(connectionsOf));
  return counts.reduce((sum, count) => sum + count, 0);
}

function connectionsOf(door: Door): Promise<number> {
  return new Promise((resolve) => {
    door.getConnections((error, count) => resolve(error === null ? count : 0));
  });
}

/** Requests wait until the answer is called: those who get theirs would connect again. */
function hold(server: Server): () => void {
  const handlers = server.listeners("request") as RequestListener[];
  const held: Parameters<RequestListener>[] = [];
  const wait: RequestListener = (...asked) => {
    held.push(asked);
  };
  server.removeAllListeners("request").on("request", wait);
  return () => {
    server.off("request", wait);
    for (const handler of handlers) server.on("request", handler);
    for (const asked of held) server.emit("request", ...asked);
  };
}

/**
 * The system connects those who come, and holds them for us. A turn of the event loop takes one of them (libuv since
 * 1.46), so the first turn in which nobody came is the first in which nobody is left.
 */
async function letAllIn(server: Server): Promise<void> {
  let hasCome = true;
  const see = (): void => {
    hasCome = true;
  };
  server.on("connection", see);
  const endsAt = performance.now() + letInMsMax;
  while (hasCome && performance.now() < endsAt) {
    hasCome = false;
    await wholeTurn();
  }
  server.off("connection", see);
}

/** What had come before it was called is taken in: the first turn may have begun before that. */
async function wholeTurn(): Promise<void> {
  await endOfTurn();
  await endOfTurn();
}
