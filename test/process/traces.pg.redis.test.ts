// Traces of the service as its users run it, on both databases, with Redis, read back from a receiver: what is told of
// a request, what its events carry, and that a receiver which is away, refuses or hangs hurts nobody.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
import { freePort } from "../support/free-port.ts";
import {
  ask,
  type Environment,
  type Instance,
  startInstance,
  unlimited,
} from "../support/instance.ts";
import { type OtlpReceiver, type Span, startOtlpReceiver } from "../support/otlp.ts";
import { paste, stepsIn } from "../support/pasted.ts";
import { sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { openReceiver } from "../support/receiver.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { entriesOf } from "../support/streams.ts";
import { until } from "../support/until.ts";

const laptop = "550e8400-e29b-41d4-a716-446655440000";
const hex = (bytes: number): string => randomBytes(bytes).toString("hex");

/** A caller's span, and what it sends. */
function caller(sampled = true) {
  const [traceId, spanId] = [hex(16), hex(8)];
  return {
    traceId,
    spanId,
    headers: { traceparent: `00-${traceId}-${spanId}-0${sampled ? 1 : 0}` },
  };
}

const named = (spans: readonly Span[], name: string): Span =>
  must(
    spans.find((span) => span.name === name),
    `${name} in ${spans.map((span) => span.name).join(", ")}`,
  );

const reservation = (customer: string) => ({
  product_id: laptop,
  store_id: "BCN-001",
  quantity: 1,
  customer_id: customer,
  ttl: 600,
});

for (const kind of ["sqlite", "postgresql"] as const) {
  const skip = noRedis || (kind === "postgresql" && noPostgres);
  describe(`traces on ${kind}`, { skip, timeout: 240_000 }, () => {
    let receiver: OtlpReceiver;
    let redis: RedisServer;
    let service: Instance;
    before(async () => {
      [receiver, redis] = await Promise.all([startOtlpReceiver(), startRedis()]);
      const database: Environment =
        kind === "sqlite" ? {} : { DATABASE_URL: await (await sharedPostgres()).newDatabase() };
      service = await startInstance({
        env: {
          ...unlimited,
          ...database,
          LOG_LEVEL: "info",
          WEBHOOKS_ALLOW_PRIVATE: "on",
          ONHAND_DEMO: "on",
          REDIS_URL: redis.url,
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=shop%201",
          OTEL_SERVICE_NAME: "stock",
          OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
          OTEL_TRACES_SAMPLER: "parentbased_always_off",
        },
      });
    });
    after(async () => {
      await service.stop();
      await redis.close();
      receiver.close();
    });

    /** What a write is told as. */
    const ofWrite = (route: string): string[] => [
      `POST /api/v1/${route}`,
      "queue",
      `${kind} commit`,
    ];
    /** And where it has events. */
    const ofEvents = (route: string): string[] => [...ofWrite(route), "redis append"];

    async function reserve(headers: Environment, customer = "cust-secret-1") {
      const told = await ask(service, "POST", "/reservations?", reservation(customer), headers);
      assert.equal(told.status, 201, told.text);
      return String(told.body["reservation_id"]);
    }

    test("a write is a span under the caller's, with its wait, its commit and its way to Redis", async () => {
      const { traceId, spanId, headers } = caller();
      await reserve(headers);
      const spans = await receiver.spansOf(traceId, ofEvents("reservations"));
      const request = named(spans, "POST /api/v1/reservations");
      assert.equal(request.parentSpanId, spanId);
      assert.equal(request.kind, 2, "of a server");
      assert.partialDeepStrictEqual(request.attributes, {
        "http.request.method": "POST",
        "http.route": "/api/v1/reservations",
        "http.response.status_code": 201,
      });
      for (const name of ["queue", `${kind} commit`, "redis append"]) {
        assert.equal(named(spans, name).parentSpanId, request.spanId, name);
      }
      const commit = named(spans, `${kind} commit`);
      assert.equal(commit.attributes["db.system.name"], kind);
      assert.equal(named(spans, "redis append").kind, 4, "of a producer");
      // In the order in which things happen.
      const queue = named(spans, "queue");
      assert.ok(request.startNanos <= queue.startNanos && queue.startNanos <= queue.endNanos);
      assert.ok(queue.endNanos <= commit.startNanos && commit.startNanos < commit.endNanos);
      assert.ok(commit.startNanos < named(spans, "redis append").endNanos);
      assert.partialDeepStrictEqual(request.resource, {
        "service.name": "stock",
        "deployment.environment.name": "test",
      });
      assert.equal(receiver.headers()["x-tenant"], "shop 1");
    });

    test("its events carry the request's span: in the log, in the history, in Redis", async () => {
      const { traceId, headers } = caller();
      const id = await reserve(headers);
      const request = named(
        await receiver.spansOf(traceId, ofEvents("reservations")),
        "POST /api/v1/reservations",
      );
      const traceparent = `00-${traceId}-${request.spanId}-01`;
      const { body } = await ask(service, "GET", `/events?type=reservation.created&limit=500`);
      const events = body["items"] as readonly Record<string, unknown>[];
      const event = must(
        events.find((one) => one["aggregate_id"] === id),
        "the event is in the log",
      );
      assert.equal(event["traceparent"], traceparent);
      const history = await ask(service, "GET", `/stock/${laptop}/BCN-001/history`);
      assert.ok(history.text.includes(`"traceparent":"${traceparent}"`));
      const entries = await entriesOf(redis, "reservation.created");
      const carried = entries.map(({ fields }) => [fields["aggregate_id"], fields["traceparent"]]);
      assert.deepEqual(
        carried.filter(([, trace]) => trace === traceparent),
        [[id, traceparent]],
      );
      // Of those that were not traced it is not said at all: the demo's.
      const untraced = entries.filter(({ fields }) => fields["aggregate_id"] !== id);
      assert.ok(untraced.some(({ fields }) => !("traceparent" in fields)));
    });

    test("the log line of a traced request names its span", async () => {
      const { traceId, headers } = caller();
      await reserve(headers);
      const request = named(
        await receiver.spansOf(traceId, ofEvents("reservations")),
        "POST /api/v1/reservations",
      );
      const line = (): string | undefined =>
        service
          .output()
          .split("\n")
          .find((one) => one.includes(traceId));
      await until(() => line() !== undefined, "the request is logged");
      const { trace_id, span_id, request_id } = JSON.parse(line() ?? "");
      assert.deepEqual([trace_id, span_id], [traceId, request.spanId]);
      assert.equal(request.attributes["onhand.request_id"], request_id);
    });

    test("a read tells what it asked of the database", async () => {
      const { traceId, headers } = caller();
      await ask(service, "GET", "/stock/store/MAD-001?search=laptop", undefined, headers);
      const spans = await receiver.spansOf(traceId, [
        "GET /api/v1/stock/store/:store_id",
        `${kind} stockOfStore`,
      ]);
      const request = named(spans, "GET /api/v1/stock/store/:store_id");
      const read = named(spans, `${kind} stockOfStore`);
      assert.equal(read.parentSpanId, request.spanId);
      assert.ok(request.startNanos <= read.startNanos && read.endNanos <= request.endNanos);
    });

    test("a refusal says its code, and a retry that it was answered before", async () => {
      const refused = caller();
      const body = { ...reservation("c-2"), quantity: 100 };
      await ask(service, "POST", "/reservations", body, refused.headers);
      const name = "POST /api/v1/reservations";
      const request = named(await receiver.spansOf(refused.traceId, ofWrite("reservations")), name);
      assert.equal(request.attributes["onhand.code"], "insufficient_stock");
      assert.equal(request.status, 0, "which is no failure of the service");

      const [first, second] = [caller(), caller()];
      const once = { "idempotency-key": hex(8) };
      const given = reservation("c-3");
      const answer = await ask(service, "POST", "/reservations", given, {
        ...once,
        ...first.headers,
      });
      const again = await ask(service, "POST", "/reservations", given, {
        ...once,
        ...second.headers,
      });
      assert.equal(again.text, answer.text, "the same to the byte, under another trace");
      const replayed = named(await receiver.spansOf(second.traceId, ofWrite("reservations")), name);
      assert.equal(replayed.attributes["onhand.replayed"], true);
      const events = await ask(service, "GET", "/events?limit=500");
      assert.ok(events.text.includes(first.traceId));
      assert.ok(!events.text.includes(second.traceId), "a retry has no events");
    });

    test("requests that share a commit each have it in their trace, linked to each other", async () => {
      const callers = Array.from({ length: 40 }, () => caller());
      const change = {
        product_id: laptop,
        store_id: "SEV-001",
        quantity_change: 1,
        reason: "RESTOCK",
      };
      await Promise.all(
        callers.map(({ headers }) => ask(service, "POST", "/stock", change, headers)),
      );
      const traces = await Promise.all(
        callers.map(({ traceId }) => receiver.spansOf(traceId, ofEvents("stock"))),
      );
      const commits = traces.map((spans) => named(spans, `${kind} commit`));
      const shared = commits.filter(({ links }) => links.length > 0);
      assert.ok(shared.length > 1, "some of 40 at once share a commit");
      const ids = new Set(commits.map(({ spanId }) => spanId));
      const requests = new Set(traces.map((spans) => named(spans, "POST /api/v1/stock").spanId));
      for (const { links } of shared) {
        for (const { spanId } of links) assert.ok(ids.has(spanId) || requests.has(spanId));
      }
      // One for each request, whether it was the first of its commit or not.
      assert.equal(ids.size, callers.length);
    });

    test("nothing is told of a request that its caller does not trace, and its events carry nothing", async () => {
      const [not, none] = [caller(false), hex(4)];
      await reserve(not.headers, "cust-a");
      await reserve({}, `cust-${none}`);
      const last = caller();
      await reserve(last.headers, "cust-b");
      await receiver.spansOf(last.traceId, ofEvents("reservations"));
      assert.ok(!receiver.text().includes(not.traceId));
      const { text } = await ask(service, "GET", "/events?limit=500");
      assert.ok(!text.includes(not.traceId));
      // By their rule, requests that bring no trace begin none here.
      const began = receiver
        .spans()
        .filter(({ kind: of, parentSpanId }) => of === 2 && parentSpanId === "");
      assert.deepEqual(began, []);
    });

    test("a webhook gets its trace with the event, and each attempt is told, but not where to", async () => {
      const hook = await openReceiver();
      const made = await ask(service, "POST", "/webhooks", { url: `${hook.url}/hook-secret` });
      assert.equal(made.status, 201, made.text);
      const { traceId, headers } = caller();
      await reserve(headers);
      const names = [...ofEvents("reservations"), "webhook"];
      const spans = await receiver.spansOf(traceId, names);
      const request = named(spans, "POST /api/v1/reservations");
      const attempt = named(spans, "webhook");
      assert.equal(attempt.parentSpanId, request.spanId);
      assert.equal(String(attempt.attributes["http.response.status_code"]), "204");
      const traceparent = `00-${traceId}-${request.spanId}-01`;
      const [got] = hook.got.filter((one) => one.headers["traceparent"] !== undefined);
      assert.equal(got?.headers["traceparent"], traceparent);
      assert.equal(got?.body["traceparent"], traceparent);
      assert.ok(!receiver.text().includes("hook-secret"));
      await ask(service, "DELETE", `/webhooks/${String(made.body["id"])}`);
      await hook.close();
    });

    test("the example of docs/tracing.md gives the trace that is shown there", async () => {
      const step = must(stepsIn("docs/tracing.md")[0], "an example");
      const shown = must(step.expected, "what it gives").text.trim().split("\n");
      const command = step.command
        .replace("http://127.0.0.1:8080", service.url)
        .replace("$(cat data/admin.key)", service.key);
      const env = { PATH: process.env["PATH"] };
      const pasted = await paste(command, { folder: service.folder, env, limitMs: 20_000 });
      assert.equal(pasted.code, 0, pasted.stderr);
      const names = shown.map((line) => /^[├└─ ]*(\S+(?: \S+)*)/.exec(line)?.[1] ?? "");
      // The key may be known by now; and what instances share in Redis is told besides.
      const isAlways = (name: string): boolean => !/keyByHash$|^redis script$/.test(name);
      const expected = names.filter(isAlways).map((name) => name.replace("sqlite", kind));
      assert.ok(expected.length > 3, "it shows some");
      const { traceId = "" } = /traceparent: 00-(?<traceId>\w+)-/.exec(step.command)?.groups ?? {};
      const spans = await receiver.spansOf(traceId, expected);
      const told = spans.map(({ name }) => name).filter(isAlways);
      assert.deepEqual(told.sort(), expected.sort());
    });

    test("a header that is no traceparent is let be", async () => {
      for (const traceparent of [
        "",
        "nonsense",
        `00-${"0".repeat(32)}-${hex(8)}-01`,
        "x".repeat(2_000),
      ]) {
        await reserve({ traceparent });
      }
    });

    test("no key, no customer, no query string and no address of a client leaves the service", () => {
      const text = receiver.text();
      assert.ok(text.length > 1_000);
      for (const secret of [
        service.key,
        "cust-secret-1",
        "search=",
        "laptop",
        "127.0.0.1",
        laptop,
      ]) {
        assert.ok(!text.includes(secret), `${secret} is told`);
      }
    });
  });
}

describe("a receiver of traces", { skip: noRedis, timeout: 240_000 }, () => {
  const tracedAll = (url: string): Environment => ({
    ...unlimited,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
  });
  async function work(service: Instance): Promise<void> {
    for (let count = 0; count < 20; count += 1) {
      const { status } = await ask(service, "POST", "/reservations", reservation(`c-${count}`));
      assert.ok(status === 201 || status === 409, String(status));
    }
  }
  async function droppedBy(service: Instance): Promise<number> {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    return Number(/^onhand_spans_dropped_total (\d+)$/m.exec(text)?.[1]);
  }

  test("that is not there hurts nobody: requests are answered, and a stop does not wait for long", async () => {
    const service = await startInstance({ env: tracedAll(`http://127.0.0.1:${await freePort()}`) });
    await work(service);
    const { code, ms, stdout } = await service.stop();
    assert.equal(code, 0);
    assert.ok(ms < 10_000, `${ms} ms`);
    assert.equal(stdout.match(/spans are dropped/g)?.length, 1, stdout);
  });

  test("that takes messages and never answers hurts nobody", async () => {
    const receiver = await startOtlpReceiver();
    receiver.be("hang");
    const service = await startInstance({ env: tracedAll(receiver.url) });
    await work(service);
    await until(() => receiver.messages() > 0, "spans were sent");
    await work(service);
    const { code, ms, stdout } = await service.stop();
    assert.equal(code, 0);
    assert.ok(ms < 10_000, `${ms} ms`);
    assert.match(stdout, /did not take them before the stop/);
    receiver.close();
  });

  test("that refuses is told of once, and once more when it takes spans again; what was lost is counted", async () => {
    const receiver = await startOtlpReceiver();
    receiver.be("refuse");
    const service = await startInstance({ env: { ...tracedAll(receiver.url), LOG_LEVEL: "info" } });
    await work(service);
    await until(async () => (await droppedBy(service)) > 0, "spans are dropped", 30_000);
    const said = (words: string): number => service.output().split(words).length - 1;
    await until(() => said("spans are dropped") === 1, "it is said");
    receiver.be("take");
    await until(
      async () => {
        await work(service);
        return said("spans are taken again") === 1;
      },
      "spans are taken",
      30_000,
    );
    assert.equal(said("spans are dropped"), 1);
    assert.ok(receiver.spans().length > 0);
    const { code } = await service.stop();
    assert.equal(code, 0);
    receiver.close();
  });

  test("gets what is left at a stop", async () => {
    const receiver = await startOtlpReceiver();
    const service = await startInstance({ env: tracedAll(receiver.url) });
    const { traceId, headers } = caller();
    await ask(service, "POST", "/reservations", reservation("c"), headers);
    await service.stop();
    await receiver.spansOf(traceId, ["POST /api/v1/reservations", "queue", "sqlite commit"]);
    receiver.close();
  });
});
