// Webhooks over HTTP and to a real receiver: what is made, changed and shown, and what is delivered, in what order,
// whatever the receiver does.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { openSender } from "../../src/feeds/webhook-send.ts";
import {
  type Delivering,
  type DeliveringOptions,
  openDelivering,
} from "../../src/feeds/webhooks.ts";
import { now } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { webhookLeaseMs, webhooksMax, webhookWakeMs } from "../../src/limits.ts";
import { openReceiver, type Receiver } from "../support/receiver.ts";
import {
  assertInvalid,
  assertProblem,
  listOf,
  openShop,
  type Shop,
  textOf,
} from "../support/shop.ts";
import { until } from "../support/until.ts";

let shop: Shop;
let mug: string;
let receiver: Receiver;
let delivering: Delivering | null = null;

before(async () => {
  shop = await openShop();
});
after(() => shop.close());
beforeEach(async () => {
  mug = await shop.product({ MAD: 10, BCN: 10 });
  receiver = await openReceiver();
});
afterEach(async () => {
  await delivering?.close();
  delivering = null;
  for (const hook of listOf((await shop.call("GET", "/webhooks?limit=500")).body)) {
    await shop.call("DELETE", `/webhooks/${String(hook["id"])}`);
  }
  await receiver.close();
});

const add = async (over: object = {}) => {
  const body = { url: `${receiver.url}/hook`, ...over };
  const answer = await shop.call("POST", "/webhooks", { body });
  assert.equal(answer.status, 201, answer.text);
  return { id: textOf(answer.body, "id"), secret: textOf(answer.body, "secret") };
};
const read = async (id: string) => (await shop.call("GET", `/webhooks/${id}`)).body;
const sell = async (amount = -1, row = `${mug}/MAD`) => {
  const body = { adjustment: amount, reason: "SALE" };
  assert.equal((await shop.call("POST", `/stock/${row}/adjust`, { body })).status, 200);
};
const deliverer = (
  retryMs: readonly number[] = [1, 1, 1, 1],
  answerMsMax = 5_000,
  store: DeliveringOptions["store"] = shop.store,
) => {
  const sender = openSender({ allowPrivate: true, now, newId, answerMsMax });
  const failed = (error: unknown): void => {
    throw error;
  };
  const { close, ...rest } = openDelivering({
    store,
    sender,
    holder: newId(),
    failed,
    retryMs,
  });
  return {
    ...rest,
    async close() {
      await close();
      sender.close();
    },
  };
};
/** Looks again and again, as the worker does, until it is so. */
const deliver = (isSo: () => boolean | Promise<boolean>, what: string) => {
  const one = delivering ?? deliverer();
  delivering = one;
  return until(async () => {
    await one.tick();
    return isSo();
  }, what);
};
const seqs = () => receiver.got.map(({ body }) => Number(body["seq"]));

describe("POST /webhooks: 201", () => {
  test("begins at the end of the log, with everything; its secret is in this answer only", async () => {
    const { seq } = await shop.store.head();
    const { id, secret } = await add();
    assert.match(secret, /^whsec_[A-Za-z0-9+/=]{44}$/);
    const shown = await shop.call("GET", `/webhooks/${id}`);
    assert.partialDeepStrictEqual(shown.body, {
      url: `${receiver.url}/hook`,
      types: "*",
      stores: "*",
      state: "active",
      cursor_seq: seq,
      failed_attempts: 0,
    });
    assert.ok(!shown.text.includes(secret));
    const list = await shop.call("GET", "/webhooks");
    assert.ok(!list.text.includes(secret) && list.text.includes(id));
  });
});

describe("webhooks: 400, 403, 404", () => {
  test("what is not valid is refused by its path", async () => {
    for (const [body, path] of [
      [{ url: "ftp://a.example/" }, "/url"],
      [{ url: "https://me:p@a.example/" }, "/url"],
      [{ url: "https://a.example", types: ["stock.gone"] }, "/types/0"],
      [{ url: "https://a.example", types: [] }, "/types"],
      [{ url: "https://a.example", types: "all" }, "/types"],
      [{ url: "https://a.example", stores: ["a b"] }, "/stores/0"],
      [{ url: "https://a.example", after_seq: 1e9 }, "/after_seq"],
    ] as const) {
      assertInvalid(await shop.call("POST", "/webhooks", { body }), path);
    }
  });

  test("there may be no more than there may be", async () => {
    const ids: string[] = [];
    for (let n = 0; n < webhooksMax; n += 1) ids.push((await add()).id);
    const body = { url: receiver.url };
    const refused = await shop.call("POST", "/webhooks", { body });
    assertProblem(refused, 409, "webhook_limit_reached");
    assert.equal(refused.body["limit"], webhooksMax);
    await shop.call("DELETE", `/webhooks/${ids[0]}`);
    await add();
  });

  test("only admins have to do with them", async () => {
    const { id } = await add();
    for (const as of ["customer", "channel", "vendor", "manager"]) {
      for (const [method, path] of [
        ["GET", "/webhooks"],
        ["GET", `/webhooks/${id}`],
        ["DELETE", `/webhooks/${id}`],
        ["GET", `/webhooks/${id}/deliveries`],
      ] as const) {
        assertProblem(await shop.call(method, path, { as }), 403, "forbidden");
      }
      for (const path of ["/webhooks", `/webhooks/${id}/secret`, `/webhooks/${id}/test`]) {
        assertProblem(await shop.call("POST", path, { as, body: {} }), 403, "forbidden");
      }
    }
  });

  test("one that is not there is named", async () => {
    for (const [method, path, body] of [
      ["GET", "/webhooks/none", undefined],
      ["PATCH", "/webhooks/none", {}],
      ["DELETE", "/webhooks/none", undefined],
      ["POST", "/webhooks/none/secret", {}],
      ["POST", "/webhooks/none/test", {}],
      ["GET", "/webhooks/none/deliveries", undefined],
      ["POST", "/webhooks/none/deliveries", { seq: 1 }],
    ] as const) {
      const call = body === undefined ? {} : { body };
      assertProblem(await shop.call(method, path, call), 404, "webhook_not_found");
    }
  });
});

describe("a delivery", () => {
  test("is the event as every channel has it, signed, under the event's id", async () => {
    const { secret } = await add();
    await sell();
    await deliver(() => receiver.got.length === 1, "it came");
    const [{ headers, text, body } = assert.fail()] = receiver.got;
    const [event] = listOf(
      (await shop.call("GET", `/events?product_id=${mug}&type=stock.updated`)).body,
    );
    assert.deepEqual(body, event);
    assert.equal(headers["webhook-id"], body["id"]);
    assert.deepEqual(new Webhook(secret).verify(text, headers as Record<string, string>), body);
  });

  test("is made once of each event, one at a time, in the order of the log", async () => {
    await add();
    for (let n = 0; n < 5; n += 1) {
      await sell();
      await sell(-1, `${mug}/BCN`);
    }
    receiver.answer = (response) => setImmediate(() => response.writeHead(200).end("ok"));
    await deliver(() => receiver.got.length >= 10, "all came");
    assert.deepEqual(
      seqs(),
      seqs().toSorted((a, b) => a - b),
    );
    assert.equal(new Set(seqs()).size, 10);
    assert.equal(receiver.most(), 1);
  });

  test("is not made again of what was read before it ended", async () => {
    const { webhooks } = shop.store;
    const { id } = await add();
    await sell();
    const { seq } = await shop.store.head();
    let isWritten = (): Promise<void> => Promise.resolve();
    const store = {
      ...shop.store,
      webhooks: {
        ...webhooks,
        async due(at: number) {
          const due = await webhooks.due(at);
          await isWritten();
          return due;
        },
      },
    };
    const one = deliverer([1], 5_000, store);
    delivering = one;
    let answer = (): void => undefined;
    receiver.answer = (response) => {
      answer = () => response.writeHead(200).end();
    };
    await one.tick();
    await until(() => receiver.got.length === 1, "it is under way");
    isWritten = async () => {
      answer();
      await until(async () => (await read(id))["cursor_seq"] === seq, "it is written");
    };
    await one.tick();
    isWritten = () => Promise.resolve();
    receiver.answer = (response) => response.writeHead(200).end();
    await sell();
    await deliver(() => receiver.got.length === 2, "the next came");
    assert.equal(new Set(seqs()).size, 2, "none came twice");
  });

  test("comes of the types and stores that are wanted, and of the whole chain", async () => {
    const { id } = await add({ types: ["stock.updated", "product.updated"], stores: ["BCN"] });
    await sell();
    await sell(-1, `${mug}/BCN`);
    await sell(-9, `${mug}/BCN`);
    await shop.call("PATCH", `/products/${mug}`, { body: { name: "Cup" } });
    const { seq } = await shop.store.head();
    await deliver(async () => (await read(id))["cursor_seq"] === seq, "all is dealt with");
    assert.deepEqual(
      receiver.got.map(({ body }) => [body["type"], body["store_id"]]),
      [
        ["stock.updated", "BCN"],
        ["stock.updated", "BCN"],
        ["product.updated", "*"],
      ],
    );
  });

  test("that fails is tried again, and holds back what comes after it", async () => {
    const { id } = await add();
    await sell();
    await sell();
    let tries = 0;
    receiver.answer = (response) => {
      tries += 1;
      response.writeHead(tries < 3 ? 500 : 200).end();
    };
    await deliver(() => receiver.got.length >= 4, "all came");
    const [first = 0] = seqs();
    assert.deepEqual(seqs(), [first, first, first, first + 1]);
    await deliver(async () => (await read(id))["failed_attempts"] === 0, "it is written");
    const log = listOf((await shop.call("GET", `/webhooks/${id}/deliveries`)).body);
    assert.deepEqual(log.map(({ status, delivered }) => [status, delivered]).reverse(), [
      [500, false],
      [500, false],
      [200, true],
      [200, true],
    ]);
  });

  test("that fails for the last time parks the webhook; it goes on where it stood", async () => {
    const { id } = await add();
    await sell();
    await sell();
    receiver.answer = (response) => response.writeHead(503).end();
    await deliver(async () => (await read(id))["state"] === "parked", "it is parked");
    assert.equal(receiver.got.length, 5, "once, and four times again");
    assert.equal(new Set(seqs()).size, 1);
    assert.equal((await read(id))["last_error"], "answered 503");
    receiver.answer = (response) => response.writeHead(200).end();
    await shop.call("PATCH", `/webhooks/${id}`, { body: { state: "active" } });
    await deliver(() => new Set(seqs()).size === 2, "both came");
  });

  test("that is answered 410 is the last: the webhook is gone", async () => {
    const { id } = await add();
    await sell();
    receiver.answer = (response) => response.writeHead(410).end();
    await deliver(async () => (await read(id))["state"] === "gone", "it is gone");
    assert.equal(receiver.got.length, 1);
  });

  test("that is never answered fails in time, and keeps no other webhook waiting", async () => {
    delivering = deliverer([60_000], 300);
    const { id } = await add({ url: `${receiver.url}/never` });
    await add({ url: `${receiver.url}/well` });
    await sell();
    receiver.answer = (response, { path }) => {
      if (path === "/well") response.writeHead(200).end();
    };
    await deliver(async () => (await read(id))["failed_attempts"] === 1, "it failed");
    assert.match(String((await read(id))["last_error"]), /no answer within 300 ms/);
    assert.deepEqual(receiver.got.map(({ path }) => path).sort(), ["/never", "/well"]);
  });

  test("whose connection is closed without an answer, or asked for another protocol, fails at once", async () => {
    const { id } = await add();
    receiver.answer = (response) =>
      response.socket?.end(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n",
      );
    const switched = await shop.call("POST", `/webhooks/${id}/test`, { body: {} });
    assert.partialDeepStrictEqual(switched.body, { status: null, delivered: false });
    receiver.answer = (response) => response.socket?.destroy();
    const closed = await shop.call("POST", `/webhooks/${id}/test`, { body: {} });
    assert.partialDeepStrictEqual(closed.body, { status: null, delivered: false });
  });

  test("waits as long as the endpoint asks for, and not less than it would by itself", async () => {
    const { id } = await add();
    await sell();
    receiver.answer = (response) => response.writeHead(429, { "retry-after": "120" }).end();
    await deliver(async () => (await read(id))["failed_attempts"] === 1, "it failed");
    const waits = async () =>
      Date.parse(String((await read(id))["next_attempt_at"])) - (await shop.store.time());
    const asked = await waits();
    assert.ok(asked > 60_000 && asked <= 120_000, `${asked} ms`);
    await delivering?.close();
    delivering = deliverer([3_600_000]);
    await shop.call("PATCH", `/webhooks/${id}`, { body: { state: "active" } });
    await deliver(async () => (await read(id))["failed_attempts"] === 1, "it failed again");
    const own = await waits();
    assert.ok(own > 0.75 * 3_600_000 && own <= 1.2 * 3_600_000, `${own} ms`);
  });

  test("that nobody wants is passed over, and what is changed since counts from there", async () => {
    const { id } = await add({ types: ["store.created"] });
    const begin = Number((await read(id))["cursor_seq"]);
    await sell();
    const one = deliverer();
    delivering = one;
    const { seq } = await shop.store.head();
    assert.equal((await read(id))["behind_events"], seq - begin);
    await one.tick();
    await until(async () => {
      await one.tick();
      return (await read(id))["behind_events"] === 0;
    }, "it is written, if not at once");
    assert.equal(receiver.got.length, 0);
    await sell();
    await one.tick();
    await shop.call("PATCH", `/webhooks/${id}`, { body: { types: ["stock.updated"] } });
    await deliver(() => receiver.got.length === 1, "it came, though it had been passed over");
  });

  test("is not redirected, and an endless answer is not read", async () => {
    const { id } = await add();
    receiver.answer = (response) => response.writeHead(302, { location: "/elsewhere" }).end();
    const sent = await shop.call("POST", `/webhooks/${id}/test`);
    assert.partialDeepStrictEqual(sent.body, { status: 302, delivered: false });
    assert.equal(receiver.got.length, 1);
    receiver.answer = (response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
        if (!response.destroyed) response.once("drain", pour);
      };
      pour();
    };
    const flooded = await shop.call("POST", `/webhooks/${id}/test`, { body: {} });
    assert.partialDeepStrictEqual(flooded.body, { status: 200, delivered: true });
  });
});

describe("what an admin may do besides", () => {
  test("a paused webhook gets nothing, and everything when it goes on", async () => {
    const { id } = await add();
    await shop.call("PATCH", `/webhooks/${id}`, { body: { state: "paused" } });
    await sell();
    const other = await add({ url: `${receiver.url}/other` });
    await sell();
    const { seq } = await shop.store.head();
    await deliver(async () => (await read(other.id))["cursor_seq"] === seq, "the other has it");
    assert.deepEqual(
      receiver.got.map(({ path }) => path),
      ["/other"],
    );
    await shop.call("PATCH", `/webhooks/${id}`, { body: { state: "active" } });
    await deliver(() => receiver.got.length === 3, "it has both");
  });

  test("one that is paused while it is sent to keeps how far it came", async () => {
    const { id } = await add();
    await sell();
    await sell();
    let paused: Promise<unknown> = Promise.resolve();
    receiver.answer = (response) => {
      paused = shop
        .call("PATCH", `/webhooks/${id}`, { body: { state: "paused" } })
        .then(() => response.writeHead(200).end());
    };
    const { seq } = await shop.store.head();
    await deliver(
      async () => (await read(id))["cursor_seq"] === seq,
      "what was on its way is written",
    );
    await paused;
    assert.equal((await read(id))["state"], "paused");
    assert.equal(receiver.got.length, 2, "nothing twice");
  });

  test("a change and a rotation at the same time undo nothing of each other", async () => {
    const { id } = await add();
    const [rotated] = await Promise.all([
      shop.call("POST", `/webhooks/${id}/secret`, { body: { end_old: true } }),
      ...["a", "b", "c"].map((description) =>
        shop.call("PATCH", `/webhooks/${id}`, { body: { description } }),
      ),
    ]);
    await shop.call("POST", `/webhooks/${id}/test`, { body: {} });
    const { text, headers } = receiver.got[0] ?? assert.fail("nothing came");
    const secret = textOf(rotated.body, "secret");
    assert.ok(new Webhook(secret).verify(text, headers as Record<string, string>));
  });

  test("after_seq sends again what was sent, or passes over what is refused", async () => {
    const { id } = await add();
    await sell();
    await deliver(() => receiver.got.length === 1, "it came");
    const [seq = 0] = seqs();
    await deliver(async () => (await read(id))["cursor_seq"] === seq, "it is written");
    await shop.call("PATCH", `/webhooks/${id}`, { body: { after_seq: seq - 1 } });
    await deliver(() => receiver.got.length === 2, "it came again");
    assert.deepEqual(seqs(), [seq, seq]);
  });

  test("a rotated secret: both sign for a day, or only the new one", async () => {
    const { id, secret } = await add();
    const rotate = async (body: object) =>
      textOf((await shop.call("POST", `/webhooks/${id}/secret`, { body })).body, "secret");
    const verify = (by: string) => {
      const { text, headers } = receiver.got.at(-1) ?? assert.fail("nothing came");
      return new Webhook(by).verify(text, headers as Record<string, string>);
    };
    const second = await rotate({});
    await shop.call("POST", `/webhooks/${id}/test`, { body: {} });
    verify(secret);
    verify(second);
    const third = await rotate({ end_old: true });
    await shop.call("POST", `/webhooks/${id}/test`, { body: {} });
    verify(third);
    assert.throws(() => verify(second));
  });

  test("one event again leaves the cursor; one that is not in the log is refused", async () => {
    const { id } = await add();
    const { cursor_seq: cursor } = await read(id);
    const body = { seq: 1 };
    const { body: sent } = await shop.call("POST", `/webhooks/${id}/deliveries`, { body });
    assert.partialDeepStrictEqual(sent, { seq: 1, delivered: true });
    assert.equal((await read(id))["cursor_seq"], cursor);
    const beyond = { body: { seq: 1e9 } };
    assertInvalid(await shop.call("POST", `/webhooks/${id}/deliveries`, beyond), "/seq");
  });
});

describe("news of the log", () => {
  test("are looked at at once while somebody listens, and by nobody otherwise", async () => {
    const one = deliverer();
    delivering = one;
    await one.tick();
    assert.equal(one.newsAt(), null);
    await add();
    await one.tick();
    const at = one.newsAt();
    assert.ok(at !== null && at <= performance.now() + webhookWakeMs, `${at}`);
  });
});

describe("of two instances", () => {
  test("one delivers; when it is closed, the other goes on behind it", async () => {
    const [one, other] = [deliverer(), deliverer()];
    try {
      const { id } = await add();
      const dealtWith = async () => {
        await one.tick();
        await other.tick();
        return (await read(id))["cursor_seq"] === (await shop.store.head()).seq;
      };
      for (let n = 0; n < 5; n += 1) await sell();
      await until(dealtWith, "all came");
      await one.close();
      for (let n = 0; n < 4; n += 1) await sell();
      await until(async () => {
        await other.tick();
        return (await read(id))["cursor_seq"] === (await shop.store.head()).seq;
      }, "the rest came");
      assert.equal(new Set(seqs()).size, seqs().length, "none came twice");
      assert.deepEqual(
        seqs(),
        seqs().toSorted((a, b) => a - b),
      );
    } finally {
      await one.close();
      await other.close();
    }
  });

  test("when it dies without a word, the other goes on after its lease, and nothing sets that back", async () => {
    const { id } = await add();
    await sell();
    await sell();
    const { seq: head } = await shop.store.head();
    let answerFirst = (): void => undefined;
    receiver.answer = (response) => {
      if (receiver.got.length === 1) answerFirst = () => response.writeHead(200).end();
      else response.writeHead(200).end();
    };
    const inTime = (ms: number) => {
      const time = async () => (await shop.store.time()) + ms;
      return deliverer([1], 60_000, { ...shop.store, time });
    };
    const [dead, early, late] = [deliverer([1], 60_000), inTime(0), inTime(webhookLeaseMs + 1)];
    try {
      await dead.tick();
      await until(() => receiver.got.length === 1, "it was about to deliver");
      await early.tick();
      await early.close();
      assert.equal(receiver.got.length, 1, "the lease holds");
      await until(async () => {
        await late.tick();
        return (await read(id))["cursor_seq"] === head;
      }, "the other has delivered all");
      answerFirst();
    } finally {
      for (const one of [dead, early, late]) await one.close();
    }
    assert.equal((await read(id))["cursor_seq"], head);
    assert.deepEqual(seqs(), [head - 1, head - 1, head]);
  });

  test("a cursor that another has moved is not set back", async () => {
    const { id } = await add();
    const { cursor_seq: cursor } = await read(id);
    const at = { id, attempts: 0, dueAt: 0, state: "active", trouble: null, tried: [] } as const;
    const from = Number(cursor);
    assert.equal(
      (await shop.store.webhooks.advance({ ...at, from, to: from + 5 }))?.cursor,
      from + 5,
    );
    assert.equal(await shop.store.webhooks.advance({ ...at, from, to: from + 1 }), null);
  });
});
