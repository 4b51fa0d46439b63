// The client as its users have it: packed, installed in a folder of its own, compiled there by their settings and their
// compiler, and run against the real service.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { compile, sdkFolder } from "./compile.ts";
import { openShop } from "./shop.ts";

/** Of all JavaScript of the package, comments too: what a page loads is less. */
const gzipBytesMax = 13_000;

const program = `import { createClient, InsufficientStock, type Stock } from "@onhand/client";

declare const process: { readonly argv: string[] };
const [, , baseUrl = "", apiKey = ""] = process.argv;
const client = createClient({ baseUrl, apiKey });
const row: Stock = await client.stock.get("mug", "MAD-001");
const wish = { product_id: "mug", store_id: "MAD-001", quantity: row.available + 1, customer_id: "ann" };
try {
  await client.reservations.create(wish);
} catch (error) {
  if (!(error instanceof InsufficientStock)) throw error;
  const available: number = error.available;
  console.log(\`only \${available} of \${error.requested}\`);
}
`;

describe("the package", () => {
  const folder = mkdtempSync(join(tmpdir(), "onhand-user-"));
  const installed = join(folder, "node_modules/@onhand/client");
  let packed: readonly string[];

  before(() => {
    const said = npm(["pack", "--json", "--pack-destination", folder], sdkFolder);
    const [{ filename, files }] = JSON.parse(said.slice(said.indexOf("[\n")));
    packed = files.map(({ path }: { path: string }) => path);
    writeFileSync(
      join(folder, "package.json"),
      '{ "name": "user", "private": true, "type": "module" }',
    );
    npm(["install", "--offline", "--no-audit", "--no-fund", `./${filename}`], folder);
    writeFileSync(join(folder, "use.ts"), program);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("holds what it needs, and nothing else", () => {
    const others = packed.filter((path) => !/^dist\/[\w-]+\.(?:js|d\.ts)$/.test(path));
    assert.deepEqual(others.sort(), ["LICENSE", "README.md", "package.json"]);
    assert.deepEqual(
      packed.filter((path) => path.includes("test")),
      [],
    );
    const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    assert.equal(manifest.dependencies, undefined);
    assert.deepEqual(
      readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith(".")),
      ["@onhand"],
    );
  });

  for (const [what, from] of [
    ["the repository's TypeScript", undefined],
    ["the TypeScript before it", sdkFolder],
  ] as const) {
    for (const resolution of ["nodenext", "bundler"]) {
      test(`has types for ${what}, resolved as ${resolution} does`, () => {
        const compilerOptions = {
          target: "es2022",
          module: resolution === "bundler" ? "esnext" : "nodenext",
          moduleResolution: resolution,
          lib: ["es2022", "dom"],
          types: [],
          strict: true,
          exactOptionalPropertyTypes: true,
          // Our own types are checked, too.
          skipLibCheck: false,
          outDir: "out",
        };
        writeFileSync(
          join(folder, "tsconfig.json"),
          JSON.stringify({ compilerOptions, files: ["use.ts"] }),
        );
        compile(["-p", folder], from);
      });
    }
  }

  test("works", async () => {
    const shop = await openShop();
    try {
      const said = await run([join(folder, "out/use.js"), shop.url, shop.keys.admin], folder);
      assert.equal(said, "only 49 of 50\n");
    } finally {
      await shop.close();
    }
  });

  test("shows its entry only", async () => {
    const text = 'import("@onhand/client/dist/calls.js").catch(({ code }) => console.log(code))';
    assert.equal(await run(["--eval", text], folder), "ERR_PACKAGE_PATH_NOT_EXPORTED\n");
  });

  test("is small", () => {
    const code = packed.filter((path) => path.endsWith(".js"));
    const text = code.map((path) => readFileSync(join(installed, path), "utf8")).join("");
    const bytes = gzipSync(text).length;
    assert.ok(bytes <= gzipBytesMax, `${bytes} bytes`);
  });
});

function npm(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync("npm", args, {
    cwd,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

function run(args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(said) : reject(new Error(`it ended with ${code}`)),
    );
  });
}
