// Whoever has a package and no repository is led to nothing that is not in it: neither by its pages, nor by what the
// program says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { compiled } from "../scripts/build-server.ts";
import { relativeLinksIn } from "./support/documents.ts";
import { filesListedIn } from "./support/listed-files.ts";
import { isTest, repositoryRoot, sourceFiles } from "./support/source-tree.ts";

for (const [name, folder] of [
  ["onhand", ""],
  ["@onhand/client", "sdk"],
] as const) {
  test(`pages in the package ${name} lead to files in it`, () => {
    const files = filesListedIn(folder);
    const pages = files.filter((path) => path.endsWith(".md"));
    assert.ok(pages.includes("README.md"));
    const leading = pages.flatMap((path) => {
      const text = readFileSync(join(repositoryRoot, folder, path), "utf8");
      return relativeLinksIn({ path, text }).map(({ target }) => ({ path, target }));
    });
    assert.deepEqual(
      leading
        .filter(({ target }) => !files.includes(target))
        .map(({ path, target }) => `${path}: ${target}`),
      [],
    );
  });
}

describe("what the program says", () => {
  const files = filesListedIn("");
  const built = sourceFiles()
    .filter(({ path }) => path.startsWith("src/") && !isTest(path))
    .map(({ path, text }) => ({ path, text: compiled(text, path.endsWith(".ts")) }));

  test("names files that are in the package", () => {
    const named = built.flatMap(({ path, text }) =>
      Array.from(
        text.matchAll(/(?<![\w/])(?:(?:docs|deploy|examples)\/[\w./-]+\.\w+|[A-Z]{4,}\.md)\b/g),
        ([file]) => ({ path, file }),
      ),
    );
    assert.ok(named.some(({ file }) => file === "docs/backup.md"));
    assert.ok(named.some(({ file }) => file === "deploy/nginx/onhand.conf"));
    assert.deepEqual(
      named.filter(({ file }) => !files.includes(file)).map(({ path, file }) => `${path}: ${file}`),
      [],
    );
  });

  test("is a command as whoever has the package gives it", () => {
    const commands = /\bnpm (?:run|start)\b.*|`onhand [a-z].*|: onhand [a-z].*/g;
    assert.match('to undo it: onhand import undo 1"', commands);
    const wrong = built.flatMap(({ path, text }) =>
      text
        .split("\n")
        .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
        .flatMap((line) => line.match(commands) ?? [])
        .map((found) => `${path}: ${found}`),
    );
    assert.deepEqual(wrong, []);
  });
});
