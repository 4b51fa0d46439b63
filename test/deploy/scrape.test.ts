// A real Prometheus with the files that operators are given watches a real service: it is reached, what the dashboard
// shows is there to be shown, and no alert comes of a service that is well. Only targets and intervals are others.

import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { at, listAt, textAt, textOf, withoutProgram } from "../support/deployment.ts";
import { freePort } from "../support/free-port.ts";
import { ask, type Instance, startInstance } from "../support/instance.ts";
import { openReceiver, type Receiver } from "../support/receiver.ts";
import { openHome, type Server, type ServerHome } from "../support/server.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { until } from "../support/until.ts";

const noPrometheus = withoutProgram("prometheus", ["--version"], "prometheus");
const laptop = "550e8400-e29b-41d4-a716-446655440000";
const panels = listAt(JSON.parse(textOf("deploy/grafana/onhand.json")), "panels");

/** Empty for a service without Redis. */
const ofRedis = ["Redis did not answer"];

describe("Prometheus beside a service", { skip: noPrometheus, timeout: 120_000 }, () => {
  let service: Instance;
  let receiver: Receiver;
  let home: ServerHome;
  let server: Server;
  let url: string;
  const token = "a-token-for-metrics";

  before(async () => {
    service = await startInstance({ env: { METRICS_TOKEN: token, WEBHOOKS_ALLOW_PRIVATE: "on" } });
    receiver = await openReceiver();
    const hooked = await ask(service, "POST", "/webhooks", { url: receiver.url });
    assert.equal(hooked.status, 201, hooked.text);
    home = openHome("prometheus");
    url = `http://127.0.0.1:${await freePort()}`;
    const config = textOf("deploy/prometheus/prometheus.yml")
      .replace(/targets: \[.*\]/, `targets: ["${new URL(service.url).host}"]`)
      .replaceAll(/interval: 15s/g, "interval: 200ms")
      .replace(/# (authorization: .*)credentials_file: \S+/, `$1credentials: ${token}`);
    writeFileSync(join(home.path, "prometheus.yml"), config);
    cpSync(join(repositoryRoot, "deploy/prometheus/alerts.yml"), join(home.path, "alerts.yml"));
    server = home.start("prometheus", [
      `--config.file=${join(home.path, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(home.path, "kept")}`,
      `--web.listen-address=${new URL(url).host}`,
    ]);
    await until(
      async () => (await query("up")).some(([, value]) => value === 1),
      "it is reached",
      60_000,
    );
    // A counter begins with its first value: it has a rate from its second on.
    await someTrade(service);
    await until(
      async () => (await query('cache_requests_total{result="hit"}')).length > 0,
      "it is seen",
    );
    await someTrade(service);
  });
  after(async () => {
    await server.end("SIGTERM");
    home.close();
    await service.stop();
    await receiver.close();
  });

  /** The series that an expression has now, with their values. */
  async function query(expression: string): Promise<readonly (readonly [unknown, number])[]> {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`).catch(
      () => null,
    );
    if (answer === null || answer.status === 503) return []; // still starting
    const body: unknown = await answer.json();
    assert.equal(at(body, "status"), "success", expression);
    return listAt(body, "data", "result").map((one) => [
      at(one, "metric"),
      Number(at(one, "value", 1)),
    ]);
  }

  for (const panel of panels.filter((one) => textAt(one, "type") !== "row")) {
    const title = textAt(panel, "title");
    test(`the panel "${title}" has something to show`, async () => {
      for (const target of listAt(panel, "targets")) {
        const expression = textAt(target, "expr")
          .replaceAll("$__rate_interval", "1m")
          .replaceAll("$job", "onhand")
          .replaceAll("$instance", ".+");
        const shows = async (): Promise<boolean> => {
          const series = await query(expression);
          return series.length > 0 && series.every(([, value]) => Number.isFinite(value));
        };
        if (ofRedis.includes(title)) assert.deepEqual(await query(expression), []);
        else await until(shows, `${title}: ${expression}`, 20_000);
      }
    });
  }

  test("no alert comes of a service that is well", async () => {
    const loaded: unknown = await (await fetch(`${url}/api/v1/rules`)).json();
    const rules = listAt(loaded, "data", "groups", 0, "rules");
    assert.ok(rules.length > 10);
    for (const rule of rules) {
      assert.equal(textAt(rule, "health"), "ok", textAt(rule, "name"));
      assert.equal(textAt(rule, "state"), "inactive", textAt(rule, "name"));
    }
  });
});

/** Of each kind that a panel shows: accepted and refused writes, reads that the cache answers and does not. */
async function someTrade(service: Instance): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    const sold = {
      product_id: laptop,
      store_id: "MAD-001",
      quantity: 1,
      customer_id: `c-${round}`,
    };
    assert.equal((await ask(service, "POST", "/reservations", sold)).status, 201);
    const tooMany = { ...sold, quantity: 99 };
    assert.equal((await ask(service, "POST", "/reservations", tooMany)).status, 409);
    for (let times = 0; times < 2; times += 1) {
      await ask(service, "GET", `/products/${laptop}/availability`);
    }
  }
}
