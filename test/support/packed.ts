// The packages as their users get them: packed by npm, installed by an npm and run by a Node that are not this
// repository's, in a folder that has nothing else.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { must } from "../../src/lib/assert.ts";
import { newFolder } from "./instance.ts";
import { repositoryRoot } from "./source-tree.ts";

export interface Packed {
  /** The tarball. */
  readonly path: string;
  readonly bytes: number;
  readonly unpackedBytes: number;
  /** Paths in it, sorted. */
  readonly files: readonly string[];
}

/** The path of the machine: without the programs of this repository's packages, its Node among them. */
export const machinePath = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

/** Node as whoever installs the packages has it. */
export const machineNode = must(
  machinePath
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .find((path) => existsSync(path)),
  "the machine has a Node",
);

/** Nothing that npm has told the run of these tests, such as where the repository is. */
export const machineEnvironment: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      /^(?:npm_|NODE_)/i.test(name) || value === undefined ? [] : [[name, value]],
    ),
  ),
  PATH: machinePath,
};

/** Runs a program in `folder` to its end, and throws what it says if it fails. */
export function runIn(folder: string, program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    cwd: folder,
    env: machineEnvironment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Packs onhand, or the workspace of that name: from a copy, so that nothing that was built before gets into it. */
export function pack(workspace?: string): Packed {
  const [copy, folder] = [copyOfRepository(), newFolder()];
  linkPackages(copy);
  const of = workspace === undefined ? [] : ["--workspace", workspace];
  const args = [
    "pack",
    "--json",
    "--foreground-scripts=false",
    "--pack-destination",
    folder,
    ...of,
  ];
  // npm 11 and 12 differ: a list, or an object by name.
  const told: unknown = JSON.parse(runIn(copy, "npm", args));
  const [one] = Object.values(told as Record<string, Told>);
  const { filename, size, unpackedSize, files } = must(one, "npm says what it has packed");
  return {
    path: join(folder, filename),
    bytes: size,
    unpackedBytes: unpackedSize,
    files: files.map(({ path }) => path).sort(),
  };
}

/** What is tracked or could be: as a clone of it is, with nothing that was installed or built. */
export function copyOfRepository(): string {
  const copy = newFolder();
  const listed = runIn(repositoryRoot, "git", ["ls-files", "-co", "--exclude-standard"]);
  for (const path of listed.trim().split("\n")) {
    if (!existsSync(join(repositoryRoot, path))) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(repositoryRoot, path), join(copy, path));
  }
  return copy;
}

function linkPackages(copy: string): void {
  for (const folder of ["", "sdk", "console"]) {
    const there = join(repositoryRoot, folder, "node_modules");
    if (existsSync(there)) symlinkSync(there, join(copy, folder, "node_modules"));
  }
}

interface Told {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}
