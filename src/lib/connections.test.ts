// Addresses of one host, and the end of the connections that came through each of them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { connect, createServer as createListener, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, test } from "node:test";
import { until } from "../../test/support/until.ts";
import { stuckMsMax } from "../limits.ts";
import { addressesOf, endConnections, listenAt } from "./connections.ts";
import { endOfTurn } from "./waiting.ts";

/** A second address of this machine itself. */
const hasIpv6 = Object.values(networkInterfaces()).some((its) =>
  its?.some(({ address }) => address === "::1"),
);
const second = hasIpv6 ? "::1" : "127.0.0.2";
const both = ["127.0.0.1", second];

let server: Server;
let answering: ServerResponse[];
let opened: Socket[];

beforeEach(() => {
  answering = [];
  opened = [];
  server = createServer((_request, response) => answering.push(response));
  server.on("clientError", (_error, socket) => socket.end("no request"));
});
afterEach(() => {
  for (const socket of opened) socket.destroy();
  server.closeAllConnections();
});

function listen({ host, port }: { readonly host: string; readonly port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => resolve(`http://${host}:${portOf(server)}`));
  });
}

function portOf(one: Pick<Server, "address">): number {
  const bound = one.address();
  assert.ok(typeof bound === "object" && bound !== null);
  return bound.port;
}

interface Client {
  readonly socket: Socket;
  heard(): string;
}

async function say(host: string, bytes: string): Promise<Client> {
  const socket = connect(portOf(server), host);
  opened.push(socket);
  let heard = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    heard += text;
  });
  await once(socket, "connect");
  socket.write(bytes);
  return { socket, heard: () => heard };
}

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

async function isRefused(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  const refused = await Promise.race([
    once(socket, "connect").then(() => false),
    once(socket, "error").then(() => true),
  ]).catch(() => true);
  socket.destroy();
  return refused;
}

describe("the addresses of a host", () => {
  test("are each there once, IPv4 first", async () => {
    assert.deepEqual(await addressesOf("127.0.0.1"), ["127.0.0.1"]);
    assert.deepEqual(await addressesOf("::"), ["::"]);
    const local = await addressesOf("localhost");
    assert.equal(local[0], "127.0.0.1");
    assert.equal(new Set(local).size, local.length);
  });

  test("of a name that nobody has are an error", () =>
    assert.rejects(addressesOf("nobody.invalid"), { syscall: "getaddrinfo" }));
});

describe("listening at two addresses", () => {
  test("one server answers at both, requests and what is none", async () => {
    const { url, doors } = await listenAt({ server, listen }, both, 0);
    assert.equal(url, `http://127.0.0.1:${portOf(server)}`);
    for (const host of both) {
      const client = await say(host, request);
      await until(() => answering.length === 1, "the request has come");
      answering.pop()?.end("here");
      await until(() => client.heard().endsWith("here"), "it is answered");
      const stranger = await say(host, "NONSENSE\r\n\r\n");
      await until(() => stranger.heard() === "no request", "what is no request is told so");
      client.socket.destroy();
    }
    await endConnections(server, { doors, drain: () => undefined, close: closeOf(server) });
  });

  test("an address that this machine does not have is let be", async () => {
    const { doors } = await listenAt({ server, listen }, ["127.0.0.1", "192.0.2.1"], 0);
    assert.deepEqual(doors, []);
    await closeOf(server)();
  });

  test("a port that somebody else has at the second is an error, and the first is let go", async () => {
    const other = createListener();
    other.listen({ host: second, port: 0 });
    await once(other, "listening");
    const port = portOf(other);
    await assert.rejects(listenAt({ server, listen }, both, port), { code: "EADDRINUSE" });
    assert.ok(await isRefused("127.0.0.1", port));
    other.close();
  });
});

function closeOf(one: Server): () => Promise<void> {
  return () =>
    new Promise((resolve) => {
      one.close(() => resolve());
    });
}

describe("the end of connections, at each address", () => {
  for (const host of both) {
    test(`${host}: what is under way is answered, what rests is closed, nobody is let in`, async () => {
      const { doors } = await listenAt({ server, listen }, both, 0);
      const port = portOf(server);
      const resting = await say(host, request);
      await until(() => answering.length === 1, "the first request has come");
      answering.pop()?.end("first");
      await until(() => resting.heard().endsWith("first"), "it is answered");
      const busy = await say(host, request);
      await until(() => answering.length === 1, "the second request has come");

      const startedAt = performance.now();
      let hasEnded = false;
      let lateComer = Promise.resolve(false);
      const drain = (): void => {
        // Whoever is asked to go connects again at once.
        lateComer = isRefused(host, port);
      };
      const ending = endConnections(server, { doors, drain, close: closeOf(server) }).then(() => {
        hasEnded = true;
      });
      await until(() => isRefused(host, port), "nobody is let in any more");
      assert.ok(await lateComer, "nor was anybody when answers began to ask for the end");
      await until(() => resting.socket.closed, "what rests is closed");
      assert.equal(hasEnded, false, "somebody still waits for an answer");
      answering.pop()?.end("second");
      await ending;
      assert.match(busy.heard(), /second$/);
      assert.ok(performance.now() - startedAt < stuckMsMax, "it ended of itself");
    });
  }

  test("a crowd that is connected when the door closes is let in and answered", async () => {
    const { doors } = await listenAt({ server, listen }, both, 0);
    const crowd = both.flatMap((host) => Array.from({ length: 40 }, () => say(host, request)));
    // The system has connected them by then, and the server has seen a few.
    await endOfTurn();
    const ending = endConnections(server, {
      doors,
      drain: () => assert.equal(answering.length, 0, "nobody is answered before it is closed"),
      close: closeOf(server),
    });
    const clients = await Promise.all(crowd);
    await until(() => answering.length === crowd.length, "all are asked");
    for (const response of answering) response.setHeader("connection", "close").end("here");
    await ending;
    for (const client of clients) assert.match(client.heard(), /here$/);
  });
});
