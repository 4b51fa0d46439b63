// Which Node runs Onhand, whatever Node was asked to: Node 26 comes as a package for each platform
// (optionalDependencies), of which npm installs the one that fits. Its program runs the same file with the same
// arguments, input, output and environment; signals are passed on, and its end is this one's. Where none fits, what
// to do is said.
//
// Plain JavaScript without dependencies, for whichever Node comes along. That a second process stays beside the
// service is the price: process.execve, which would replace this one, is not in Node 20. A supervisor therefore
// starts the right Node itself (docs/deployment.md).

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** Runs `file` by a Node of this major version or a newer one, and ends as it ends. */
export function runByNode(major, file, args) {
  const node = programOfPackages(major);
  if (node === null) {
    giveUp(major, `no package with it fits ${platform()}, or none was installed`);
    return;
  }
  const child = spawn(node, [file, ...args], { stdio: "inherit" });
  const signals = ["SIGTERM", "SIGINT", "SIGHUP"];
  // At Ctrl-C the terminal sends one too: more of them change nothing there.
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  // For a system without the C library that it was built for, for example.
  child.on("error", (error) => giveUp(major, `${node} does not start here: ${error.message}`));
  child.on("exit", (code, signal) => {
    for (const one of signals) process.removeAllListeners(one);
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}

/** The program in the package that fits this machine; null: there is none. */
function programOfPackages(major) {
  const { optionalDependencies } = JSON.parse(
    readFileSync(require.resolve("../../package.json"), "utf8"),
  );
  for (const name of Object.keys(optionalDependencies)) {
    const path = manifestPath(name);
    if (path === null) continue;
    const { bin = {}, os, cpu, version } = JSON.parse(readFileSync(path, "utf8"));
    if (!bin.node || Number.parseInt(version, 10) < major || `${os}-${cpu}` !== platform())
      continue;
    const program = join(dirname(path), bin.node);
    if (existsSync(program)) return program;
  }
  return null;
}

function manifestPath(name) {
  try {
    return require.resolve(`${name}/package.json`);
  } catch (error) {
    if (error.code === "MODULE_NOT_FOUND") return null; // of another platform
    throw error;
  }
}

function platform() {
  return `${process.platform}-${process.arch}`;
}

function giveUp(major, reason) {
  process.stderr.write(
    [
      `onhand: this is Node ${process.versions.node}, and Onhand runs on Node ${major} or newer: ${reason}.`,
      "onhand: Install again with the optional packages (in the repository `npm ci`, elsewhere",
      "onhand: `npm install --include=optional onhand`), or install Node",
      `onhand: ${major} yourself, so that \`node --version\` says v${major} or more.`,
      "",
    ].join("\n"),
  );
  process.exitCode = 1;
}
