// Answers that are not read, over real connections: what is taken slowly comes whole, what is not taken is cut.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer,
  get,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { until } from "../../test/support/until.ts";
import { cutUnread } from "./unread.ts";

/** More than the buffers of both ends hold. */
const pieces = 400;
const piece = Buffer.alloc(64 * 1024, "x");
const msMax = 200;

let server: Server;
let answer: ServerResponse | null = null;
before(async () => {
  server = createServer((_request, response) => {
    answer = response;
    cutUnread(response, msMax);
    Readable.from(Array.from({ length: pieces }, () => piece)).pipe(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
after(() => {
  server.closeAllConnections();
  server.close();
});

async function begin(): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(get({ port, host: "127.0.0.1", agent: false }), "response")) as [
    IncomingMessage,
  ];
  return response;
}

test("an answer of which nothing is taken is cut", async () => {
  const response = await begin();
  await until(() => answer?.destroyed === true, "it is cut");
  let bytes = 0;
  await assert.rejects(async () => {
    for await (const chunk of response) bytes += (chunk as Buffer).length;
  }, /aborted/);
  assert.ok(bytes < pieces * piece.length, "its client can see that it is not whole");
});

test("an answer that is taken slowly comes whole", async () => {
  const response = await begin();
  const began = performance.now();
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    // As slow as takes many times as long as nothing may be taken.
    const share = bytes / (pieces * piece.length);
    await until(() => performance.now() - began >= share * msMax * 6, "it is time to go on");
  }
  assert.equal(bytes, pieces * piece.length);
});

test("an answer that waits for the service is waited for", async () => {
  const idle = createServer((_request, response) => {
    cutUnread(response, 20);
    response.write("so far");
    const began = performance.now();
    void until(() => performance.now() - began > 200, "there is more to send").then(() =>
      response.end(", and the rest"),
    );
  });
  idle.listen(0, "127.0.0.1");
  await once(idle, "listening");
  try {
    const { port } = idle.address() as AddressInfo;
    const text = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    assert.equal(text, "so far, and the rest");
  } finally {
    idle.closeAllConnections();
    idle.close();
  }
});
