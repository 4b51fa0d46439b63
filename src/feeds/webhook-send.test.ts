import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { describe, test } from "node:test";
import { webhookRetryAfterMsMax } from "../limits.ts";
import type { Webhook } from "../store/webhook.ts";
import { openSender, waitOf } from "./webhook-send.ts";
import { newWebhookSecret } from "./webhook-signature.ts";

describe("Retry-After", () => {
  const now = Date.parse("2026-01-05T10:00:00Z");

  test("is seconds or a date", () => {
    assert.equal(waitOf("120", now), 120_000);
    assert.equal(waitOf("Mon, 05 Jan 2026 10:00:30 GMT", now), 30_000);
  });

  test("counts for nothing where it is absent, over, or no time at all", () => {
    for (const said of [
      undefined,
      "",
      "0",
      "-5",
      "soon",
      "1e9x",
      "Mon, 05 Jan 2026 09:59:00 GMT",
    ]) {
      assert.equal(waitOf(said, now), 0, String(said));
    }
  });

  test("is followed no further than the longest wait", () => {
    for (const said of ["86401", "9".repeat(400), "Tue, 05 Jan 2094 10:00:00 GMT"]) {
      assert.equal(waitOf(said, now), webhookRetryAfterMsMax, said);
    }
  });
});

describe("a name that leads to this machine", () => {
  test("is refused when it is looked up, and nothing is connected to", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const sender = openSender({ allowPrivate: false, now: Date.now, newId: () => "a" });
    const hook: Webhook = {
      id: "w",
      url: `https://localhost:${port}/`,
      description: null,
      types: "*",
      stores: "*",
      secret: newWebhookSecret(),
      oldSecret: null,
      oldSecretUntil: null,
      state: "active",
      cursor: 0,
      attempts: 0,
      dueAt: 0,
      trouble: null,
      createdAt: 0,
      updatedAt: 0,
    };
    try {
      const event = { id: "e", seq: 1, type: "stock.low", body: "{}", traceparent: null };
      const sent = await sender.send(hook, event);
      assert.equal(sent.status, null);
      assert.match(sent.error ?? "", /^localhost is (127\.0\.0\.1|::1), which is not public$/);
      assert.equal(connections, 0);
    } finally {
      sender.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
