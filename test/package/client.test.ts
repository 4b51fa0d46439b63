// @onhand/client as its users have it: installed from its tarball, run by whatever Node the machine has (20 and
// later), bundled for a browser, and understood by their TypeScript, whichever way that looks for modules.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "vite";
import { type Instance, newFolder, startInstance } from "../support/instance.ts";
import { machineNode, type Packed, pack, runIn } from "../support/packed.ts";
import { repositoryRoot } from "../support/source-tree.ts";

/** What a shop would write. */
const shop = `import { createClient, isOnhandError } from "@onhand/client";

const client = createClient({ baseUrl: process.argv[2], apiKey: process.argv[3] });
const made = await client.products.create({ sku: "MUG-1", name: "Mug", price: 9.5 });
const again = await client.products.create({ sku: "MUG-1", name: "Mug", price: 9.5 }).catch((error) => {
  if (!isOnhandError(error, "sku_taken")) throw error;
  return error.facts.product_id;
});
const names = [];
for await (const product of client.products.list({ search: "mug" })) names.push(product.name);
console.log(JSON.stringify({ names, isSame: again === made.id }));
`;

describe("the client's package", { timeout: 240_000 }, () => {
  const folder = newFolder();
  let packed: Packed;
  let service: Instance;
  before(async () => {
    packed = pack("sdk");
    writeFileSync(join(folder, "package.json"), '{ "name": "shop", "type": "module" }\n');
    runIn(folder, "npm", ["install", "--no-audit", "--no-fund", "--offline", packed.path]);
    writeFileSync(join(folder, "shop.js"), shop);
    service = await startInstance({ env: { LOG_LEVEL: "warn", ONHAND_DEMO: "off" } });
  });
  after(() => service.stop());

  test("holds JavaScript and types, its licence and its words", (t) => {
    const rest = packed.files.filter((path) => !/^dist\/[\w-]+(?:\.d\.ts|\.js)$/.test(path));
    assert.deepEqual(rest, ["LICENSE", "README.md", "package.json"]);
    t.diagnostic(`${packed.files.length} files, ${(packed.bytes / 1000).toFixed(0)} kB`);
    assert.ok(packed.bytes < 100_000, `${packed.bytes} bytes`);
  });

  test("works in the Node of this machine", (t) => {
    t.diagnostic(`Node ${runIn(folder, machineNode, ["--version"]).trim()}`);
    assertSold(runIn(folder, machineNode, ["shop.js", service.url, service.key]));
  });

  test("works when it is bundled, and asks nothing of Node", async () => {
    const made = await build({
      root: folder,
      configFile: false,
      logLevel: "error",
      build: {
        write: false,
        minify: false,
        target: "es2022",
        lib: { entry: join(folder, "node_modules/@onhand/client/dist/client.js"), formats: ["es"] },
      },
    });
    const outputs = (Array.isArray(made) ? made : [made]).flatMap((one) =>
      "output" in one ? one.output : [],
    );
    const chunks = outputs.filter((one) => one.type === "chunk");
    const text = chunks.map(({ code }) => code).join("");
    assert.ok(text.includes("createClient"));
    const left = chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
    assert.deepEqual(left, []);
    assert.ok(!text.includes("node:") && !text.includes("require("));
    writeFileSync(join(folder, "bundle.js"), text);
    writeFileSync(
      join(folder, "bundled.js"),
      shop.replace("@onhand/client", "./bundle.js").replaceAll("MUG", "CUP"),
    );
    const told = runIn(folder, machineNode, ["bundled.js", service.url, service.key]);
    assert.equal(JSON.parse(told).isSame, true);
  });

  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const) {
    test(`has types for TypeScript that looks for modules as ${resolution} does`, () => {
      const at = join(folder, resolution);
      mkdirSync(at);
      const compilerOptions = {
        strict: true,
        noEmit: true,
        module,
        moduleResolution: resolution,
        target: "es2022",
        lib: ["es2023", "dom", "dom.iterable"],
        types: [],
        skipLibCheck: false,
      };
      writeFileSync(join(at, "tsconfig.json"), JSON.stringify({ compilerOptions }));
      const typed = (field: string): string =>
        `import { createClient } from "@onhand/client";\n` +
        `const client = createClient({ baseUrl: "http://localhost" });\n` +
        `const { ${field} } = await client.products.get("mug");\n` +
        `export const twice: number = ${field} * 2;\n`;
      const check = (): string =>
        runIn(at, process.execPath, [
          join(repositoryRoot, "node_modules/typescript/bin/tsc"),
          "-p",
          at,
        ]);
      writeFileSync(join(at, "shop.ts"), typed("price"));
      check();
      writeFileSync(join(at, "shop.ts"), typed("name"));
      assert.throws(check, ({ stdout }) => /shop\.ts.*TS2362/s.test(stdout));
    });
  }
});

function assertSold(told: string): void {
  assert.deepEqual(JSON.parse(told), { names: ["Mug"], isSame: true });
}
