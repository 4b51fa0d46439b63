// What is in the package: all that it needs to run, and nothing else.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { before, describe, test } from "node:test";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { packedExample } from "../../scripts/build-server.ts";
import { newFolder } from "../support/instance.ts";
import { filesListedIn } from "../support/listed-files.ts";
import { type Packed, pack } from "../support/packed.ts";
import { importsOf, repositoryRoot, sourceFile } from "../support/source-tree.ts";

const sizeMax = 2_500_000;

describe("the files of onhand", { timeout: 300_000 }, () => {
  let packed: Packed;
  let folder: string;
  const textOf = (path: string): string => readFileSync(join(folder, path), "utf8");
  before(() => {
    packed = pack();
    folder = join(newFolder(), "package");
    execFileSync("tar", ["xzf", packed.path, "-C", join(folder, "..")]);
  });

  test("are those of the service, the client and the console, and words", (t) => {
    const known = [
      /^dist\/[\w/-]+\.(?:js|sql|lua)$/,
      /^sdk\/dist\/[\w-]+(?:\.d\.ts|\.js)$/,
      /^docs\/(?:es\/|decisions\/)?[\w-]+\.md$/,
      /^docs\/console\/[\w-]+\.png$/,
      /^console\/dist\/(?:index\.html|licenses\.json|assets\/[\w.-]+)$/,
    ];
    const rest = packed.files.filter((path) => !known.some((pattern) => pattern.test(path)));
    assert.deepEqual(rest, [
      "ARCHITECTURE.md",
      "CHANGELOG.md",
      "CONTRIBUTING.md",
      "GUARANTEES.md",
      "LICENSE",
      "README.es.md",
      "README.md",
      "bench/README.md",
      "bench/results/large.json",
      "bench/results/latest.json",
      "bench/results/latest.svg",
      "deploy/grafana/onhand.json",
      "deploy/nginx/onhand.conf",
      "deploy/prometheus/alerts.yml",
      "dist/onhand.cdx.json",
      "examples/consumer.ts",
      "openapi.json",
      "package.json",
      "sdk/README.md",
      "sim/README.md",
    ]);
    assert.deepEqual(
      packed.files.filter((path) => /\.test\.|\.map$|(?<!\.d)\.ts$/.test(path)),
      ["examples/consumer.ts"],
    );
    const [all, unpacked] = [packed.bytes, packed.unpackedBytes].map((n) => (n / 1e6).toFixed(1));
    t.diagnostic(`${packed.files.length} files, ${all} MB, unpacked ${unpacked} MB`);
    assert.ok(packed.bytes < sizeMax, `${packed.bytes} bytes`);
  });

  test("are what the manifest lists, so that packed-documents.test.ts need not pack", () => {
    const unbuilt = (paths: readonly string[]) =>
      paths.filter((path) => !/^(?:sdk\/|console\/)?dist\//.test(path));
    assert.deepEqual(unbuilt(packed.files), unbuilt(filesListedIn("")));
  });

  test("are the same to the byte when they are packed elsewhere", () => {
    const [one, other] = [packed, pack()].map(({ path }) =>
      createHash("sha256").update(readFileSync(path)).digest("hex"),
    );
    assert.equal(one, other);
  });

  test("of the service are the tracked sources, each of them, and the example", () => {
    const tracked = execFileSync("git", ["ls-files", "src"], {
      cwd: repositoryRoot,
      encoding: "utf8",
    });
    const wanted = tracked
      .trim()
      .split("\n")
      .filter((path) => !path.endsWith(".test.ts"))
      .map((path) => path.replace(/^src/, "dist").replace(/\.ts$/, ".js"))
      .concat(packedExample);
    const there = packed.files.filter((path) => /^dist\/.*\.(?:js|sql|lua)$/.test(path));
    assert.deepEqual(there, wanted.sort());
  });

  test("import nothing that is not there", () => {
    const { dependencies } = JSON.parse(textOf("package.json"));
    const names = Object.keys(dependencies);
    const scripts = packed.files.filter((path) => /^(?:dist|sdk)\/.*\.js$/.test(path));
    const imports = scripts.flatMap((path) => importsOf(sourceFile(path, textOf(path))));
    const missing = imports.filter(
      ({ kind, target }) =>
        kind !== "node" &&
        !packed.files.some((path) => path === target || path.startsWith(`${target}/`)) &&
        !names.some((name) => target === name || target.startsWith(`${name}/`)),
    );
    assert.ok(imports.length > scripts.length);
    assert.deepEqual(missing, []);
  });

  test("ask for nothing to be run when they are installed, nor to be kept at home", () => {
    const manifest = JSON.parse(textOf("package.json"));
    const atInstall = ["preinstall", "install", "postinstall", "prepare", "prepublish"];
    assert.deepEqual(
      atInstall.filter((name) => name in manifest.scripts),
      [],
    );
    assert.equal(manifest.private, undefined);
    assert.equal(manifest.license, "Apache-2.0");
    const named = [
      ...Object.values(manifest.bin),
      ...Object.values(manifest.exports["./client"]),
      manifest.exports["./openapi.json"],
    ].map((path) => posix.normalize(String(path)));
    assert.deepEqual(
      named.filter((path) => !packed.files.includes(path)),
      [],
    );
  });

  test("say how onhand is started from a package", () => {
    const texts = packed.files.filter((path) => /^dist\/.*\.js$/.test(path)).map(textOf);
    assert.deepEqual(
      texts.flatMap((text) => text.match(/.*\bnpm (?:run|start)\b.*/g) ?? []),
      [],
    );
    assert.ok(texts.some((text) => text.includes("npx onhand serve")));
    const pages = texts.flatMap((text) => text.match(/\bdocs\/[\w-]+\.md\b/g) ?? []);
    assert.ok(pages.includes("docs/backup.md"));
    assert.deepEqual(
      pages.filter((page) => !packed.files.includes(page)),
      [],
    );
  });

  test("have a bill of materials that is CycloneDX, with each dependency and what the console has", async () => {
    const text = textOf("dist/onhand.cdx.json");
    assert.equal(
      await new Validation.JsonStrictValidator(Spec.Version.v1dot5).validate(text),
      null,
    );
    const bill = JSON.parse(text);
    const named = new Set<string>(
      bill.components.map((one: { "bom-ref": string }) => one["bom-ref"]),
    );
    const { dependencies, optionalDependencies, version } = JSON.parse(textOf("package.json"));
    const bundled: { name: string; version: string }[] = JSON.parse(
      textOf("console/dist/licenses.json"),
    );
    assert.ok(bundled.some(({ name }) => name === "react"));
    const wanted = [
      ...Object.entries({ ...dependencies, ...optionalDependencies }),
      ...bundled.map((one) => [one.name, one.version]),
    ].map(([name, one]) => `${String(name)}@${String(one)}`);
    assert.deepEqual(
      wanted.filter((name) => !named.has(name)),
      [],
    );
    assert.equal(bill.metadata.component["bom-ref"], `onhand@${version}`);
    assert.doesNotMatch(text, /"name": "(?:vite|typescript)"/);
    assert.equal(bill.metadata.timestamp, undefined, "the same whenever it is packed");
  });
});
