// Webhooks through a crash of the service: a receiver that is slow and sometimes fails has every event of the log in the
// end, those of each stock row in the order of its versions, and what it had twice has the same id.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, type Instance, startInstance, unlimited } from "../support/instance.ts";
import { openReceiver, type Receiver } from "../support/receiver.ts";
import { listOf } from "../support/shop.ts";
import { until } from "../support/until.ts";

const laptop = "550e8400-e29b-41d4-a716-446655440000";
const env = { ...unlimited, WEBHOOKS_ALLOW_PRIVATE: "on" };

describe("a service that delivers to webhooks", { timeout: 180_000 }, () => {
  let service: Instance;
  let receiver: Receiver;
  before(async () => {
    receiver = await openReceiver();
    service = await startInstance({ env });
  });
  after(async () => {
    await service.stop();
    await receiver.close();
  });

  async function sell(times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) {
      const { status, text } = await ask(service, "POST", "/stock", {
        product_id: laptop,
        store_id: n % 2 === 0 ? "MAD-001" : "BCN-001",
        quantity_change: 1,
        reason: "RESTOCK",
      });
      assert.equal(status, 200, text);
    }
  }

  test("loses nothing and keeps each row's order, killed and started again while it delivers", async (t) => {
    const made = await ask(service, "POST", "/webhooks", { url: `${receiver.url}/` });
    assert.equal(made.status, 201, made.text);
    const begin = Number(made.body["cursor_seq"]);
    const { folder, key } = service;
    let count = 0;
    receiver.slowMs = 10;
    receiver.answer = (response) => {
      count += 1;
      // One in fifty fails, all are slow.
      const status = count % 50 === 49 ? 500 : 200;
      response.writeHead(status).end();
    };
    await sell(60);
    await until(() => receiver.got.length > 10, "it is delivering", 60_000);
    await service.kill();
    service = await startInstance({ env: { ...env, ONHAND_ADMIN_KEY: key }, folder });
    const events = listOf((await ask(service, "GET", `/events?after=${begin}&limit=500`)).body);
    const wanted = events.map(({ id }) => String(id));
    assert.ok(wanted.length >= 60);
    await until(
      () => new Set(receiver.got.map(({ headers }) => headers["webhook-id"])).size >= wanted.length,
      "every event came",
      120_000,
    );
    const first = [...new Set(receiver.got.map(({ headers }) => String(headers["webhook-id"])))];
    assert.deepEqual(first, wanted, "first deliveries are the log, in its order");
    const again = receiver.got.length - wanted.length;
    t.diagnostic(`${wanted.length} events, ${again} deliveries more, in a crash`);
  });
});
