// The code base as text: which source files there are, what each one imports and exports, and what
// is code, comment or string in it. For the rules in test/tidy.test.ts.
//
// A scanner of about sixty lines and a few regular expressions, not a parser: rules need words and
// import statements, and no dependency is worth having for that. It is right about comments,
// strings, nested templates and regular expressions as a formatter leaves them; it knows no JSX.

import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface SourceFile {
  /** Path from the repository's root, with forward slashes. */
  readonly path: string;
  /** The text as it is. */
  readonly text: string;
  /** The text with comments and the insides of strings blanked; same length, same lines. */
  readonly code: string;
  /** The text with everything but comments blanked; same length, same lines. */
  readonly comments: string;
}

export interface Import {
  /** A path from the root (`src/lib/clock.ts`), the name of a package, or `node:…`. */
  readonly target: string;
  readonly kind: "file" | "package" | "node" | "unknown";
  readonly typeOnly: boolean;
  /** The text between `import` and `from`; empty for other forms. */
  readonly clause: string;
  readonly line: number;
}

const sourcePattern = "{src,test,sim,bench,scripts,examples,sdk}/**/*.{ts,mts}";

/** Every TypeScript file of the repository (the console has its own tools), sorted by path. */
export function sourceFiles(root: string = repositoryRoot): SourceFile[] {
  const paths = globSync(sourcePattern, { cwd: root, exclude: ["**/node_modules", "**/dist"] });
  return paths
    .map((path) => path.replaceAll("\\", "/"))
    .sort()
    .map((path) => sourceFile(path, readFileSync(join(root, path), "utf8")));
}

export function sourceFile(path: string, text: string): SourceFile {
  const { code, comments } = scan(text);
  return { path, text, code, comments };
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** Where `pattern` (with the g flag) occurs in `text`, as `path:line`. */
export function places(file: SourceFile, text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ({ index }) => `${file.path}:${lineAt(text, index)}`);
}

// Statement forms are searched in `code`, where no string or comment can look like one; the module's
// name is then read from `text` at the same place.
const importForms = [
  /^[ \t]*(?:import|export)\s+(?<type>type\s+)?(?:(?<clause>[\w$*{},\s]+?)\s*from\s*)?["']/gm,
  /\bimport\s*\(\s*["'`]?/g,
  /\bnew URL\(\s*["'](?=[^"']*["']\s*,\s*import\.meta\.url\b)/g,
];

export function importsOf(file: SourceFile): Import[] {
  return importForms
    .flatMap((form) => Array.from(file.code.matchAll(form), (match) => importAt(file, match)))
    .filter((found) => found !== undefined);
}

function importAt(file: SourceFile, match: RegExpExecArray): Import | undefined {
  const line = lineAt(file.text, match.index + match[0].search(/\S/));
  const clause = match.groups?.["clause"] ?? "";
  const typeOnly = match.groups?.["type"] !== undefined;
  const start = match.index + match[0].length;
  const [specifier] = /^[^"'`]*/.exec(file.text.slice(start)) ?? [""];
  const rest = { typeOnly, clause, line };

  if (!/["']$/.test(match[0])) return { target: "import(…)", kind: "unknown", ...rest };
  if (specifier.startsWith(".")) {
    // A worker's file is named by URL; other files named so (SQL, HTML) are not code.
    if (match[0].startsWith("new URL") && !/\.m?ts$/.test(specifier)) return undefined;
    return { target: posix.join(posix.dirname(file.path), specifier), kind: "file", ...rest };
  }
  if (isBuiltin(specifier)) {
    const target = specifier.startsWith("node:") ? specifier : `node:${specifier}`;
    return { target, kind: "node", ...rest };
  }
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return { target: name, kind: "package", ...rest };
}

const exportedDeclaration =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\s*\*?|const|let|var|class|interface|type|enum|namespace)\s+(?<name>[\w$]+)/gm;
const exportedList = /^export\s+(?:type\s+)?\{(?<list>[^}]*)\}/gm;

/** The names that a file exports, sorted. `export *` counts as the name `*`. */
export function exportsOf(file: SourceFile): string[] {
  const declared = Array.from(file.code.matchAll(exportedDeclaration), (m) => m.groups?.["name"]);
  const listed = Array.from(file.code.matchAll(exportedList), (m) => m.groups?.["list"] ?? "")
    .flatMap((list) => list.split(","))
    .map((item) => item.trim().split(/\s+/).at(-1));
  const special = [
    /^export\s+default\b/m.test(file.code) ? "default" : undefined,
    /^export\s+(?:type\s+)?\*/m.test(file.code) ? "*" : undefined,
  ];
  return [...declared, ...listed, ...special]
    .filter((name): name is string => name !== undefined && name !== "")
    .sort();
}

type Kind = "code" | "comment" | "string";

/** Splits a text into code, comments and the insides of strings. */
function scan(text: string): { code: string; comments: string } {
  const kinds: { kind: Kind; from: number; to: number }[] = [];
  // One number for each `${` that is open: how many braces are open inside it.
  const templates: number[] = [];
  let at = 0;

  const take = (kind: Kind, pattern: RegExp): void => {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length ?? 1;
    kinds.push({ kind, from: at, to: at + length });
    at += length;
  };
  const takeTemplate = (): void => {
    take("code", /[`}]/y);
    take("string", /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*/y);
    if (text.startsWith("${", at)) {
      templates.push(0);
      take("code", /\$\{/y);
    } else {
      take("code", /`/y);
    }
  };

  while (at < text.length) {
    const char = text.charAt(at);
    if (text.startsWith("//", at) || (at === 0 && text.startsWith("#!"))) take("comment", /.*/y);
    else if (text.startsWith("/*", at)) take("comment", /\/\*[\s\S]*?(?:\*\/|$)/y);
    else if (char === "/" && regexMayStart(text, at)) take("string", regexLiteral);
    else if (char === '"' || char === "'") {
      take("code", /["']/y);
      take("string", char === '"' ? /(?:\\[\s\S]|[^"\\\n])*/y : /(?:\\[\s\S]|[^'\\\n])*/y);
      take("code", /["']/y);
    } else if (char === "`") takeTemplate();
    else if (char === "}" && templates.at(-1) === 0) {
      templates.pop();
      takeTemplate();
    } else {
      const open = templates.length - 1;
      if (open >= 0 && char === "{") templates[open] = (templates[open] ?? 0) + 1;
      if (open >= 0 && char === "}") templates[open] = (templates[open] ?? 0) - 1;
      take("code", /[\w$\s]+|[\s\S]/y);
    }
  }
  return { code: only(text, kinds, "code"), comments: only(text, kinds, "comment") };
}

const regexLiteral = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;

/** A slash divides after a value and starts a regular expression after anything else. */
function regexMayStart(text: string, at: number): boolean {
  regexLiteral.lastIndex = at;
  if (!regexLiteral.test(text)) return false;
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  return /(?:^|[^\w$)\]}"'`]|\b(?:return|typeof|case|in|of|await|yield|else))$/.test(before);
}

function only(
  text: string,
  parts: readonly { kind: Kind; from: number; to: number }[],
  kept: Kind,
): string {
  return parts
    .map(({ kind, from, to }) => {
      const part = text.slice(from, to);
      return kind === kept ? part : part.replace(/[^\n]/g, " ");
    })
    .join("");
}
