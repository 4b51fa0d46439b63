// The rules of test/tidy.test.ts, one function each: from a file (or a few) to the list of what is
// wrong, every entry with its place and what to do instead. No rule reads the disk, so each can be
// shown a planted mistake. Rules that a linter knows better (unused names, import style) are left to
// it; those that both know (`any`, focused tests) are here because the lint may be switched off by a
// comment and these may not.

import type { Import, SourceFile } from "./source-tree.ts";
import { exportsOf, importsOf, isTest, places } from "./source-tree.ts";

export type Rule = (file: SourceFile) => string[];

/** One row of the import table. The first row whose `files` begin a file's path (under src) counts. */
export interface ImportRow {
  readonly files: string;
  /** Beginnings of paths under src; `(types)` after one means `import type` only. */
  readonly may: readonly string[];
  /** Packages and Node's modules; `scope/*` and `node:*` stand for many. */
  readonly packages: readonly string[];
}

/** Modules that `node:*` does not include: they have one owner each. */
const ownedNodeModules = ["node:sqlite", "node:process"];

export function importRule(table: readonly ImportRow[]): Rule {
  return (file) => {
    if (isTest(file.path)) return []; // a test may import what it tests with
    const row = table.find(({ files }) => file.path.startsWith(`src/${files}`));
    if (row === undefined) return [`${file.path}: no row of the import table covers it`];
    return importsOf(file)
      .filter((found) => !allowed(row, found))
      .map((found) => `${file.path}:${found.line}: ${describe(row, found)}`);
  };
}

function allowed(row: ImportRow, found: Import): boolean {
  if (found.kind === "unknown") return false;
  if (found.kind === "file") {
    const target = found.target.replace(/^src\//, "");
    return row.may.some((entry) => {
      const prefix = entry.replace(" (types)", "");
      return target.startsWith(prefix) && (found.typeOnly || prefix === entry);
    });
  }
  return row.packages.some((entry) =>
    entry.endsWith("*")
      ? found.target.startsWith(entry.slice(0, -1)) && !ownedNodeModules.includes(found.target)
      : found.target === entry,
  );
}

function describe(row: ImportRow, found: Import): string {
  if (found.kind === "unknown") return "a computed import() cannot be checked: name the module";
  const typesWouldDo = !found.typeOnly && allowed(row, { ...found, typeOnly: true });
  const advice = typesWouldDo ? "import it with `import type`" : "not in the import table";
  return `src/${row.files} imports ${found.target}: ${advice}`;
}

/** It runs in browsers, too: nothing of Node, no package, nothing of the service. */
export const clientStandsAlone: Rule = (file) =>
  importsOf(file)
    .filter(({ target, kind }) => kind !== "file" || !target.startsWith("sdk/src/"))
    .map(
      ({ line, target }) =>
        `${file.path}:${line}: the client imports ${target}: nothing but itself`,
    );

export const domainIsPure: Rule = (file) =>
  places(
    file,
    file.code,
    /(?<![.\w$])(?:async|await|Date|Math\s*\.\s*random|process|performance|crypto)\b(?!\s*\??:)/g,
  ).map(
    (place) => `${place}: time, chance and waiting are not the domain's; take them as arguments`,
  );

export const environmentHasOneReader: Rule = (file) =>
  places(
    file,
    file.code,
    /\bprocess\s*\??\.\s*env\b|\bprocess\s*\[|\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b/g,
  ).map((place) => `${place}: only src/config.ts reads process.env; take the value as an argument`);

export function sizeRule(lines: { readonly source: number; readonly test: number }): Rule {
  return ({ path, text }) => {
    if (/^\/\/ Generated\b/.test(text)) return [];
    const most = /\.(?:test|contract)\.ts$/.test(path) ? lines.test : lines.source;
    const count = text.replace(/\n$/, "").split("\n").length;
    return count > most
      ? [`${path}: ${count} lines, at most ${most}: find the second idea in it`]
      : [];
  };
}

export const headerRule: Rule = ({ path, text, comments }) => {
  const opens = /^(?:#!.*\n\s*)?\/[/*]/.test(text);
  const first =
    comments
      .replace(/^#!.*/, "")
      .trim()
      .split(/\n\s*\n/)[0] ?? "";
  const words = first.match(/[\p{L}\d]+/gu) ?? [];
  return opens && words.length >= 5
    ? []
    : [`${path}: open with a short paragraph: what it promises, relies on, leaves to others`];
};

const emptyWords = ["service", "manager", "helper", "util", "base", "impl", "data", "info"];

/** Words at the end of a name that say nothing: what is a `FooManager` that a `Foo` is not? */
export const nameRule: Rule = (file) => {
  const folders = file.path.split("/");
  const inPath = folders.filter((name) => isEmpty(name.replace(/\.[\w.]+$/, "")));
  const inExports = exportsOf(file).filter(isEmpty);
  return [...inPath, ...inExports].map(
    (name) => `${file.path}: ${name} ends in a word that says nothing; name what it owns or does`,
  );
};

function isEmpty(name: string): boolean {
  const words = name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [];
  const last = words.at(-1)?.toLowerCase() ?? "";
  return emptyWords.some((word) => last === word || last === `${word}s`);
}

export const noAny: Rule = (file) =>
  places(
    file,
    file.code,
    /(?:[:<|&=]|,|\bas\b|\bextends\b)\s*any\b(?=\s*(?:[>[\],;)|&=}]|$))/gm,
  ).map((place) => `${place}: \`any\` switches the checker off; use \`unknown\` and narrow it`);

export const todoHasNumber: Rule = (file) =>
  places(file, file.comments, /\b(?:TODO(?!\(#\d+\))|FIXME|XXX)\b/g).map(
    (place) => `${place}: write TODO(#12) with the issue's number, or do it`,
  );

export const noBarrel: Rule = (file) => [
  ...(/(?:^|\/)index\.ts$/.test(file.path)
    ? [`${file.path}: no index files; import the file`]
    : []),
  ...places(file, file.code, /^export\s+(?:type\s+)?\*/gm).map(
    (place) => `${place}: no \`export *\`; import from the file that owns the name`,
  ),
];

const emptyCatch =
  /\bcatch\s*(?:\([^()]*\)\s*)?\{\s*\}|\.catch\(\s*(?:async\s*)?(?:\w+|\([^()]*\))\s*=>\s*\{\s*\}/g;

/** A catch that only says in a comment why nothing is to be done is not empty. */
export const noEmptyCatch: Rule = (file) =>
  places(file, withCommentsAsCode(file), emptyCatch).map(
    (place) =>
      `${place}: catch to translate, retry or add context, or say why nothing is to be done`,
  );

function withCommentsAsCode({ code, comments }: SourceFile): string {
  return Array.from(code, (char, index) => (char === " " ? (comments[index] ?? char) : char)).join(
    "",
  );
}

export const everyTestRuns: Rule = (file) =>
  places(file, file.code, /\.\s*(?:only|skip)\s*\(|\b(?:only|skip)\s*:\s*true\b/g).map(
    (place) => `${place}: no .only and no .skip; what needs a server is named *.pg.test.ts`,
  );

/** `npm run mutate` runs the unit tests itself, with these two (test/mutation/harness.ts). */
export const runsWithMutants: Rule = (file) =>
  importsOf(file)
    .filter(({ target, typeOnly }) => target === "node:test" && !typeOnly)
    .filter(({ clause }) => !/^\{\s*(?:(?:type \w+|describe|test),?\s*)+\}$/.test(clause))
    .map(({ line }) => `${file.path}:${line}: mutants are tried with describe and test only`);

export const noSleep: Rule = (file) =>
  [
    ...importsOf(file)
      .filter(({ target }) => target === "node:timers/promises")
      .map(({ line }) => `${file.path}:${line}`),
    ...places(file, file.code, /(?:(?<![.\w$])|\bglobalThis\.)setTimeout\s*\(/g),
  ].map((place) => `${place}: no sleeping in tests; wait for the condition (test/support)`);

/**
 * Two folders of adapters mirror each other: the same files, and each exports the same names. Files
 * and names (`path#name`) in `oneSided` belong to one of them by design. Without a second folder there is nothing to compare.
 */
export function mirrorProblems(
  left: readonly SourceFile[],
  right: readonly SourceFile[],
  oneSided: readonly string[],
): string[] {
  if (left.length === 0 || right.length === 0) return [];
  return [...missingIn(left, right, oneSided), ...missingIn(right, left, oneSided)];
}

function missingIn(
  from: readonly SourceFile[],
  to: readonly SourceFile[],
  oneSided: readonly string[],
): string[] {
  const twins = new Map(to.map((file) => [fileName(file), file]));
  return from.flatMap((file) => {
    if (oneSided.includes(file.path)) return [];
    const twin = twins.get(fileName(file));
    if (twin === undefined) return [`${file.path}: has no twin in the other adapter`];
    const names = new Set(exportsOf(twin));
    return exportsOf(file)
      .filter((name) => !names.has(name) && !oneSided.includes(`${file.path}#${name}`))
      .map((name) => `${twin.path}: does not export ${name}, as ${file.path} does`);
  });
}

function fileName({ path }: SourceFile): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
