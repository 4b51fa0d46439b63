// Connections to Redis that are let go while they are made, as at a start that fails half way: a socket that
// opens afterwards would keep the process alive for ever.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, test } from "node:test";
import { openRedisConnection } from "../../src/bus/redis-connection.ts";
import { openRedisWakes } from "../../src/bus/redis-wakes.ts";
import { must } from "../../src/lib/assert.ts";
import { until } from "../support/until.ts";

describe("a connection to Redis that is closed while it is made", () => {
  let server: Server;
  let url: string;
  const seen: Socket[] = [];
  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on("error", () => undefined);
      // Without a reader nobody would notice the end.
      socket.resume();
      seen.push(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = must(server.address(), "it listens");
    url = `redis://127.0.0.1:${typeof address === "object" ? address.port : 0}`;
  });
  afterEach(() => {
    for (const socket of seen.splice(0)) socket.destroy();
    server.close();
  });

  async function assertAllEnd(sockets: number): Promise<void> {
    await until(() => seen.length === sockets, "each has come to the server");
    await until(() => seen.every((socket) => socket.destroyed), "each is closed");
    assert.equal(seen.length, sockets, "and none came again");
  }

  test("leaves no socket open", async () => {
    const quiet = (): void => undefined;
    openRedisConnection({ url, said: quiet, ready: quiet }).close();
    await assertAllEnd(1);
  });

  test("leaves no socket open where instances wake each other", async () => {
    openRedisWakes({ url, prefix: "", holder: "one", heard: () => undefined }).close();
    await assertAllEnd(2);
  });
});
