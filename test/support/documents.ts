// The Markdown documents of the repository, taken apart as far as tests need it: links, tables, fenced
// blocks, code spans, sections. Written for documents as they are written here, not for all of Markdown.

import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { repositoryRoot } from "./source-tree.ts";

export interface Document {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Fence {
  readonly language: string;
  readonly text: string;
}

export function documents(): Document[] {
  return globSync(["*.md", "bench/*.md", "sim/*.md", "sdk/*.md", "docs/**/*.md"], {
    cwd: repositoryRoot,
  })
    .map((path) => path.replaceAll("\\", "/"))
    .sort()
    .map(document);
}

export function document(path: string): Document {
  return { path, text: readFileSync(join(repositoryRoot, path), "utf8") };
}

const fencePattern = /^```(\w*)\n(.*?)^```$/gms;

export function fencesIn(text: string): Fence[] {
  return Array.from(text.matchAll(fencePattern), ([, language = "", inside = ""]) => ({
    language,
    text: inside,
  }));
}

function prose(text: string): string {
  return text.replace(fencePattern, "");
}

/** What stands between backticks, outside of fenced blocks. */
export function codeSpansIn(text: string): string[] {
  return Array.from(prose(text).matchAll(/`([^`\n]+)`/g), ([, span = ""]) => span);
}

/** The cells of every row of every table, without heads and rulers. */
export function tableRowsIn(text: string): string[][] {
  return tablesIn(text).flatMap(({ rows }) => rows);
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: string[][];
}

export function tablesIn(text: string): Table[] {
  return Array.from(prose(text).matchAll(/(?:^\|.*\|$\n?)+/gm), ([lines]) => {
    const [head = [], , ...rows] = lines.trim().split("\n").map(cellsOf);
    return { head, rows };
  });
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());
}

/** The text under a heading, up to the next one of its level or above. */
export function sectionOf(text: string, heading: string): string {
  const level = heading.split(" ")[0]?.length ?? 0;
  const from = text.indexOf(`\n${heading}\n`);
  if (from === -1) throw new Error(`there is no section "${heading}"`);
  const rest = text.slice(from + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level}} `, "m"));
  return end === -1 ? rest : rest.slice(0, end);
}

export interface Link {
  /** From the root; the document itself where the link is an anchor only. */
  readonly target: string;
  readonly anchor: string | null;
}

/** Links to other files and headings; addresses of the web are left out. */
export function relativeLinksIn({ path, text }: Document): Link[] {
  return Array.from(prose(text).matchAll(/\]\(([^)\s]+)\)/g), ([, href = ""]) => href)
    .filter((href) => !/^[a-z]+:/.test(href))
    .map((href) => {
      const [file = "", anchor = null] = href.split("#");
      const target = file === "" ? path : posix.normalize(posix.join(dirname(path), file));
      return { target, anchor };
    });
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(text: string): string[] {
  return Array.from(prose(text).matchAll(/^#{1,6} (.*)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}
