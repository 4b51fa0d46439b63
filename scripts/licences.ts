// Which licences may come with Onhand: what is installed with it or is in its console binds its users, so only
// permissive ones; what only builds and tests it may have more, and never leaves the machine. By the licence that
// each package names in the lockfile, as an SPDX expression; a package that names none is refused too.
//
//   node scripts/licences.ts        a step of npm run check

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import satisfies from "spdx-satisfies";
import { type Bundled, bundledInConsole } from "./bill-of-materials.ts";

/** Use, change and pass on, with a notice at most. */
const permissive = [
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
];
/** Of tools also: where only changes of their own files, or their texts, have conditions. */
const ofTools = [...permissive, "CC-BY-3.0", "CC-BY-4.0", "MPL-2.0", "Python-2.0"];

export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  /** Only with the development dependencies. */
  readonly dev?: boolean;
  /** Another entry, a folder of this repository, is meant. */
  readonly link?: boolean;
}

/** What is not allowed, a line each. `locked`: the packages of package-lock.json, by their folder. */
export function licenceProblems(
  locked: Readonly<Record<string, LockedPackage>>,
  bundled: readonly Bundled[],
): string[] {
  const installed = Object.entries(locked)
    .filter(([path, { link }]) => path.includes("node_modules/") && link !== true)
    .map(([path, { license, version, dev }]) => ({
      name: `${path.split("node_modules/").at(-1)}@${version}`,
      licence: license ?? null,
      where: dev === true ? "builds or tests it" : "is installed with it",
      allowed: dev === true ? ofTools : permissive,
    }));
  const inConsole = bundled.map(({ name, version, identifier }) => ({
    name: `${name}@${version}`,
    licence: identifier,
    where: "is in the console",
    allowed: permissive,
  }));
  return [...installed, ...inConsole]
    .filter(({ licence, allowed }) => licence === null || !isAllowed(licence, allowed))
    .map(({ name, licence, where }) => `${name} ${where}, and its licence is ${licence ?? "none"}`);
}

function isAllowed(expression: string, allowed: string[]): boolean {
  try {
    return satisfies(expression, allowed);
  } catch {
    // No SPDX expression, such as "SEE LICENSE IN …": somebody has to read it.
    return false;
  }
}

if (import.meta.main) {
  const root = dirname(import.meta.dirname);
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const isBuilt = existsSync(join(root, "console/dist/licenses.json"));
  const problems = isBuilt
    ? licenceProblems(packages, bundledInConsole(root))
    : ["the console is not built, and so what is in it not known: npm run build"];
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
