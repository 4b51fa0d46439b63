// The package as its users have it: installed from the tarball into a folder that has nothing else, by both npm
// versions in use, and run by whatever Node the machine has, by an account that may not write to what was installed.
// npm 10 does not link the Node that comes along, so the entry has to find it; npm 11 links it. The two commands are
// those of README.md.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { packedExample } from "../../scripts/build-server.ts";
import { must } from "../../src/lib/assert.ts";
import { version } from "../../src/lib/version.ts";
import { document } from "../support/documents.ts";
import { freePort } from "../support/free-port.ts";
import {
  machineEnvironment,
  machineNode,
  machinePath,
  type Packed,
  pack,
} from "../support/packed.ts";
import { blockAt } from "../support/pasted.ts";
import { noRedis, startRedis } from "../support/redis.ts";
import { openHome, type ServerHome } from "../support/server.ts";
import { until } from "../support/until.ts";

let packed: Packed;
before(() => {
  packed = pack();
});

const [install = "", serve = "", ...more] = blockAt("README.md", "npm install ./onhand-")
  .trim()
  .split("\n");
assert.deepEqual(more, []);
/** That of the release is the one that README.md names. */
const tarball = must(/^npm install \.\/(onhand-[\d.]+\.tgz)$/.exec(install)?.[1], "a tarball");

/** What docs/deployment.md lets a supervisor start, on this platform. */
const supervised = must(
  /^ExecStart=\/opt\/onhand\/(.*node_modules\/onhand\/.*)$/m.exec(
    document("docs/deployment.md").text,
  )?.[1],
  "a unit for the package",
).replace("linux-x64", `${process.platform}-${process.arch}`);

for (const npm of ["npm@10", "npm@11"]) {
  describe(`installed by ${npm}`, { timeout: 300_000 }, () => {
    let home: ServerHome;
    let port: number;
    let environment: readonly string[];
    let said: string;
    const url = (): string => `http://127.0.0.1:${port}`;
    const run = (...command: string[]): string => home.run("env", [...environment, ...command]);

    before(async () => {
      home = openHome("installed");
      port = await freePort();
      environment = [`HOME=${home.path}`, `PATH=${machinePath}`, `PORT=${port}`];
      assert.equal(basename(packed.path), tarball);
      cpSync(packed.path, join(home.path, tarball));
      said = execFileSync("sh", ["-c", `${install.replace("npm", `npx -y ${npm}`)} 2>&1`], {
        cwd: home.path,
        env: { ...machineEnvironment, ...quietly },
        encoding: "utf8",
      });
      execFileSync("chmod", ["-R", "a-w,a+rX", join(home.path, "node_modules")]);
    });
    after(() => {
      execFileSync("chmod", ["-R", "u+w", join(home.path, "node_modules")]);
      home.close();
    });

    /** Resolves to how long it took to the first answer, ms. */
    async function firstAnswer(server: { exit(): string | null }): Promise<number> {
      const start = performance.now();
      await until(
        async () => server.exit() !== null || (await statusOf(`${url()}/health`)) === 200,
        "it answers",
        90_000,
      );
      assert.equal(server.exit(), null, home.log());
      return performance.now() - start;
    }

    async function isGone(): Promise<boolean> {
      return (await statusOf(`${url()}/livez`)) === null;
    }

    test("npm has nothing to ask about", () => {
      assert.match(said, /^added \d+ packages/m);
      assert.doesNotMatch(said, /script/i);
    });

    test("npx onhand --version says the version, and help how it is started here", () => {
      assert.equal(run("npx", "onhand", "--version"), `${version}\n`);
      assert.match(run("npx", "onhand", "serve", "--help"), /^Usage: npx onhand serve$/m);
    });

    test("the client is beside it, for a program of one's own", () => {
      const program =
        'import { createClient } from "onhand/client"; console.log(typeof createClient);';
      const said = run(machineNode, "--input-type=module", "--eval", program);
      assert.equal(said, "function\n");
    });

    test(`${serve} serves the API, its reference and the console from where it cannot write`, async (t) => {
      run("sh", "-c", "! touch node_modules/onhand/dist/x 2>/dev/null");
      const server = home.start("env", [...environment, ...serve.split(" ")]);
      const ms = await firstAnswer(server);
      t.diagnostic(`npx onhand serve, from the start to the first answer: ${seconds(ms)}`);

      const page = await fetch(url());
      assert.equal(page.status, 200);
      const text = await page.text();
      assert.match(text, /<div id="root">/);
      const [, script = ""] = /<script[^>]* src="([^"]+)"/.exec(text) ?? [];
      for (const path of [script, "/docs", "/docs/scalar.js", "/openapi.json"]) {
        assert.equal(await statusOf(`${url()}${path}`), 200, path);
      }
      const key = readFileSync(join(home.path, "data/admin.key"), "utf8").trim();
      const headers = { "x-api-key": key, "content-type": "application/json" };
      const product = JSON.stringify({ sku: "MUG-1", name: "Mug", price: 9.5 });
      const post = { method: "POST", headers, body: product };
      assert.equal((await fetch(`${url()}/api/v1/products`, post)).status, 201);

      const client = [`ONHAND_URL=${url()}`, `ONHAND_API_KEY=${key}`, "npx", "onhand"];
      assert.match(run(...client, "products", "list", "--search", "mug"), /MUG-1/);
      assert.match(run("npx", "onhand", "verify"), /all invariants hold/);

      // As Ctrl-C does: npm, the shell between and the service all get it.
      process.kill(-server.pid, "SIGTERM");
      await until(() => home.log().includes('"signal":"SIGTERM"'), "it has heard", 30_000);
      await until(isGone, "it is gone", 30_000);
      const wal = join(home.path, "data/inventory.db-wal");
      await until(() => !existsSync(wal), "it has closed its file");
    });

    for (const command of ["node_modules/.bin/onhand serve", supervised]) {
      test(`${command} ends with code 0 when it is asked to`, async (t) => {
        const server = home.start("env", [...environment, ...command.split(" ")]);
        t.diagnostic(`from the start to the first answer: ${seconds(await firstAnswer(server))}`);
        await server.end("SIGTERM", 30_000);
        assert.equal(server.exit(), "code 0", home.log());
        assert.ok(await isGone());
      });
    }

    test("the consumer of the events starts from where it was installed", {
      skip: noRedis,
    }, async () => {
      const redis = await startRedis();
      // The Node that came along: the machine's own may be too old for it.
      const [node = ""] = supervised.split(" ");
      const file = join("node_modules/onhand", packedExample);
      const started = [...environment, `REDIS_URL=${redis.url}`, node, file, "balances.db"];
      const consumer = home.start("env", started);
      const isUp = (): boolean => home.log().includes("keeps balances.db");
      await until(() => isUp() || consumer.exit() !== null, "it keeps its books", 30_000);
      await consumer.end("SIGTERM", 30_000);
      assert.equal(consumer.exit(), "code 0", home.log());
      await redis.close();
    });

    test("what was wrong is told by the exit code, whichever Node it began with", () => {
      assert.throws(() => run("npx", "onhand", "sell"), { status: 2 });
      assert.throws(() => run(machineNode, "node_modules/.bin/onhand", "sell"), { status: 2 });
    });
  });
}

/** What is asked of the registry only where it must be. */
const quietly = {
  npm_config_prefer_offline: "true",
  npm_config_audit: "false",
  npm_config_fund: "false",
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

async function statusOf(url: string): Promise<number | null> {
  const answer = await fetch(url).catch(() => null);
  await answer?.body?.cancel();
  return answer?.status ?? null;
}
