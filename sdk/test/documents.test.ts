// The types that are written by hand, and the README, are held to the documents of the service, which are held to the
// service by test/docs.test.ts. Types are only seen by a compiler, so what the documents say is put into a program.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { eventTypes } from "../../src/domain/model.ts";
import {
  codeSpansIn,
  document,
  fencesIn,
  sectionOf,
  tableRowsIn,
  tablesIn,
} from "../../test/support/documents.ts";
import { repositoryRoot } from "../../test/support/source-tree.ts";
import { compile, sdkFolder } from "./compile.ts";
import { methods } from "./examples.ts";

const folder = mkdtempSync(join(tmpdir(), "onhand-documents-"));
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
after(() => rmSync(folder, { recursive: true, force: true }));

const client = JSON.stringify(join(sdkFolder, "src/client.ts"));

function mustCompile(name: string, text: string): void {
  const place = join(folder, name);
  writeFileSync(`${place}.ts`, text);
  writeFileSync(
    `${place}.json`,
    JSON.stringify({
      extends: join(repositoryRoot, "tsconfig.json"),
      compilerOptions: {
        noPropertyAccessFromIndexSignature: false,
        noUnusedLocals: false,
        typeRoots: [join(repositoryRoot, "node_modules/@types")],
      },
      include: [`${name}.ts`],
    }),
  );
  compile(["-p", `${place}.json`]);
}

const same = `type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type Optional<T> = { [K in keyof T]: {} extends Pick<T, K> ? K : never }[keyof T];
type Required<T> = Exclude<keyof T, Optional<T>>;
`;
const union = (words: readonly string[]): string =>
  words.length === 0 ? "never" : words.map((word) => JSON.stringify(word)).join(" | ");

test("each error code has the facts that docs/errors.md says, and there is no other code", () => {
  const rows = tablesIn(document("docs/errors.md").text)
    .filter(({ head }) => head[0] === "code")
    .flatMap((table) => table.rows)
    .map(([code = "", , , facts = ""]) => ({
      code: codeSpansIn(code)[0] ?? "",
      facts: codeSpansIn(facts),
    }));
  assert.ok(rows.length > 30);
  const own = ["no_answer", "timed_out", "unexpected_answer"];
  const lines = rows.map(
    ({ code, facts }) =>
      `true satisfies Same<keyof FactsOf[${JSON.stringify(code)}], ${union(facts)}>;`,
  );
  const codes = union([...rows.map(({ code }) => code), ...own]);
  mustCompile(
    "facts",
    `import type { FactsOf } from ${client};\n${same}
true satisfies Same<keyof FactsOf, ${codes}>;\n${lines.join("\n")}\n`,
  );
});

test("each event has the payload that docs/events.md says", () => {
  const text = document("docs/events.md").text;
  const lines = eventTypes.flatMap((type) => {
    const section = sectionOf(text, `### \`${type}\``);
    const cells = tableRowsIn(section).map(([cell = ""]) => cell);
    const all = cells.flatMap(codeSpansIn);
    const always = cells.filter((cell) => cell.startsWith("**")).flatMap(codeSpansIn);
    const payload = `Payloads[${JSON.stringify(type)}]`;
    return [
      `true satisfies Same<keyof ${payload}, ${union(all)}>;`,
      `true satisfies Same<Required<${payload}>, ${union(always)}>;`,
      `(${fencesIn(section)[0]?.text.trim()}) satisfies ${payload};`,
    ];
  });
  mustCompile("payloads", `import type { Payloads } from ${client};\n${same}${lines.join("\n")}\n`);
});

describe("the README of the client", () => {
  const { text } = document("sdk/README.md");

  test("has code that compiles", () => {
    const snippets = fencesIn(text).filter(({ language }) => language === "ts");
    assert.ok(snippets.length >= 5);
    const functions = snippets.map(({ text: code }, index) => {
      const lines = code.split("\n").filter((line) => !line.startsWith("import "));
      return `export async function snippet${index}(): Promise<void> {\n${lines.join("\n")}}\n`;
    });
    mustCompile(
      "readme",
      `import { type Client, createClient, InsufficientStock, isOnhandError, type StockChange } from ${client};
declare const client: Client;
declare const delivery: StockChange;
declare const place: string;
declare const show: (...what: unknown[]) => Promise<void>;
declare const keep: (place: string) => Promise<void>;
declare const readEverythingAnew: () => Promise<void>;
declare const banner: (state: string) => void;
${functions.join("\n")}`,
    );
  });

  test("has every method, and no other", () => {
    const documented = tableRowsIn(sectionOf(text, "## What there is")).flatMap(
      ([part = "", names = ""]) =>
        codeSpansIn(names).map((name) => `${codeSpansIn(part)[0]?.replace("client.", "")}.${name}`),
    );
    assert.deepEqual(
      documented.sort(),
      methods()
        .map(({ name }) => name)
        .sort(),
    );
  });
});
