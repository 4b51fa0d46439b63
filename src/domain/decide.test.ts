import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  did,
  given,
  held,
  hour,
  product,
  refused,
  reservation,
  row,
  shop,
  start,
} from "../../test/given.ts";
import {
  adjust,
  batch,
  cancel,
  confirm,
  expireDue,
  once,
  reserve,
} from "../../test/support/commands.ts";
import type { Command } from "./model.ts";

describe("the trace of a request", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const traced = <Issued extends object>(command: Issued) => ({ ...command, traceparent });

  test("is in all its events, those of holds that it found due among them", () => {
    const story = given(shop(5))
      .when(reserve("r", 2))
      .later(hour)
      .when(traced(adjust({ amount: 1 })));
    const [first, second] = story.outcomes.map(({ events }) => events);
    assert.deepEqual(
      first?.map((event) => event.traceparent),
      [null],
    );
    assert.deepEqual(
      second?.map(({ type, traceparent: carried }) => [type, carried]),
      [
        ["reservation.expired", traceparent],
        ["stock.updated", traceparent],
      ],
    );
  });

  test("changes nothing of an answer, and is not kept with it", () => {
    const sale = once("k", "f", reserve("r", 2));
    const answersOf = (...commands: Command[]) =>
      given(shop(5))
        .when(...commands)
        .outcomes.map(({ events: _events, ...answer }) => answer);
    assert.deepEqual(answersOf(traced(sale), sale), answersOf(sale, sale));
    assert.ok(!JSON.stringify(answersOf(traced(sale))).includes(traceparent));
  });
});

describe("an idempotency key", () => {
  const sale = once("k", "f", reserve("r", 2));

  test("gives the first answer again, as it was, whatever has happened since", () => {
    const story = given(shop(5))
      .when(sale)
      .later(hour)
      .when(expireDue(), adjust({ amount: -5 }), { ...sale, requestId: "request-2" });
    const [first, , , again] = story.outcomes;
    assert.deepEqual(again, { ...first, replayed: true, events: [] });
    assert.equal(again?.at, start);
    assert.equal(again?.requestId, "request-1");
    story.expect(
      did("reservation.created"),
      did("reservation.expired"),
      did("stock.updated", "stock.out"),
      did(),
    );
  });

  test("gives a refusal again, also when it would no longer be refused", () => {
    const story = given(shop(1)).when(sale, adjust({ amount: 5 }), sale);
    const [first, , again] = story.outcomes;
    assert.deepEqual(again, { ...first, replayed: true, events: [] });
    story.expect(
      refused("insufficient_stock", { available: 1 }),
      did("stock.updated"),
      refused("insufficient_stock", { available: 1 }),
      row({ quantity: 6, reserved: 0 }),
    );
  });

  test("forgets what was not found: the caller may mend it and try again", () => {
    given(product("mug")).when(sale).expect(refused("store_not_found"));
    const story = given(shop(5)).when(once("k", "f", confirm("r")), reserve("r", 1));
    story
      .when(once("k", "f", confirm("r")))
      .expect(
        refused("reservation_not_found"),
        did("reservation.created"),
        did("reservation.confirmed"),
      );
    assert.equal(story.outcomes[2]?.replayed, false);
  });

  test("is refused for another request, and keeps its first answer", () => {
    given(shop(5))
      .when(sale, once("k", "other", reserve("s", 1)), sale)
      .expect(
        did("reservation.created"),
        refused("idempotency_key_reused"),
        did(),
        row({ reserved: 2 }),
        reservation("s", null),
      );
  });

  test("that is refused for another request answers that one, now and for the first time", () => {
    const other = { ...once("k", "other", reserve("s", 1)), requestId: "request-2" };
    const { outcomes } = given(shop(5)).when(sale).later(hour).when(other);
    assert.deepEqual(outcomes[1], {
      at: start + hour,
      requestId: "request-2",
      result: { rejection: { code: "idempotency_key_reused" } },
      replayed: false,
      events: [],
    });
  });

  test("belongs to its caller", () => {
    const theirs = {
      ...reserve("s", 1),
      once: { caller: "key:other", key: "k", fingerprint: "x" },
    };
    given(shop(5))
      .when(sale, theirs)
      .expect(did("reservation.created"), did("reservation.created"), row({ reserved: 3 }));
  });

  test("has one effect within one transaction too", () => {
    const story = given(shop(5)).whenTogether(
      sale,
      sale,
      once("k", "other", reserve("s", 1)),
      once("l", "f", cancel("r")),
      once("l", "f", cancel("r")),
      sale,
    );
    const [first, second, , cancelled, again, last] = story.outcomes;
    assert.deepEqual(second, { ...first, replayed: true, events: [] });
    assert.deepEqual(last, second);
    assert.deepEqual(again, { ...cancelled, replayed: true, events: [] });
    story.expect(
      did("reservation.created"),
      did(),
      refused("idempotency_key_reused"),
      did("reservation.cancelled"),
      did(),
      did(),
      row({ reserved: 0, version: 3 }),
    );
    assert.equal(story.world.database.answers.size, 2);
  });

  test("of a repeated request lets nothing expire: it is an answer, not a command", () => {
    given(shop(5), held("old", 1, { expiresAt: start + 1 }))
      .when(sale)
      .later(1)
      .when(sale)
      .expect(did("reservation.created"), did(), reservation("old", { status: "PENDING" }));
  });

  test("keeps a failed batch with its lines", () => {
    const lines = once("k", "f", batch("all_or_nothing", { amount: 1 }, { amount: -9 }));
    const story = given(shop(1)).when(lines, adjust({ amount: 20 }), lines);
    assert.deepEqual(story.outcomes[2]?.result, story.outcomes[0]?.result);
    story.expect(refused("batch_failed"), did("stock.updated"), refused("batch_failed"));
  });
});
