import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { json, problem, type Reply, type Scripted, scripted } from "../test/scripted.ts";
import { OnhandError, type SubscribeOptions, Unauthenticated } from "./client.ts";

const hello = (place: string): string => `retry: 2000\nid: ${place}\n\n`;
const event = (seq: number, epoch = 1): string =>
  `id: ${epoch}.${seq}\nevent: stock.updated\ndata: {"seq":${seq},"type":"stock.updated"}\n\n`;
const reset = (seq: number, epoch: number): string =>
  `id: ${epoch}.${seq}\nevent: log_reset\ndata: {"epoch":${epoch},"head_seq":${seq}}\n\n`;

/** A stream that says this and ends, breaks, or goes on in silence. */
function stream(text: string, end: "close" | "break" | "silence" = "close"): Reply {
  return ({ init }) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text));
        init.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
        if (end === "close") controller.close();
      },
      pull(controller) {
        if (end === "break") controller.error(new TypeError("terminated"));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
}

const over = problem(401, "unauthenticated");

interface Followed extends Pick<Scripted, "asked" | "clock"> {
  /** What was told, in order: numbers of events, resets, states. */
  readonly told: readonly string[];
  readonly error: unknown;
  readonly place: string | null;
}

/** Follows until the service refuses the credential, which ends every subscription. */
async function follow(
  replies: readonly Reply[],
  options: Partial<SubscribeOptions> = {},
): Promise<Followed> {
  const { client, asked, clock } = scripted([...replies, over]);
  const told: string[] = [];
  const subscription = client.events.subscribe({
    onEvent: ({ seq }, place) => void told.push(`${seq} at ${place}`),
    onReset: ({ epoch, head_seq }, place) =>
      void told.push(`reset to ${epoch}, ${head_seq} at ${place}`),
    onState: ({ state }) => void told.push(state),
    ...options,
  });
  const error = await subscription.closed;
  return { asked, clock, told, error, place: subscription.place };
}

const queries = ({ asked }: Followed): string[] => asked.map(({ url }) => new URL(url).search);

describe("a subscription", () => {
  test("tells each event with its place, and what becomes of the connection", async () => {
    const followed = await follow([stream(hello("1.4") + event(5) + event(6))], { after: "1.4" });
    assert.deepEqual(followed.told, [
      ...["connecting", "open", "5 at 1.5", "6 at 1.6", "waiting"],
      ...["connecting", "closed"],
    ]);
    assert.ok(followed.error instanceof Unauthenticated);
    assert.equal(followed.place, "1.6");
  });

  test("goes on at its place, with its filters, after a stream that ended or broke", async () => {
    const followed = await follow(
      [
        stream(hello("1.0") + event(1)),
        stream(hello("1.1") + event(2), "break"),
        new TypeError("fetch failed"),
        problem(503, "overloaded"),
        stream(`${hello("1.2")}: heartbeat\nid: 1.9\n\n`),
      ],
      { after: 0, store_id: "MAD" },
    );
    assert.deepEqual(
      queries(followed),
      ["0", "1.1", "1.2", "1.2", "1.2", "1.9"].map((place) => `?after=${place}&store_id=MAD`),
    );
    assert.deepEqual(
      followed.told.filter((words) => words.includes("at")),
      ["1 at 1.1", "2 at 1.2"],
    );
  });

  test("begins at the end of the log, and comes back to where that was", async () => {
    const followed = await follow([stream(hello("1.7")), stream(hello("1.7") + event(8))]);
    assert.deepEqual(queries(followed), ["", "?after=1.7", "?after=1.8"]);
  });

  test("tells nothing twice that comes twice", async () => {
    const { told } = await follow(
      [stream(event(1) + event(2)), stream(event(1) + event(2) + event(3))],
      {
        after: 0,
      },
    );
    assert.deepEqual(
      told.filter((words) => words.includes("at")),
      ["1 at 1.1", "2 at 1.2", "3 at 1.3"],
    );
  });

  test("tells of another log, and counts anew from there", async () => {
    const followed = await follow([stream(`retry: 2000\n\n${reset(3, 2)}${event(4, 2)}`)], {
      after: "1.50",
    });
    assert.deepEqual(
      followed.told.filter((words) => words.includes("at")),
      ["reset to 2, 3 at 2.3", "4 at 2.4"],
    );
    assert.equal(followed.place, "2.4");
  });

  test("is told of another log again where the connection broke before it was", async () => {
    const followed = await follow([stream(hello("2.3"), "break"), stream(reset(3, 2))], {
      after: "1.50",
    });
    assert.deepEqual(queries(followed), ["?after=1.50", "?after=1.50", "?after=2.3"]);
  });

  test("waits as long as the stream asks, longer from failure to failure, and as Retry-After says", async () => {
    const busy = problem(503, "overloaded", {}, { "retry-after": "30" });
    const followed = await follow([stream(hello("1.0")), stream(""), stream(""), stream(""), busy]);
    assert.deepEqual(
      followed.asked.map(({ at }) => at),
      [0, 2_000, 6_000, 14_000, 24_000, 54_000],
    );
  });

  test("gives up a connection that has gone silent", async () => {
    const followed = await follow([stream(hello("1.0"), "silence"), "silence"], {
      silenceMsMax: 40_000,
    });
    assert.deepEqual(
      followed.asked.map(({ at }) => at),
      [0, 42_000, 56_000],
    );
  });

  test("waits for its handlers, one after the other, before its place moves", async () => {
    const { client } = scripted([stream(event(1) + event(2)), over]);
    const order: string[] = [];
    const subscription = client.events.subscribe({
      after: 0,
      async onEvent({ seq }) {
        order.push(`${seq} begins behind ${subscription.place}`);
        await new Promise(setImmediate);
        order.push(`${seq} ends`);
      },
    });
    await subscription.closed;
    assert.deepEqual(order, ["1 begins behind 0", "1 ends", "2 begins behind 1.1", "2 ends"]);
  });

  test("ends with what a handler throws, and keeps the place before that event", async () => {
    const broken = new Error("no room");
    const followed = await follow([stream(event(1) + event(2))], {
      after: 0,
      onEvent({ seq }) {
        if (seq === 2) throw broken;
      },
    });
    assert.equal(followed.error, broken);
    assert.equal(followed.place, "1.1");
    assert.equal(followed.asked.length, 1);
  });

  test("ends with what onState or a token's function throws", async () => {
    const broken = new Error("no room");
    const fail = (): never => {
      throw broken;
    };
    assert.equal((await follow([stream("")], { onState: fail })).error, broken);
    const { client } = scripted([stream("")], { token: fail });
    assert.equal(await client.events.subscribe({ onEvent: fail }).closed, broken);
  });

  for (const [title, reply, code] of [
    ["who may not", problem(403, "forbidden"), "forbidden"],
    ["a filter that is not valid", problem(400, "validation_failed"), "validation_failed"],
  ] as const) {
    test(`ends where asking again cannot help: ${title}`, async () => {
      const { error, asked } = await follow([reply]);
      assert.ok(error instanceof OnhandError);
      assert.deepEqual([error.code, asked.length], [code, 1]);
    });
  }

  test("asks again where something else answered", async () => {
    const { asked } = await follow([
      json({ hello: "world" }),
      new Response("bad", { status: 502 }),
    ]);
    assert.equal(asked.length, 3);
  });

  test("is closed by its owner, from a handler too, and then tells nothing more", async () => {
    const { client, asked } = scripted([stream(event(1) + event(2), "silence")]);
    const seqs: number[] = [];
    const subscription = client.events.subscribe({
      after: 0,
      onEvent({ seq }) {
        seqs.push(seq);
        subscription.close();
      },
    });
    assert.equal(await subscription.closed, null);
    assert.deepEqual([seqs, asked.length, subscription.state], [[1], 1, "closed"]);
    assert.equal(asked[0]?.init.signal?.aborted, true);
  });

  test("is closed by a signal: before it began, while it connects, while it waits", async () => {
    const onEvent = (): void => assert.fail("nothing is told");
    const early = scripted([stream(event(1))]);
    const signal = AbortSignal.abort();
    assert.equal(await early.client.events.subscribe({ onEvent, signal }).closed, null);
    assert.equal(early.asked.length, 0);

    for (const state of ["connecting", "waiting"]) {
      const { client } = scripted([new TypeError("fetch failed")]);
      const controller = new AbortController();
      const { closed } = client.events.subscribe({
        onEvent,
        signal: controller.signal,
        onState: (now) => {
          if (now.state === state) controller.abort();
        },
      });
      assert.equal(await closed, null);
    }
  });
});
