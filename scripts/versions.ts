// The version of a release, where it stands and whether one may be made: the root's, the client's and the console's are
// one, the lockfile repeats them, and images and tarballs are named by it. A release is refused with every reason at once.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

const number = String.raw`\d+\.\d+\.\d+`;
/** The first of them is Onhand's own, in a manifest. */
const ofManifest = new RegExp(`(?<="version": ")${number}`);
const ofName = new RegExp(`(?<=\\bonhand[:-]|newTag: )${number}`, "g");

export const manifests = ["package.json", "sdk/package.json", "console/package.json"];
export const otherPlaces = [
  "Dockerfile",
  "compose.yaml",
  "deploy/k8s/kustomization.yaml",
  "docs/deployment.md",
  "README.md",
  "README.es.md",
];

export function versionIn(root: string, manifest = "package.json"): string {
  return JSON.parse(readFileSync(join(root, manifest), "utf8")).version;
}

/** Writes the version wherever it stands. */
export function setVersion(root: string, version: string): void {
  const rewrite = (path: string, change: (text: string) => string): void => {
    const text = readFileSync(join(root, path), "utf8");
    writeFileSync(join(root, path), change(text));
  };
  for (const path of manifests) rewrite(path, (text) => text.replace(ofManifest, version));
  for (const path of otherPlaces) rewrite(path, (text) => text.replace(ofName, version));
  rewrite("package-lock.json", (text) => {
    const lock = JSON.parse(text);
    for (const own of [lock, ...ownPaths.map((path) => lock.packages[path])]) own.version = version;
    return `${JSON.stringify(lock, null, 2)}\n`;
  });
}

/** Why `version` may not be released from this folder; none of it asks a registry. */
export function releaseProblems(root: string, version: string): string[] {
  if (!new RegExp(`^${number}$`).test(version)) {
    return [`a version is three numbers, such as 1.2.0, and not "${version}"`];
  }
  return [
    ...treeProblems(root),
    ...versionProblems(root, version),
    ...changelogProblems(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version),
    ...lockfileProblems(root),
  ];
}

function treeProblems(root: string): string[] {
  const changed = said(root, "git", ["status", "--porcelain"]).trim();
  return changed === "" ? [] : [`the work tree is not clean:\n${changed}`];
}

function versionProblems(root: string, version: string): string[] {
  const problems = manifests
    .filter((path) => versionIn(root, path) !== versionIn(root))
    .map((path) => `${path} is ${versionIn(root, path)}, and package.json ${versionIn(root)}`);
  const tags = said(root, "git", ["tag", "--list", "v*"]).split("\n");
  const released = tags.map((tag) => tag.slice(1)).filter((tag) => /^\d/.test(tag));
  for (const earlier of released.filter((one) => !isGreater(version, one))) {
    problems.push(`${version} is not greater than ${earlier}, which is released`);
  }
  if (isGreater(versionIn(root), version)) {
    problems.push(`${version} is not greater than ${versionIn(root)} in package.json`);
  }
  return problems;
}

/** What is new comes first, with its day. */
function changelogProblems(text: string, version: string): string[] {
  const [, first = "nothing"] = /^## (.+)$/m.exec(text) ?? [];
  const isDated = new RegExp(`^${version.replaceAll(".", "\\.")} \\(\\d{4}-\\d\\d-\\d\\d\\)$`);
  return isDated.test(first)
    ? []
    : [`CHANGELOG.md begins with "${first}", and not with "${version} (<its day>)"`];
}

/** It repeats what the manifests ask for; that the rest of it fits is for `npm ci` to say, which CI begins with. */
function lockfileProblems(root: string): string[] {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const versions = [lock, ...ownPaths.map((path) => lock.packages[path])];
  const isBehind = versions.some((entry) => entry?.version !== versionIn(root));
  const differing = manifests.flatMap((path, index) => {
    const manifest = JSON.parse(readFileSync(join(root, path), "utf8"));
    const locked = lock.packages[ownPaths[index] ?? ""] ?? {};
    return repeated
      .filter((field) => !isDeepStrictEqual(manifest[field], locked[field]))
      .map((field) => `package-lock.json has other ${field} than ${path}: npm install`);
  });
  return [
    ...(isBehind ? ["package-lock.json has another version: npm install"] : []),
    ...differing,
  ];
}

const repeated = ["dependencies", "devDependencies", "optionalDependencies", "workspaces", "bin"];
/** Of the manifests, as the lockfile names them. */
const ownPaths = manifests.map((path) => path.replace(/\/?package\.json$/, ""));

function isGreater(left: string, right: string): boolean {
  const [a, b] = [left, right].map((one) => one.split(".").map(Number)) as [number[], number[]];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at !== -1 && (a[at] ?? 0) > (b[at] ?? 0);
}

/** What a program answers; throws what it says if it fails. */
export function said(root: string, program: string, args: readonly string[]): string {
  const shell = process.platform === "win32"; // npm is a command file there
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    shell,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}
