// Alerts and dashboard: by Prometheus' own tool, and against what the service measures. Each alert is played in
// deploy/prometheus/alerts.test.yml, which fails for one that never comes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openMetrics } from "../../src/lib/metrics.ts";
import {
  at,
  listAt,
  numberAt,
  textAt,
  textOf,
  withoutProgram,
  yamlOf,
} from "../support/deployment.ts";
import { newFolder } from "../support/instance.ts";
import { askedIn } from "../support/promql.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const noPromtool = withoutProgram("promtool", ["--version"], "prometheus");
const folder = join(repositoryRoot, "deploy/prometheus");
const rules = listAt(yamlOf("deploy/prometheus/alerts.yml"), "groups", 0, "rules");
const alerts = rules.map((rule) => textAt(rule, "alert"));
const dashboard: unknown = JSON.parse(textOf("deploy/grafana/onhand.json"));
const panels = listAt(dashboard, "panels");
const shown = [
  ...panels
    .filter((panel) => textAt(panel, "type") !== "row")
    .flatMap((panel) => listAt(panel, "targets").map((one) => textAt(one, "expr"))),
  ...listAt(dashboard, "annotations", "list").map((one) => textAt(one, "expr")),
];
const adapter = yamlOf("deploy/k8s/prometheus-adapter.yaml");
/** As prometheus-adapter fills it in for a pod. */
const scaling = textAt(adapter, "rules", "custom", 0, "metricsQuery")
  .replaceAll("<<.GroupBy>>", "pod")
  .replaceAll("<<.LabelMatchers>>", 'namespace="shop",pod="onhand-abc"');

function promtool(...args: readonly string[]): { said: string; isRight: boolean } {
  const { status, stdout, stderr } = spawnSync("promtool", args, {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { said: stdout + stderr, isRight: status === 0 };
}

describe("deploy/prometheus", { skip: noPromtool }, () => {
  test("Prometheus takes its configuration and the alerts", () => {
    const { isRight, said } = promtool("check", "config", join(folder, "prometheus.yml"));
    assert.ok(isRight, said);
  });

  test("each alert comes when it should, and is silent otherwise", () => {
    const { isRight, said } = promtool("test", "rules", join(folder, "alerts.test.yml"));
    assert.ok(isRight, said);
  });

  test("an alert that never comes, or always, is found", () => {
    const place = newFolder();
    cpSync(join(folder, "alerts.test.yml"), join(place, "alerts.test.yml"));
    for (const planted of ["vector(0) > 1", "vector(1)"]) {
      // JSON is YAML.
      const changed = rules.map((rule) => ({
        alert: at(rule, "alert"),
        expr: planted,
        labels: at(rule, "labels"),
      }));
      const file = { groups: [{ name: "onhand", rules: changed }] };
      writeFileSync(join(place, "alerts.yml"), JSON.stringify(file));
      const { said } = promtool("test", "rules", join(place, "alerts.test.yml"));
      const found = alerts.filter((name) => said.includes(`alertname: ${name},`));
      assert.deepEqual(found, alerts, planted);
    }
  });

  test("every expression of the dashboard and of the autoscaler is one", () => {
    const place = newFolder();
    const check = (expressions: readonly string[]) => {
      const recorded = expressions.map((expr, index) => ({
        record: `shown:${index}`,
        expr: expr
          .replaceAll("$__rate_interval", "5m")
          .replaceAll(/\$(?:job|instance)\b/g, "onhand"),
      }));
      writeFileSync(
        join(place, "shown.yml"),
        JSON.stringify({ groups: [{ name: "shown", rules: recorded }] }),
      );
      return promtool("check", "rules", join(place, "shown.yml"));
    };
    const { isRight, said } = check([...shown, scaling]);
    assert.ok(isRight, said);
    assert.ok(!check(["sum(rate(onhand_log_head_seq[5m])"]).isRight);
  });
});

describe("what is asked for", () => {
  const all = [...rules.map((rule) => textAt(rule, "expr")), ...shown];
  const { registry } = openMetrics({ version: "0", instanceId: "test" });
  const names = registry.getMetricsAsArray();
  /** With what Prometheus makes of a histogram. */
  const series = new Set(
    names.flatMap(({ name }) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]),
  );
  const labels = new Set(names.flatMap((metric) => Reflect.get(metric, "labelNames") as string[]));

  test("is measured by the service, or made by Prometheus", () => {
    for (const expression of all) {
      const { metrics } = askedIn(expression);
      assert.notDeepEqual(metrics, [], expression);
      const unknown = metrics.filter((name) => !series.has(name) && name !== "up");
      assert.deepEqual(unknown, [], expression);
    }
  });

  test("has those labels", () => {
    for (const expression of all) {
      const unknown = askedIn(expression).labels.filter(
        (name) => !labels.has(name) && !["job", "instance", "le"].includes(name),
      );
      assert.deepEqual(unknown, [], expression);
    }
  });

  test("is read rightly from an expression", () => {
    assert.deepEqual(
      askedIn('sum by (le, why) (rate(a_total{job="x{y",s=~"5.."}[5m])) / on() b > 1'),
      {
        metrics: ["a_total", "b"],
        labels: ["job", "s", "le", "why"],
      },
    );
  });

  test("is all that the service itself measures", () => {
    const own = openMetrics({ version: "0", instanceId: "test", runtime: false }).registry;
    const seen = `${all.join(" ")} ${JSON.stringify(at(dashboard, "templating"))}`;
    const left = own.getMetricsAsArray().filter(({ name }) => !seen.includes(name));
    assert.deepEqual(
      left.map(({ name }) => name),
      [],
    );
  });
});

describe("deploy/grafana/onhand.json", () => {
  test("has a place for each panel, and each place once", () => {
    const taken = new Set<string>();
    for (const panel of panels) {
      const [x, y, w, h] = ["x", "y", "w", "h"].map((key) => numberAt(panel, "gridPos", key)) as [
        number,
        number,
        number,
        number,
      ];
      assert.ok(x + w <= 24, textAt(panel, "title"));
      for (let row = y; row < y + h; row += 1) {
        for (let column = x; column < x + w; column += 1) {
          const place = `${column},${row}`;
          assert.ok(!taken.has(place), `${textAt(panel, "title")} lies on another`);
          taken.add(place);
        }
      }
    }
    const ids = panels.map((panel) => numberAt(panel, "id"));
    assert.equal(new Set(ids).size, ids.length);
  });

  test("asks the data source that may be chosen, with variables that there are", () => {
    const variables = listAt(dashboard, "templating", "list").map((one) => textAt(one, "name"));
    const used = new Set(
      Array.from(
        textOf("deploy/grafana/onhand.json").matchAll(/\$\{?([a-z]\w*)/g),
        ([, name]) => name,
      ),
    );
    assert.deepEqual([...used].sort(), [...variables].sort());
  });

  test("says of each panel what it shows", () => {
    for (const panel of panels.filter((one) => textAt(one, "type") !== "row")) {
      assert.match(textAt(panel, "description"), /\.$/);
    }
  });

  test("lies where Grafana is told to look", () => {
    const folderInside = textAt(
      yamlOf("deploy/grafana/provisioning/dashboards/onhand.yml"),
      "providers",
      0,
      "options",
      "path",
    );
    const volumes = listAt(yamlOf("compose.yaml"), "services", "grafana", "volumes").map(String);
    assert.ok(volumes.includes(`./deploy/grafana/onhand.json:${folderInside}/onhand.json:ro`));
  });
});
