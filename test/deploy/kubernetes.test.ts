// deploy/k8s: put together by kustomize as a cluster gets it, checked against the types of the Kubernetes API (a
// field that it does not know is refused), and against how the service starts, answers and stops.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { globSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { before, describe, test } from "node:test";
import { ConfigError, loadConfig } from "../../src/config.ts";
import { newSecret } from "../../src/lib/ids.ts";
import { openMetrics } from "../../src/lib/metrics.ts";
import { stopMsMax } from "../../src/limits.ts";
import {
  assertSettings,
  at,
  listAt,
  manifest,
  numberAt,
  textAt,
  textOf,
  textsAt,
  withoutProgram,
  yamlIn,
  yamlOf,
} from "../support/deployment.ts";
import { environmentOf, instructionsIn, lastOf } from "../support/dockerfile.ts";
import { newFolder } from "../support/instance.ts";
import { askedIn } from "../support/promql.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const noKubectl = withoutProgram("kubectl", ["version", "--client"], "kubernetes-client");
const folder = join(repositoryRoot, "deploy/k8s");
const dockerfile = instructionsIn(textOf("Dockerfile"));
const image = environmentOf(dockerfile);

function kindOf(value: unknown): string {
  return `${textAt(value, "apiVersion")} ${textAt(value, "kind")}`;
}

/** What the types of the Kubernetes API say against objects; "" if nothing. */
function againstTypes(objects: readonly unknown[]): string {
  const place = newFolder();
  symlinkSync(join(repositoryRoot, "node_modules"), join(place, "node_modules"));
  const lines = objects.map((object) => {
    const kind = textAt(object, "kind");
    const version = textAt(object, "apiVersion");
    const text = JSON.stringify(object);
    return `export const _${kind}: import("kubernetes-models/${version}").I${kind} = ${text};`;
  });
  writeFileSync(join(place, "objects.ts"), lines.join("\n"));
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      join(repositoryRoot, "node_modules/typescript/bin/tsc"),
      ...options,
      join(place, "objects.ts"),
    ],
    { encoding: "utf8", cwd: place },
  );
  assert.equal(status === 0, stdout === "", stdout);
  return stdout;
}

describe("deploy/k8s", { skip: noKubectl }, () => {
  const objects = new Map<string, unknown>();
  const object = (kind: string): unknown => at(Object.fromEntries(objects), kind);
  const spec = (): unknown => at(object("apps/v1 Deployment"), "spec");
  const pod = (): unknown => at(spec(), "template", "spec");
  const container = (): unknown => at(pod(), "containers", 0);

  before(() => {
    const text = execFileSync("kubectl", ["kustomize", folder], { encoding: "utf8" });
    for (const value of yamlIn(text, "kustomize")) objects.set(kindOf(value), value);
  });

  test("is put together whole, without a secret", () => {
    assert.deepEqual([...objects.keys()].sort(), [
      "apps/v1 Deployment",
      "autoscaling/v2 HorizontalPodAutoscaler",
      "policy/v1 PodDisruptionBudget",
      "v1 ConfigMap",
      "v1 Service",
    ]);
    const listed = listAt(yamlOf("deploy/k8s/kustomization.yaml"), "resources");
    const files = globSync("*.yaml", { cwd: folder }).map((path) => basename(path));
    const apart = ["kustomization.yaml", "secret.example.yaml", "prometheus-adapter.yaml"];
    assert.deepEqual([...listed, ...apart].sort(), files.sort());
    const values = Object.values(textsAt(yamlOf("deploy/k8s/secret.example.yaml"), "stringData"));
    assert.deepEqual(values, ["", "", ""]);
  });

  test("fits the types of the Kubernetes API, and mistakes do not", () => {
    const all = [...objects.values(), yamlOf("deploy/k8s/secret.example.yaml")];
    assert.equal(againstTypes(all), "");
    const mistaken = structuredClone(object("apps/v1 Deployment"));
    Reflect.set(Object(at(mistaken, "spec", "template", "spec")), "terminationGracePeriod", 40);
    assert.match(againstTypes([mistaken]), /terminationGracePeriod/);
    const service = structuredClone(object("v1 Service"));
    Reflect.set(Object(at(service, "spec", "ports", 0)), "port", "80");
    assert.match(againstTypes([service]), /not assignable to type 'number'/);
  });

  test("the pods are the ones that the service, the budget and the autoscaler mean", () => {
    const labels = textsAt(spec(), "template", "metadata", "labels");
    assert.deepEqual(textsAt(spec(), "selector", "matchLabels"), labels);
    assert.deepEqual(textsAt(object("v1 Service"), "spec", "selector"), labels);
    const budget = at(object("policy/v1 PodDisruptionBudget"), "spec");
    assert.deepEqual(textsAt(budget, "selector", "matchLabels"), labels);
    const spread = at(pod(), "topologySpreadConstraints", 0, "labelSelector", "matchLabels");
    assert.deepEqual(spread, labels);
    assert.deepEqual(
      textsAt(object("autoscaling/v2 HorizontalPodAutoscaler"), "spec", "scaleTargetRef"),
      { apiVersion: "apps/v1", kind: "Deployment", name: "onhand" },
    );
  });

  test("a node is emptied without the last pods", () => {
    const autoscaler = at(object("autoscaling/v2 HorizontalPodAutoscaler"), "spec");
    const gone = numberAt(object("policy/v1 PodDisruptionBudget"), "spec", "maxUnavailable");
    assert.ok(numberAt(autoscaler, "minReplicas") - gone >= 2);
    assert.equal(numberAt(spec(), "strategy", "rollingUpdate", "maxUnavailable"), 0);
    assert.equal(Object.hasOwn(Object(spec()), "replicas"), false);
  });

  test("sets what the service knows, with the Secret filled in", () => {
    const secret = textsAt(yamlOf("deploy/k8s/secret.example.yaml"), "stringData");
    const values: Record<string, string> = {
      DATABASE_URL: "postgres://onhand:x@db:5432/onhand",
      REDIS_URL: "rediss://:x@redis:6379",
      ONHAND_ADMIN_KEY: newSecret(),
    };
    assert.deepEqual(Object.keys(secret).sort(), Object.keys(values).sort());
    const named = listAt(container(), "env").map((one) => textAt(one, "name"));
    assert.deepEqual(named, ["INSTANCE_ID"]);
    const own = textsAt(object("v1 ConfigMap"), "data");
    assertSettings({ ...image, ...own, ...values, INSTANCE_ID: "onhand-abc" }, "deploy/k8s");
    const from = listAt(container(), "envFrom");
    assert.equal(
      textAt(from, 0, "configMapRef", "name"),
      textAt(object("v1 ConfigMap"), "metadata", "name"),
    );
    const example = yamlOf("deploy/k8s/secret.example.yaml");
    assert.equal(textAt(from, 1, "secretRef", "name"), textAt(example, "metadata", "name"));
  });

  test("no variable of the cluster's own is taken for a setting", () => {
    assert.throws(() => loadConfig({ ONHAND_SERVICE_HOST: "10.0.0.1" }), ConfigError);
    assert.equal(at(pod(), "enableServiceLinks"), false);
  });

  test("runs as the image's user, and can write nowhere", () => {
    const [uid, gid] = (lastOf(dockerfile, "USER") ?? "").split(":").map(Number);
    const own = at(container(), "securityContext");
    const shared = at(pod(), "securityContext");
    assert.equal(at(shared, "runAsNonRoot"), true);
    assert.deepEqual([at(shared, "runAsUser"), at(shared, "runAsGroup")], [uid, gid]);
    assert.equal(at(shared, "seccompProfile", "type"), "RuntimeDefault");
    assert.equal(at(own, "readOnlyRootFilesystem"), true);
    assert.equal(at(own, "allowPrivilegeEscalation"), false);
    assert.deepEqual(at(own, "capabilities", "drop"), ["ALL"]);
    assert.equal(at(pod(), "automountServiceAccountToken"), false);
  });

  test("one port leads from the Service to the process, and all probes go there", () => {
    const port = at(container(), "ports", 0);
    assert.equal(numberAt(port, "containerPort"), Number(image["PORT"]));
    assert.equal(
      textAt(object("v1 Service"), "spec", "ports", 0, "targetPort"),
      textAt(port, "name"),
    );
    const paths = ["startupProbe", "livenessProbe", "readinessProbe"].map((probe) => {
      assert.equal(textAt(container(), probe, "httpGet", "port"), textAt(port, "name"));
      return textAt(container(), probe, "httpGet", "path");
    });
    assert.deepEqual(paths, ["/livez", "/livez", "/readyz"]);
    const routes = Object.keys(JSON.parse(textOf("openapi.json")).paths);
    const marks = textsAt(spec(), "template", "metadata", "annotations");
    for (const path of [...paths, marks["prometheus.io/path"]])
      assert.ok(routes.includes(path ?? ""));
    assert.equal(marks["prometheus.io/port"], image["PORT"]);
  });

  test("a stop has time for what was accepted, after nobody sends more", () => {
    const [program, seconds] = listAt(container(), "lifecycle", "preStop", "exec", "command");
    assert.equal(program, "sleep");
    const grace = numberAt(pod(), "terminationGracePeriodSeconds");
    assert.ok(grace > Number(seconds) + stopMsMax / 1000);
    // Taken out of the Service before it refuses connections.
    assert.ok(Number(seconds) >= 5);
  });

  test("the image is the one of this version, to be named as the cluster finds it", () => {
    const reference = textAt(container(), "image");
    const [, , tag] = /^(.+):(.+)$/.exec(reference) ?? [];
    assert.equal(tag, manifest.version);
  });

  test("the autoscaler goes by the CPU that a pod asks for, before it is all used", () => {
    const metrics = listAt(object("autoscaling/v2 HorizontalPodAutoscaler"), "spec", "metrics");
    const [cpu, ...more] = metrics.filter((one) => textAt(one, "type") === "Resource");
    assert.deepEqual(more, []);
    assert.equal(textAt(cpu, "resource", "name"), "cpu");
    assert.equal(textAt(cpu, "resource", "target", "type"), "Utilization");
    const percent = numberAt(cpu, "resource", "target", "averageUtilization");
    assert.ok(percent >= 50 && percent <= 90, `${percent} %`);
    // A share of what is asked for: where nothing is, there is no share, and no pod is ever added.
    assert.match(textAt(container(), "resources", "requests", "cpu"), /^[1-9]\d*m?$/);
  });

  test("the autoscaler's other metric is made from one that the service has, with its labels", () => {
    const rule = at(yamlOf("deploy/k8s/prometheus-adapter.yaml"), "rules", "custom", 0);
    const metrics = listAt(object("autoscaling/v2 HorizontalPodAutoscaler"), "spec", "metrics");
    const names = metrics.filter((one) => textAt(one, "type") === "Pods");
    assert.deepEqual(
      names.map((one) => textAt(one, "pods", "metric", "name")),
      [textAt(rule, "name", "as")],
    );
    const { registry } = openMetrics({ version: "0", instanceId: "test", runtime: false });
    const selected = textAt(rule, "seriesQuery");
    const series = /^(\w+)_count\{/.exec(selected)?.[1] ?? "";
    const metric = registry.getSingleMetric(series);
    assert.ok(metric !== undefined, series);
    assert.match(`${series}_count`, new RegExp(textAt(rule, "name", "matches")));

    // As the adapter fills it in for a pod.
    const query = textAt(rule, "metricsQuery")
      .replaceAll("<<.GroupBy>>", "pod")
      .replaceAll("<<.LabelMatchers>>", 'namespace="shop",pod="onhand-abc"');
    assert.ok(!query.includes("<<"), query);
    const asked = askedIn(query);
    assert.deepEqual(asked.metrics, [`${series}_count`]);
    const fromCluster = Object.keys(Object(at(rule, "resources", "overrides")));
    const labels = [...asked.labels, ...askedIn(selected).labels];
    const own = labels.filter((label) => !fromCluster.includes(label));
    assert.deepEqual([...new Set(own)], ["endpoint"]);
    assert.ok((Reflect.get(metric, "labelNames") as string[]).includes("endpoint"));
  });

  test("requests that last for hours are left out of that metric, and all others are not", () => {
    const rule = at(yamlOf("deploy/k8s/prometheus-adapter.yaml"), "rules", "custom", 0);
    const left = /endpoint!~"([^"]+)"/.exec(textAt(rule, "metricsQuery"))?.[1] ?? "";
    const routes = Object.keys(JSON.parse(textOf("openapi.json")).paths);
    const urls = routes.map((path) => path.replaceAll(/\{(\w+)\}/g, ":$1"));
    assert.deepEqual(
      // Prometheus' patterns are of the whole.
      urls.filter((url) => new RegExp(`^(?:${left})$`).test(url)).sort(),
      urls.filter((url) => /^\/api\/v1\/(?:events\/stream$|imports\/)/.test(url)).sort(),
    );
  });
});
