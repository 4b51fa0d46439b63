// The files of a package as its manifest lists them, without asking npm, which takes seconds: what `files` names and is
// there, and what npm packs in any case. test/package holds it to what npm really packs.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./source-tree.ts";

/** Paths within the package, sorted; `folder` is where its manifest is, from the root. */
export function filesListedIn(folder: string): string[] {
  const cwd = join(repositoryRoot, folder);
  const manifest: { files: string[] } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
  const patterns = manifest.files.flatMap((one) => [one, `${one}/**`]);
  return globSync(["package.json", "README*", "LICENSE*", ...patterns], {
    cwd,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cwd.length).replaceAll("\\", "/"))
    .map((path) => path.replace(/^\//, ""))
    .sort();
}
