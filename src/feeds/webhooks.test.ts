// How long an endpoint that failed is left alone: as docs/webhooks.md says, earlier or later by chance.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { document } from "../../test/support/documents.ts";
import { openLog } from "../../test/support/log-events.ts";
import { until } from "../../test/support/until.ts";
import { must } from "../lib/assert.ts";
import { webhookRetryMs } from "../limits.ts";
import type { Webhook, WebhookAdvance } from "../store/webhook.ts";
import { openDelivering } from "./webhooks.ts";

const time = Date.parse("2026-01-05T10:00:00Z");
const hook: Webhook = {
  ...{ id: "w", url: "https://shop.example/hook", description: null, types: "*", stores: "*" },
  ...{ secret: "s", oldSecret: null, oldSecretUntil: null, state: "active", cursor: 0 },
  ...{ attempts: 0, dueAt: 0, trouble: null, createdAt: 0, updatedAt: 0 },
};

/** What is written of an endpoint that has failed `before` times already and fails once more. */
async function failure(
  before: number,
  { chance, retryAfterMs = 0 }: { chance: number; retryAfterMs?: number },
): Promise<WebhookAdvance> {
  const log = openLog();
  log.grow(1);
  const failing = { ...hook, attempts: before };
  const written: WebhookAdvance[] = [];
  const delivering = openDelivering({
    store: {
      events: log.events,
      time: async () => time,
      webhooks: {
        due: async () => ({ hooks: written.length === 0 ? [failing] : [], ready: 1 }),
        claim: async () => true,
        release: async () => undefined,
        async advance(run) {
          written.push(run);
          return { ...failing, ...run, cursor: run.to };
        },
      },
    },
    sender: {
      send: async (_hook, { id, seq, type }) => ({
        ...{ id: "a", seq, eventId: id, eventType: type, at: time, durationMs: 1 },
        ...{ status: 503, error: "it answered 503", retryAfterMs },
      }),
    },
    holder: "here",
    failed: (error) => assert.fail(String(error)),
    chance: () => chance,
  });
  await delivering.tick();
  await until(() => written.length === 1, "it is written");
  await delivering.close();
  return must(written[0], "what was written");
}

describe("a delivery that failed", () => {
  test("is tried again after the waits that docs/webhooks.md names", () => {
    const { text } = document("docs/webhooks.md");
    const [, said = ""] = /tried again after about ([^;]*?), each up to a\s+fifth/.exec(text) ?? [];
    const units: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000 };
    const waits = Array.from(
      said.matchAll(/(\d+) (s|min|h)\b/g),
      ([, count, unit = ""]) => Number(count) * (units[unit] ?? Number.NaN),
    );
    assert.deepEqual(waits, webhookRetryMs);
  });

  test("waits for the next of them each time, and is parked after the last", async () => {
    for (const [before, wait] of webhookRetryMs.entries()) {
      const { dueAt, attempts, state } = await failure(before, { chance: 0.5 });
      assert.deepEqual(
        { dueAt, attempts, state },
        { dueAt: time + wait, attempts: before + 1, state: "active" },
      );
    }
    const last = await failure(webhookRetryMs.length, { chance: 0.5 });
    assert.equal(last.state, "parked");
  });

  test("waits up to a fifth less or more, as chance has it", async () => {
    const first = must(webhookRetryMs[0], "a wait");
    const waited = async (chance: number) => (await failure(0, { chance })).dueAt - time;
    assert.equal(await waited(0), 0.8 * first);
    assert.equal(await waited(0.25), 0.9 * first);
    assert.equal(await waited(0.999_999), Math.round(1.2 * first));
  });

  test("waits as long as it is asked to, and chance makes that no shorter", async () => {
    const asked = { retryAfterMs: 90_000 };
    assert.equal((await failure(0, { chance: 0, ...asked })).dueAt, time + 90_000);
    const longer = must(webhookRetryMs[3], "a wait");
    assert.equal((await failure(3, { chance: 0.5, ...asked })).dueAt, time + longer);
  });
});
