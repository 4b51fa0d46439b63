// Every command and program in the documents is executed by a test, but for those that are named here with what they
// need. A block is executed that stands between the marks `<!-- tried:begin` and `<!-- tried:end -->` of a page that a
// test names, or that a test takes by `blockAt`; and so is one whose lines are lines of such blocks or of `.ci/run`,
// as those of a translation are.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { document, documents, fencesIn } from "./support/documents.ts";
import { repositoryRoot, sourceFiles } from "./support/source-tree.ts";

/** The blocks that cannot be executed here, by how they begin, and what they need. */
const elsewhere: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "docs/deployment.md": {
    "docker build -t": "Docker: test/deploy/image.test.ts carries out the Dockerfile without it",
    "docker compose up --build -d": "Docker: test/deploy/compose.test.ts holds what it would start",
    "sh deploy/compose/prepare.sh": "Docker; test/deploy/compose.test.ts runs the first line",
    "docker compose --profile scale build": "Docker",
    "git clone <repository>": "root, and systemd: test/deploy/systemd.test.ts verifies the unit",
  },
  "docs/tracing.md": { "docker run --rm -p 4318": "Docker: tests have a receiver of their own" },
  "sdk/README.md": {
    "npm install @onhand/client": "a release: test/package/client.test.ts installs what npm packs",
  },
};

const runnable: ReadonlySet<string> = new Set(["bash", "sh", "sql", "ts", "js"]);
const others: ReadonlySet<string> = new Set(["json", "text", "http", "yaml", "ini", "mermaid"]);
const marked = /<!-- tried:begin.*?-->(.*?)<!-- tried:end -->/gs;
const pages = documents();
const tests = sourceFiles().filter(({ path }) => /^(?:sdk\/)?test\//.test(path));

interface Block {
  readonly path: string;
  readonly text: string;
}

const blocksIn = (path: string, text: string): Block[] =>
  fencesIn(text)
    .filter(({ language }) => runnable.has(language))
    .map((fence) => ({ path, text: fence.text }));

const all = pages.flatMap(({ path, text }) => blocksIn(path, text));
const byMark = pages.flatMap(({ path, text }) =>
  Array.from(text.matchAll(marked), ([, part = ""]) => blocksIn(path, part)).flat(),
);
const taken = tests.flatMap(({ text }) =>
  Array.from(
    text.matchAll(/\bblockAt\(\s*"([^"]+)",\s*"((?:[^"\\]|\\.)+)"/g),
    ([, path, start]) => ({
      path: String(path),
      start: String(JSON.parse(`"${start}"`)),
    }),
  ),
);
const begins = ({ path, text }: Block, one: { path: string; start: string }): boolean =>
  path === one.path && text.startsWith(one.start);

/** Commands without what is said in a comment, which each language says in its own words. */
function linesOf(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line) => line.replace(/(?:^|\s+)# .*$/, "").split(" && "))
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
}

const executed = new Set(
  all.filter(
    (block) =>
      byMark.some(({ path, text }) => path === block.path && text === block.text) ||
      taken.some((one) => begins(block, one)),
  ),
);
const checkRun = readFileSync(join(repositoryRoot, ".ci/run"), "utf8");
const executedLines = new Set([
  ...[...executed].flatMap(({ text }) => linesOf(text)),
  ...linesOf(checkRun),
]);
const named = all.filter(({ path, text }) =>
  Object.keys(elsewhere[path] ?? {}).some((start) => text.startsWith(start)),
);
const namedLines = new Set(named.flatMap(({ text }) => linesOf(text)));
const isMadeOf = ({ text }: Block, lines: ReadonlySet<string>): boolean =>
  linesOf(text).every((line) => lines.has(line));

const repeated = all.filter((block) => !executed.has(block) && isMadeOf(block, executedLines));
const left = all.filter((block) => !executed.has(block) && !repeated.includes(block));

describe("the blocks of the documents", () => {
  test("say what they are, so that none escapes these tests", () => {
    const openings = pages.flatMap(({ path, text }) =>
      Array.from(text.matchAll(/^ *(?:`{3,}|~{3,})(.*)$/gm), ([line, label = ""]) => ({
        path,
        line,
        label,
      })).filter((_, index) => index % 2 === 0),
    );
    const unknown = openings.filter(({ label }) => !runnable.has(label) && !others.has(label));
    assert.deepEqual(unknown, []);
    const indented = openings.filter(
      ({ line, label }) => /^[ ~]/.test(line) && runnable.has(label),
    );
    assert.deepEqual(indented, [], "fencesIn would not find them");
  });

  test("that are shown as text are no commands", () => {
    const command =
      /^(?:\$ |(?:npm|npx|node|curl|git|docker|kubectl|psql|redis-cli|onhand|sudo|sh|bash|export) \S|(?:XREAD|SELECT|GRANT|CREATE|ACL) )/m;
    assert.match("XREAD BLOCK 0 STREAMS inventory-events $", command);
    const disguised = pages.flatMap(({ path, text }) =>
      fencesIn(text)
        .filter((fence) => others.has(fence.language) && command.test(fence.text))
        .map((fence) => `${path}: ${fence.text}`),
    );
    assert.deepEqual(disguised, []);
  });

  test("with commands and programs are executed, or cannot be here and are named", () => {
    const nowhere = left.filter((block) => !named.includes(block) && !isMadeOf(block, namedLines));
    assert.deepEqual(nowhere, []);
  });

  test("that are named as impossible are there, once, and no test executes them", () => {
    for (const [path, starts] of Object.entries(elsewhere)) {
      for (const start of Object.keys(starts)) {
        const found = all.filter((block) => begins(block, { path, start }));
        assert.equal(found.length, 1, `${path}: ${start}`);
        assert.ok(
          found.every((block) => left.includes(block)),
          `${path}: ${start} is executed`,
        );
      }
    }
  });

  test("that a test takes are there", () => {
    assert.ok(taken.length > 8);
    assert.deepEqual(
      taken.filter((one) => all.filter((block) => begins(block, one)).length !== 1),
      [],
    );
  });

  test("are as many as CONTRIBUTING.md says", (t) => {
    const run = all.length - left.length;
    t.diagnostic(`${run} of ${all.length} blocks are executed, ${left.length} cannot be here`);
    const said = /Of (\d+) blocks of\s+commands and programs (\d+) are executed/.exec(
      document("CONTRIBUTING.md").text,
    );
    assert.deepEqual(said?.slice(1).map(Number), [all.length, run]);
  });
});

test("every page with such marks is named by a test", () => {
  const texts = tests.filter(
    ({ path }) => path.endsWith(".test.ts") && path !== "test/snippets.test.ts",
  );
  const forgotten = byMark.filter(
    ({ path }) => !texts.some(({ text }) => text.includes(`"${path}"`)),
  );
  assert.deepEqual([...new Set(forgotten.map(({ path }) => path))], []);
});
