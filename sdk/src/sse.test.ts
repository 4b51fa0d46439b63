import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Message, messageParser, messagesOf } from "./sse.ts";

const stream = [
  ": heartbeat\nid: 1.4\n\n",
  "retry: 2000\nid: 1.5\n\n",
  'id: 1.6\nevent: stock.updated\ndata: {"a":1}\n\n',
  "data: one\r\ndata\r\ndata:two\r\n\r\n",
  "data:  kept\r\r",
  ": only a comment\n\n",
  "unknown: x\nretry: soon\ndata: ñ🙂\n\n",
  "data: cut off",
].join("");
const messages: readonly Message[] = [
  { id: "1.4", event: "message", data: null, retryMs: null },
  { id: "1.5", event: "message", data: null, retryMs: 2_000 },
  { id: "1.6", event: "stock.updated", data: '{"a":1}', retryMs: null },
  { id: "1.6", event: "message", data: "one\n\ntwo", retryMs: null },
  { id: "1.6", event: "message", data: " kept", retryMs: null },
  { id: "1.6", event: "message", data: "ñ🙂", retryMs: null },
];

describe("a stream of events", () => {
  test("is read as the standard has it", () => {
    assert.deepEqual(messageParser()(stream), messages);
  });

  test("is read alike wherever its bytes are cut apart", async () => {
    const bytes = new TextEncoder().encode(stream);
    const cuts = fc.uniqueArray(fc.nat(bytes.length), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const edges = [0, ...places.sort((left, right) => left - right), bytes.length];
        const pieces = edges.slice(1).map((end, index) => bytes.slice(edges[index], end));
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            for (const piece of pieces) controller.enqueue(piece);
            controller.close();
          },
        });
        let heard = 0;
        const read = await Array.fromAsync(messagesOf(body, () => ++heard));
        assert.deepEqual(read, messages);
        assert.equal(heard, pieces.length);
      }),
    );
  });

  test("lets its connection go when nobody reads on", async () => {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(stream)),
      cancel: () => {
        isCancelled = true;
      },
    });
    for await (const message of messagesOf(body, () => undefined)) {
      assert.ok(message);
      break;
    }
    assert.ok(isCancelled);
  });
});
