// What is told of requests, against a receiver in this process: the tree of spans, whom a span belongs to when others'
// timers and sockets come in between, and the bound of what waits.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type OtlpReceiver, startOtlpReceiver } from "../../test/support/otlp.ts";
import { until } from "../../test/support/until.ts";
import { must } from "../lib/assert.ts";
import { type RequestTrace, type Tracing, telling } from "../lib/tracing.ts";
import { spansWaitingMax } from "../limits.ts";
import { type CollectorOptions, openCollector } from "./collector.ts";

const fine = { status: 200, problem: null, replayed: false };

function collectorAt(url: string, over: Partial<CollectorOptions> = {}) {
  const said: string[] = [];
  let dropped = 0;
  const tracing = openCollector({
    url: `${url}/v1/traces`,
    headers: {},
    serviceName: "onhand",
    attributes: {},
    sampler: "parentbased_always_on",
    ratio: 1,
    version: "1",
    instanceId: "one",
    said: (_level, words) => said.push(words),
    dropped(spans) {
      dropped += spans;
    },
    ...over,
  });
  return { tracing, said, dropped: () => dropped };
}

function begin(tracing: Tracing, headers: Record<string, string> = {}): RequestTrace | null {
  return tracing.begin({ method: "GET", route: "/r", scheme: "http", requestId: "q", headers });
}

describe("a collector", () => {
  let receiver: OtlpReceiver;
  before(async () => {
    receiver = await startOtlpReceiver();
  });
  after(() => receiver.close());

  test("tells spans in the order of their times, whatever is done to the wall's clock meanwhile", async (t) => {
    const { tracing } = collectorAt(receiver.url);
    const trace = must(begin(tracing), "it is traced");
    const from = performance.now();
    const back = Date.now() - 3_600_000;
    t.mock.method(Date, "now", () => back);
    tracing.tell(trace.traceparent, { name: "set-back", kind: "internal", from, to: from + 5 });
    t.mock.restoreAll();
    trace.end(fine);
    await tracing.close();
    const [inner] = receiver.spans().filter(({ name }) => name === "set-back");
    const { startNanos, endNanos } = must(inner, "it was told");
    assert.equal(endNanos - startNanos, 5_000_000n);
    assert.ok(Math.abs(Number(startNanos / 1_000_000n) - back) < 1_000, "by the clock as it was");
  });

  test("knows for whom work is done, also where somebody else's callback goes on with it", async () => {
    const { tracing } = collectorAt(receiver.url);
    const [one, two] = [must(begin(tracing), "one"), must(begin(tracing), "two")];
    const seen: (string | undefined)[] = [];
    const see = (): void => {
      seen.push(tracing.current()?.traceparent);
    };
    tracing.within(one, () => {
      see();
      tracing.within(two, see);
      tracing.within(null, see);
      see();
    });
    see();
    assert.deepEqual(seen, [
      one.traceparent,
      two.traceparent,
      undefined,
      one.traceparent,
      undefined,
    ]);
    await tracing.close();
  });

  test("takes nothing for a request's that goes on after its end", async () => {
    const { tracing } = collectorAt(receiver.url);
    const trace = must(begin(tracing), "it is traced");
    let later: RequestTrace | null | undefined;
    await new Promise<void>((resolve) => {
      tracing.within(trace, () => {
        setImmediate(() => {
          later = tracing.current();
          resolve();
        });
        trace.end(fine);
      });
    });
    assert.equal(later, null);
    await tracing.close();
  });

  test("tells work that fails as failed, and hands on what it threw", async () => {
    const { tracing } = collectorAt(receiver.url);
    const trace = must(begin(tracing), "it is traced");
    const about = { name: "broken", kind: "client" } as const;
    const work = Promise.withResolvers<void>();
    tracing.within(trace, () => {
      const boom = Promise.reject(new Error("boom"));
      telling(tracing, about, () => boom).catch((error: Error) => {
        assert.equal(error.message, "boom");
        work.resolve();
      });
    });
    await work.promise;
    await tracing.close();
    assert.equal(receiver.spans().find(({ name }) => name === "broken")?.status, 2);
  });

  test("links what was done once for many, and shows it to each", async () => {
    const { tracing } = collectorAt(receiver.url);
    const traces = Array.from({ length: 3 }, () => must(begin(tracing), "it is traced"));
    const ids = traces.map(({ names }) => names.span_id);
    const causes = new Set(traces.map(({ traceparent }) => traceparent));
    tracing.tellTogether(causes, { name: "together", kind: "client", from: 1, to: 2 });
    await tracing.close();
    const told = receiver.spans().filter(({ name }) => name === "together");
    assert.deepEqual(
      told.map(({ parentSpanId }) => parentSpanId),
      ids,
    );
    const [first, ...others] = told.map(({ links }) => links.map(({ spanId }) => spanId));
    assert.deepEqual(first, ids.slice(1));
    assert.deepEqual(others, [[told[0]?.spanId], [told[0]?.spanId]]);
  });

  test("tells nothing under what is no trace, and does not fail for it", async () => {
    const { tracing } = collectorAt(receiver.url);
    const told = { name: "nowhere", kind: "client", from: 1, to: 2 } as const;
    tracing.tell("nonsense", told);
    tracing.tellTogether(new Set(["nonsense", ""]), told);
    await tracing.close();
    assert.ok(!receiver.spans().some(({ name }) => name === "nowhere"));
  });

  test("asks its own rule only where the caller says nothing, if it is a parent-based one", () => {
    const sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const not = sampled.replace(/1$/, "0");
    const traced = (sampler: CollectorOptions["sampler"], ratio = 1): boolean[] => {
      const { tracing } = collectorAt(receiver.url, { sampler, ratio });
      return [sampled, not, null].map(
        (traceparent) => begin(tracing, traceparent === null ? {} : { traceparent }) !== null,
      );
    };
    assert.deepEqual(traced("always_on"), [true, true, true]);
    assert.deepEqual(traced("always_off"), [false, false, false]);
    assert.deepEqual(traced("parentbased_always_on"), [true, false, true]);
    assert.deepEqual(traced("parentbased_always_off"), [true, false, false]);
    assert.deepEqual(traced("traceidratio", 0), [false, false, false]);
    assert.deepEqual(traced("parentbased_traceidratio", 0), [true, false, false]);
  });

  test("keeps what waits within its bound, and counts what is dropped", async () => {
    const silent = await startOtlpReceiver();
    silent.be("hang");
    const { tracing, said, dropped } = collectorAt(silent.url);
    for (let count = 0; count < spansWaitingMax + 100; count += 1) begin(tracing)?.end(fine);
    assert.equal(dropped(), 100);
    assert.equal(said.length, 1);
    await until(() => silent.messages() > 0, "some were sent");
    await tracing.close();
    assert.equal(dropped(), spansWaitingMax + 100, "none was taken");
    assert.equal(said.length, 2);
    silent.close();
  });
});
