// npm run dev: the service, started again whenever a file of it changes, and the console on a port of its own, where
// Vite puts each change into the open page. What the console asks for goes to the service.

import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

// Where the console's server finds the service.
const toService = { ONHAND_URL: `http://127.0.0.1:${process.env["PORT"] ?? 8080}` };
const programs = [
  { args: ["--watch", join(root, "src/cli/onhand.js"), "serve"], env: process.env },
  {
    args: [join(root, "node_modules/vite/bin/vite.js"), join(root, "console")],
    env: { ...toService, ...process.env },
  },
];
const children = programs.map(({ args, env }) =>
  spawn(process.execPath, args, { cwd: root, stdio: "inherit", env }),
);

// Both, or none: one that has ended has said why.
for (const child of children) {
  child.once("exit", (code) => {
    for (const other of children) other.kill();
    process.exitCode ||= code ?? 1;
  });
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
  });
}
