// The names of all settings, as src/config.ts reads them: what a document or a deployment may name.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./source-tree.ts";

export function knownSettings(): ReadonlySet<string> {
  const source = ["src/config.ts", "src/config-database.ts", "src/config-tracing.ts"]
    .map((path) => readFileSync(join(repositoryRoot, path), "utf8"))
    .join("\n");
  const reading = /\bread\.\w+\(\s*"([A-Z][A-Z0-9_]*)"/g;
  return new Set(Array.from(source.matchAll(reading), ([, name = ""]) => name));
}
