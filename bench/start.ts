// From the start of the program to its first answer, on a new data folder each time: by itself, and by way
// of npm. node bench/start.ts [starts]

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../src/lib/assert.ts";
import { freePort } from "../test/support/free-port.ts";

const starts = Number(process.argv[2] ?? 5);
const root = join(import.meta.dirname, "..");

/** Milliseconds until the first byte of the first answer. */
async function start(command: readonly [string, ...string[]]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "onhand-start-"));
  const port = await freePort();
  const startedAt = performance.now();
  // In a group of its own: npm does not pass signals on.
  const child = spawn(command[0], command.slice(1), {
    cwd: root,
    env: { ...process.env, PORT: String(port), ONHAND_DATA_DIR: folder },
    stdio: "ignore",
    detached: true,
  });
  while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 5));
  const ms = performance.now() - startedAt;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-must(child.pid, "it was started"), "SIGTERM");
  await ended;
  while (await answers(port)) await new Promise((resolve) => setTimeout(resolve, 50));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return ms;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () =>
      socket.write("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    );
    socket.on("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

for (const command of [
  [process.execPath, "src/cli/onhand.js", "serve"],
  ["npm", "start"],
] as const) {
  const times: number[] = [];
  for (let count = 0; count < starts; count += 1) times.push(await start(command));
  times.sort((a, b) => a - b);
  const name = command[0] === "npm" ? "npm start" : "the program";
  const said = times.map((ms) => Math.round(ms)).join(" ");
  process.stdout.write(
    `${name.padEnd(12)} first answer after ${Math.round(must(times[starts >> 1], "a start"))} ms (${said})\n`,
  );
}
