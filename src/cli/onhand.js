#!/usr/bin/env node
// The entry. An older Node hands over to the one that is meant, which comes with the packages (right-node.js).
//
// Before anything else is loaded it gives Node a folder for compiled modules, so that a start
// after the first neither strips types nor compiles again (measured: half of the time of loading; see
// docs/decisions/0009). Where the folder cannot be written, as on a read-only disk, nothing is kept.
// Not under the system's temporary folder, Node's own default: what lies there others may have put there.
//
// In JavaScript, because a TypeScript entry would have to be stripped before the folder is known, and because an
// older Node must be able to read it.

import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const major = 26;
const here = fileURLToPath(import.meta.url);
const args = process.argv.slice(2);
if (Number.parseInt(process.versions.node, 10) >= major) {
  await run();
} else {
  const { runByNode } = await import("./right-node.js");
  runByNode(major, here, args);
}

async function run() {
  const folder = join(dirname(here), "../../node_modules/.cache/onhand");
  // By the environment too: threads follow that alone.
  process.env["NODE_COMPILE_CACHE"] ??= folder;
  module.enableCompileCache(process.env["NODE_COMPILE_CACHE"]);

  const { runCommandLine } = await import("./command-line.ts");
  process.exitCode = await runCommandLine(args);
  // A service runs for weeks and may end by kill -9: kept now, not at the exit.
  module.flushCompileCache();
  // A command that failed has closed what it opened. If something is left open all the same, whoever waits for
  // the exit code (a supervisor, a deployment) must not wait for ever.
  if (process.exitCode !== 0) setTimeout(() => process.exit(), 2_000).unref();
}
