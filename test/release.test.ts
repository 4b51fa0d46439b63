// A release is refused for every single thing that is stale or unclean, and its version then stands everywhere.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, test } from "node:test";
import {
  manifests,
  otherPlaces,
  releaseProblems,
  setVersion,
  versionIn,
} from "../scripts/versions.ts";
import { newFolder } from "./support/instance.ts";
import { repositoryRoot } from "./support/source-tree.ts";

const files = [...manifests, ...otherPlaces, "package-lock.json", ".npmrc"];

describe("a release", () => {
  let root: string;
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x@localhost", ...args], {
      cwd: root,
      encoding: "utf8",
    });
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const commit = (): void => {
    git("add", "--all");
    git("commit", "--quiet", "--message", "x");
  };

  /** A repository of the files that have a version, 1.2.0, ready to be released as 1.3.0. */
  beforeEach(() => {
    root = newFolder();
    for (const path of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      cpSync(join(repositoryRoot, path), join(root, path));
    }
    setVersion(root, "1.2.0");
    write("CHANGELOG.md", "# Changelog\n\n## 1.3.0 (2027-01-31)\n\n## 1.2.0 (2026-12-01)\n");
    git("init", "--quiet");
    commit();
    git("tag", "v1.2.0");
  });

  test("is made where everything is in order, the first one too", () => {
    assert.deepEqual(releaseProblems(root, "1.3.0"), []);
    git("tag", "--delete", "v1.2.0");
    write("CHANGELOG.md", "# Changelog\n\n## 1.2.0 (2026-12-01)\n");
    commit();
    assert.deepEqual(releaseProblems(root, "1.2.0"), []);
  });

  test("is refused with changes that nobody has committed", () => {
    write("notes.md", "x");
    assert.match(
      releaseProblems(root, "1.3.0").join(),
      /^the work tree is not clean:\n\?\? notes\.md$/,
    );
  });

  test("is refused where the version is none, or is not greater", () => {
    for (const version of ["", "1.3", "v1.3.0", "1.3.0-rc.1", "next"]) {
      assert.match(releaseProblems(root, version).join(), /^a version is three numbers/);
    }
    git("tag", "v1.10.0");
    const refused = releaseProblems(root, "1.3.0");
    assert.deepEqual(refused, ["1.3.0 is not greater than 1.10.0, which is released"]);
    for (const version of ["1.2.0", "1.1.9", "0.9.9"]) {
      assert.ok(
        releaseProblems(root, version).includes(
          `${version} is not greater than 1.10.0, which is released`,
        ),
      );
    }
    assert.ok(
      releaseProblems(root, "1.1.9").includes("1.1.9 is not greater than 1.2.0 in package.json"),
    );
  });

  test("is refused where the changelog says nothing of it, or not yet when", () => {
    for (const first of [
      "1.2.0 (2026-12-01)",
      "1.3.0 (unreleased)",
      "1.3.0",
      "11.3.0 (2027-01-31)",
    ]) {
      write("CHANGELOG.md", `# Changelog\n\n## ${first}\n`);
      commit();
      assert.deepEqual(releaseProblems(root, "1.3.0"), [
        `CHANGELOG.md begins with "${first}", and not with "1.3.0 (<its day>)"`,
      ]);
    }
  });

  test("is refused where the lockfile is of other dependencies or of another version", () => {
    const manifest = read("package.json");
    write("package.json", manifest.replace(/("fastify": ")[^"]+/, "$10.0.1"));
    commit();
    assert.deepEqual(releaseProblems(root, "1.3.0"), [
      "package-lock.json has other dependencies than package.json: npm install",
    ]);
    write("package.json", manifest);
    const client = read("sdk/package.json");
    write("sdk/package.json", client.replace(/,\n *"typescript": "[^"]+"/, ""));
    commit();
    assert.deepEqual(releaseProblems(root, "1.3.0"), [
      "package-lock.json has other devDependencies than sdk/package.json: npm install",
    ]);
    write("sdk/package.json", client);
    const lock = read("package-lock.json");
    write("package-lock.json", lock.replace('"version": "1.2.0"', '"version": "1.1.0"'));
    commit();
    assert.deepEqual(releaseProblems(root, "1.3.0"), [
      "package-lock.json has another version: npm install",
    ]);
  });

  test("is refused where the packages are not of one version", () => {
    write("sdk/package.json", read("sdk/package.json").replace("1.2.0", "1.1.0"));
    commit();
    assert.deepEqual(releaseProblems(root, "1.3.0"), [
      "sdk/package.json is 1.1.0, and package.json 1.2.0",
    ]);
  });

  test("is refused by the script with code 1, every reason a line", () => {
    const script = join(repositoryRoot, "scripts/release.ts");
    for (const args of [[], ["next"], ["1.3.0", "--force"]]) {
      const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
        encoding: "utf8",
      });
      assert.equal(status, 1);
      assert.match(stderr, /^release: (?:a version is three numbers|one version, and nothing)/);
    }
  });

  describe("is made by the script", () => {
    const order = (): string => (existsSync(join(root, "order.log")) ? read("order.log") : "");

    /** As npm runs it there; each step notes that it was run, and the one that is named fails. */
    function release(failing: string): { status: number | null; stderr: string } {
      const step = (name: string, more = ""): string =>
        `node -e "fs.appendFileSync('order.log', '${name} ');${more}process.exit(${name === failing ? 1 : 0})"`;
      const bill =
        "fs.mkdirSync('dist',{recursive:true});fs.writeFileSync('dist/onhand.cdx.json','{}');";
      const { scripts, ...manifest } = JSON.parse(read("package.json"));
      const { scripts: _, ...client } = JSON.parse(read("sdk/package.json"));
      assert.equal(scripts.prepack, "npm run build");
      const stubs = { build: step("build", bill), check: step("check"), test: step("test") };
      write("package.json", JSON.stringify({ ...manifest, scripts: stubs }, null, 2));
      write("sdk/package.json", JSON.stringify(client, null, 2));
      write(".gitignore", "order.log\ndist/\nrelease/\n");
      for (const path of ["scripts/release.ts", "scripts/versions.ts"]) {
        mkdirSync(join(root, "scripts"), { recursive: true });
        cpSync(join(repositoryRoot, path), join(root, path));
      }
      commit();
      return spawnSync(process.execPath, ["scripts/release.ts", "1.3.0"], {
        cwd: root,
        encoding: "utf8",
      });
    }

    for (const [failing, said, ran] of [
      ["build", "npm run build", "build "],
      ["check", "npm run check", "build check "],
      ["test", "npm test", "build check test "],
    ] as const) {
      test(`and refused where ${said} fails, before anything is changed`, () => {
        const { status, stderr } = release(failing);
        assert.equal(status, 1, stderr);
        assert.match(stderr, new RegExp(`^release: ${said} fails$`, "m"));
        assert.equal(order(), ran);
        assert.equal(git("status", "--porcelain"), "");
        assert.equal(existsSync(join(root, "release")), false);
      });
    }

    test("where nothing fails, with both packages and their sums", () => {
      const { status, stderr } = release("none");
      assert.equal(status, 0, stderr);
      assert.equal(order(), "build check test ");
      assert.equal(versionIn(root), "1.3.0");
      const sums = read("release/SHA256SUMS").trim().split("\n");
      assert.deepEqual(
        sums.map((line) => line.split("  ")[1]),
        ["onhand-1.3.0.cdx.json", "onhand-1.3.0.tgz", "onhand-client-1.3.0.tgz"],
      );
      for (const line of sums) {
        const [sum, name = ""] = line.split("  ");
        const bytes = readFileSync(join(root, "release", name));
        assert.equal(createHash("sha256").update(bytes).digest("hex"), sum);
      }
    });
  });

  test("sets its version everywhere, and nothing else", () => {
    setVersion(root, "1.3.0");
    for (const path of manifests) assert.equal(versionIn(root, path), "1.3.0");
    const changed = git("diff", "--unified=0")
      .split("\n")
      .filter((line) => /^[-+](?![-+])/.test(line));
    assert.ok(changed.length >= 2 * files.slice(0, -1).length);
    assert.deepEqual(
      changed.filter((line) => !/1\.[23]\.0/.test(line)),
      [],
    );
    // The whole repository, for a place that was added since.
    const named = execFileSync(
      "git",
      [
        "grep",
        "-lE",
        String.raw`onhand[:-][0-9]+\.[0-9]+\.[0-9]|newTag: [0-9]`,
        "--",
        ":!*.test.ts",
        ":!scripts",
      ],
      {
        cwd: repositoryRoot,
        encoding: "utf8",
      },
    );
    assert.deepEqual(named.trim().split("\n").sort(), [...otherPlaces].sort());
  });
});
