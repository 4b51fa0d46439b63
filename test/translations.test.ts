// The Spanish pages are held to the English ones, so that a translation cannot grow old without a word: README.es.md
// names what README.md names, section by section (commands, settings, values, links, answers), and every command of
// the Spanish guide is one that an English page has, or is run by a test.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  codeSpansIn,
  document,
  fencesIn,
  relativeLinksIn,
  tableRowsIn,
} from "./support/documents.ts";
import { knownSettings } from "./support/known-settings.ts";

const english = document("README.md");
const spanish = document("README.es.md");
const guide = document("docs/es/ejecucion.md");
const sorted = (words: Iterable<string>): string[] => [...words].sort();

/** Texts under the headings of the second level, in their order; the first is what stands above them. */
function sectionsOf(text: string): string[] {
  return text
    .replace(/<!-- bench:summary begin -->.*<!-- bench:summary end -->/s, "")
    .split(/^## /m);
}

/** Lines of blocks that are run or answered; what is said in a comment is said in each language. */
function linesIn(text: string): string[] {
  return (
    fencesIn(text)
      // Text that answers no command is a picture.
      .filter(({ language }, at, all) => language !== "text" || all[at - 1]?.language === "bash")
      .flatMap((fence) => fence.text.split("\n"))
      .map((line) => line.replace(/(?:^|\s+)# .*$/, "").trimEnd())
      .filter((line) => line !== "")
  );
}

describe("README.es.md", () => {
  const pairs = sectionsOf(english.text).map(
    (section, index) => [section, sectionsOf(spanish.text)[index] ?? ""] as const,
  );

  test("has the sections of README.md", () => {
    assert.equal(sectionsOf(spanish.text).length, pairs.length);
    assert.ok(pairs.length > 8);
  });

  for (const [theirs, ours] of pairs) {
    const title = theirs.split("\n")[0] ?? "";
    test(`names the same words of the program: ${title}`, () => {
      assert.deepEqual(sorted(new Set(codeSpansIn(ours))), sorted(new Set(codeSpansIn(theirs))));
    });

    test(`has the same commands and answers: ${title}`, () => {
      assert.deepEqual(linesIn(ours), linesIn(theirs));
    });

    test(`has the same rows in its tables: ${title}`, () => {
      const rowsOf = (text: string): string[][] =>
        tableRowsIn(text).map((cells) => cells.map((cell) => sorted(codeSpansIn(cell)).join(" ")));
      assert.deepEqual(rowsOf(ours), rowsOf(theirs));
    });
  }

  test("leads where README.md leads, and to the other language", () => {
    const targets = (page: typeof english): Set<string> =>
      new Set(relativeLinksIn(page).map(({ target }) => target));
    const [theirs, ours] = [targets(english), targets(spanish)];
    assert.deepEqual(
      sorted(ours.symmetricDifference(theirs)),
      sorted(["README.es.md", "README.md", guide.path]),
    );
    assert.ok(theirs.has("README.es.md") && ours.has("README.md") && ours.has(guide.path));
  });

  test("says the numbers that README.md says", () => {
    // 1.7 is 1,7 there.
    const numbersIn = (text: string): string[] =>
      sorted((text.match(/\d[\d.,]*\d|\d/g) ?? []).map((one) => one.replaceAll(",", ".")));
    for (const [theirs, ours] of pairs) {
      assert.deepEqual(numbersIn(ours), numbersIn(theirs));
    }
  });
});

describe("docs/es/ejecucion.md", () => {
  const untried = guide.text.replace(/<!-- tried:begin.*?<!-- tried:end -->/s, "");

  test("has no command that is neither run by a test nor on an English page", () => {
    const pages = ["README.md", "CONTRIBUTING.md", "docs/deployment.md"];
    const known = new Set(pages.flatMap((path) => linesIn(document(path).text)));
    const lines = linesIn(untried);
    assert.ok(lines.length > 8);
    assert.deepEqual(
      lines.filter((line) => !known.has(line)),
      [],
    );
  });

  test("names settings that there are", () => {
    const settings = knownSettings();
    const others = new Set(["CI", "SIGTERM"]);
    const named = codeSpansIn(guide.text).flatMap(
      (span) => /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)(?:=.*)?$/.exec(span)?.[1] ?? [],
    );
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter((name) => !settings.has(name) && !others.has(name)),
      [],
    );
  });

  test("is found from README.es.md and leads back", () => {
    const back = relativeLinksIn(guide).map(({ target }) => target);
    assert.ok(back.includes("README.es.md"));
    assert.ok(relativeLinksIn(spanish).some(({ target }) => target === guide.path));
  });
});
