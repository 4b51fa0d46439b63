// Every command and program in the documents is executed by a test, but for those that are named here with the reason.
// A page is tried between its marks `<!-- tried:begin` and `<!-- tried:end -->`, by the test that names the page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { documents, fencesIn } from "./support/documents.ts";
import { repositoryRoot, sourceFiles } from "./support/source-tree.ts";

const languages: ReadonlySet<string> = new Set(["bash", "sh", "ts", "js"]);
const marked = /<!-- tried:begin.*?<!-- tried:end -->/gs;

/** How many blocks of a page are not pasted, and what holds them instead. */
const others: Readonly<Record<string, readonly [number, string]>> = {
  "README.es.md": [10, "those of README.md, line by line: test/translations.test.ts"],
  "README.md": [
    3,
    "starts, which every test does, from a package too; addresses of servers that are not there",
  ],
  "CONTRIBUTING.md": [1, "what .ci/run does, and a server in the foreground"],
  "docs/deployment.md": [5, "Docker and root: test/deploy carries out what these files say"],
  "docs/es/ejecucion.md": [5, "lines of English pages: test/translations.test.ts"],
  "docs/tracing.md": [
    3,
    "a receiver in Docker, a start and an environment: the test names its own",
  ],
  "sdk/README.md": [
    6,
    "an installation from a registry; programs type-checked by sdk/test/documents.test.ts",
  ],
};

const runnable = (text: string): number =>
  fencesIn(text).filter(({ language }) => languages.has(language)).length;
const pages = documents().map(({ path, text }) => {
  const tried = (text.match(marked) ?? []).join("\n");
  return { path, tried: runnable(tried), left: runnable(text) - runnable(tried) };
});

test("every command and program of the documents is tried, or named with what holds it instead", (t) => {
  const left = pages.filter((page) => page.left > 0).map((page) => [page.path, page.left]);
  assert.deepEqual(
    Object.fromEntries(left),
    Object.fromEntries(Object.entries(others).map(([path, [count]]) => [path, count])),
  );
  const sum = pages.reduce((all, { tried }) => all + tried, 0);
  t.diagnostic(`${sum} blocks of ${pages.filter(({ tried }) => tried > 0).length} pages are run`);
});

test("every page with such marks is named by a test", () => {
  const tests = sourceFiles()
    .filter(({ path }) => path.endsWith(".test.ts") && path !== "test/snippets.test.ts")
    .map(({ path }) => readFileSync(join(repositoryRoot, path), "utf8"));
  const forgotten = pages
    .filter(({ tried }) => tried > 0)
    .filter(({ path }) => !tests.some((text) => text.includes(`"${path}"`)));
  assert.deepEqual(forgotten, []);
});
