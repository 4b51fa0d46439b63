// The image that the Dockerfile describes, as a folder: without Docker, by its own COPY and RUN instructions, from
// the files that its builder would be given. Two things differ. The packages that build the console are those that
// npm ci has put into this repository, linked, because installing them a second time takes minutes. And Node is a
// copy of the one that runs the tests, of which dockerfile.test.ts says that its version is the base image's.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { must } from "../../src/lib/assert.ts";
import { textOf } from "./deployment.ts";
import { copyOf, environmentOf, givenBy, instructionsIn, lastOf, stagesIn } from "./dockerfile.ts";
import { newFolder } from "./instance.ts";
import { repositoryRoot } from "./source-tree.ts";

export interface Image {
  /** The root of its file system. */
  readonly root: string;
  /** The folder that it starts in, and the folder of its Node. */
  readonly app: string;
  readonly bin: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  /** Lets it be deleted. */
  close(): void;
}

export function buildImage(): Image {
  const stages = stagesIn(instructionsIn(textOf("Dockerfile")));
  const isGiven = givenBy(textOf(".dockerignore"));
  const roots = new Map<string, string>();
  let root = "";
  let app = "";
  for (const { name, instructions } of stages) {
    root = newFolder();
    app = root;
    roots.set(name ?? "", root);
    for (const { word, rest } of instructions) {
      if (word === "WORKDIR") {
        app = join(root, rest);
        mkdirSync(app, { recursive: true });
      }
      if (word === "RUN") run(rest, app);
      if (word !== "COPY") continue;
      const { from, sources, target } = copyOf(rest);
      const origin = from === null ? repositoryRoot : must(roots.get(from), `a stage ${from}`);
      for (const source of sources) {
        const isFolder = target.endsWith("/");
        const name = source.split("/").at(-1) ?? "";
        cpSync(join(origin, source), join(app, target, isFolder ? name : ""), {
          recursive: true,
          // Links of packages to each other stay what they are.
          verbatimSymlinks: true,
          filter: (path) => from !== null || isGiven(path.slice(origin.length + 1)),
        });
      }
    }
  }
  const last = stages.at(-1)?.instructions ?? [];
  const bin = join(root, "usr/bin");
  mkdirSync(bin, { recursive: true });
  cpSync(process.execPath, join(bin, "node"), { dereference: true });
  execFileSync("chmod", ["-R", "a-w,a+rX", root]);
  const words = (text: string | null): string[] => JSON.parse(must(text, "it is there"));
  return {
    root,
    app,
    bin,
    environment: environmentOf(last),
    command: words(lastOf(last, "CMD")),
    healthcheck: words(/\[.*\]$/.exec(lastOf(last, "HEALTHCHECK") ?? "")?.[0] ?? null),
    close: () => void execFileSync("chmod", ["-R", "u+w", root]),
  };
}

function run(command: string, app: string): void {
  // Of root in a real image; here the data are elsewhere.
  if (command.startsWith("install -d")) return;
  if (command !== "npm ci") {
    assert.match(command, /^npm ci /);
    execFileSync("sh", ["-c", `${command} --prefer-offline`], { cwd: app, stdio: "pipe" });
    return;
  }
  for (const folder of ["", "sdk", "console"]) {
    const there = join(repositoryRoot, folder, "node_modules");
    if (existsSync(there)) symlinkSync(there, join(app, folder, "node_modules"));
  }
  for (const script of ["sdk/build.mjs", "scripts/build-console.mjs"]) {
    execFileSync(process.execPath, [script], { cwd: app, stdio: "pipe" });
  }
}
