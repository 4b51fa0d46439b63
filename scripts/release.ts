// Makes a release ready, and publishes nothing: refuses where something is stale or unclean or fails, sets the version,
// packs both packages, and says what is left to do. docs/releasing.md is the way.
//
//   npm run release -- 1.2.0        release/: two tarballs, the bill of materials, their checksums

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { releaseProblems, said, setVersion } from "./versions.ts";

const root = dirname(import.meta.dirname);
const target = join(root, "release");
/** In this order: what is checked, licences of the console among it, is what was built just now. */
const steps = [["run", "build"], ["run", "check"], ["test"]];
const [version = "", ...rest] = process.argv.slice(2);
process.exitCode = rest.length > 0 ? refuse(["one version, and nothing else"]) : release();

function release(): number {
  const problems = releaseProblems(root, version);
  if (problems.length > 0) return refuse(problems);
  const failing = steps.find((args) => !succeeds(args));
  if (failing !== undefined) return refuse([`npm ${failing.join(" ")} fails`]);

  setVersion(root, version);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  for (const which of [[], ["--workspace", "sdk"]]) {
    said(root, "npm", ["pack", "--pack-destination", target, ...which]);
  }
  copyFileSync(join(root, "dist/onhand.cdx.json"), join(target, `onhand-${version}.cdx.json`));
  const files = readdirSync(target).sort();
  const sums = files.map((name) => `${sha256(readFileSync(join(target, name)))}  ${name}\n`);
  writeFileSync(join(target, "SHA256SUMS"), sums.join(""));
  process.stdout.write(`\n${sums.join("")}\n${left(version)}`);
  return 0;
}

function succeeds(args: readonly string[]): boolean {
  const shell = process.platform === "win32"; // npm is a command file there
  const { status, error } = spawnSync("npm", args, { cwd: root, stdio: "inherit", shell });
  if (error) throw error;
  return status === 0;
}

function left(to: string): string {
  return `Onhand ${to} is in release/, and nothing is published. Once .ci/run has passed with it:

  git commit --all --message "Release ${to}" && git tag --annotate v${to} --message "Onhand ${to}"
  git push --follow-tags
  npm publish --access public ./release/onhand-client-${to}.tgz
  npm publish ./release/onhand-${to}.tgz
  docker build -t onhand:${to} . && docker push …

Not wanted after all: git restore .
`;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function refuse(reasons: readonly string[]): number {
  for (const reason of reasons) process.stderr.write(`release: ${reason}\n`);
  return 1;
}
