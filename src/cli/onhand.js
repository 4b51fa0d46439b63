// The entry. Before anything else is loaded it gives Node a folder for compiled modules, so that a start
// after the first neither strips types nor compiles again (measured: half of the time of loading; see
// docs/decisions/0009). Where the folder cannot be written, as on a read-only disk, nothing is kept.
// Not under the system's temporary folder, Node's own default: what lies there others may have put there.
//
// In JavaScript, because a TypeScript entry would have to be stripped before the folder is known.

import module from "node:module";
import { join } from "node:path";

const { enableCompileCache, flushCompileCache } = module;
if (Number(process.versions.node.split(".")[0]) < 26) {
  // The Node that is meant comes with the packages.
  console.error(
    `onhand: this is Node ${process.versions.node}. Run "npm ci" first, and then "npm start" or "npm run onhand"`,
  );
  process.exit(1);
}

const folder = join(import.meta.dirname, "../../node_modules/.cache/onhand");
// By the environment too: threads follow that alone.
process.env["NODE_COMPILE_CACHE"] ??= folder;
enableCompileCache(process.env["NODE_COMPILE_CACHE"]);

const { runCommandLine } = await import("./command-line.ts");
process.exitCode = await runCommandLine(process.argv.slice(2));
// A service runs for weeks and may end by kill -9: kept now, not at the exit.
flushCompileCache();
// A command that failed has closed what it opened. If something is left open all the same, whoever waits for
// the exit code (a supervisor, a deployment) must not wait for ever.
if (process.exitCode !== 0) setTimeout(() => process.exit(), 2_000).unref();
