// Servers that tests start for themselves: a folder of their own, an account that is not root's, and an end
// whatever happens. A small shell beside each server waits for the end of the test's process, by the end of a
// pipe between them; so also where that is killed, no server and no folder stays behind.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../../src/lib/assert.ts";
import { until } from "./until.ts";

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Whom a server runs as that refuses to run as root; null: whoever runs the tests. */
export const account: Account | null = process.getuid?.() === 0 ? unprivileged() : null;

export interface ServerFolder {
  readonly path: string;
  /** What servers in it have said. */
  log(): string;
  close(): void;
}

export interface Server {
  readonly pid: number;
  /** How it ended, or null while it runs. */
  exit(): string | null;
  signal(name: NodeJS.Signals): void;
  /** Asks it to end, and ends it after a patience. */
  end(signal: NodeJS.Signals, patienceMs?: number): Promise<void>;
}

export interface ServerHome extends ServerFolder {
  start(program: string, args: readonly string[]): Server;
  /** Runs one of its tools to the end, and throws what that says. */
  run(program: string, args: readonly string[]): string;
}

// Its last word is the process to end, 0 for none.
const guardScript = `
trap '' INT TERM HUP
pid=0
while read -r line; do pid=$line; done
if [ "$pid" != 0 ]; then
  kill -QUIT "$pid"; kill -CONT "$pid"; n=0
  while kill -0 "$pid" && [ $n -lt 80 ]; do sleep 0.1; n=$((n + 1)); done
  kill -KILL "$pid"
fi 2>/dev/null
rm -rf -- "$1"`;

/** A new folder in which servers may write, and what is started in it. */
export function openHome(name: string): ServerHome {
  const path = mkdtempSync(join(tmpdir(), `onhand-${name}-`));
  chmodSync(path, 0o700);
  if (account !== null) chownSync(path, account.uid, account.gid);
  const logPath = join(path, "server.log");
  const guard = spawn("sh", ["-c", guardScript, "sh", path], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  const pipe = must(guard.stdin, "the guard listens");
  if (pipe instanceof Socket) pipe.unref();
  pipe.on("error", () => undefined);
  const watch = (pid: number): void => void pipe.write(`${pid}\n`);
  const options = { cwd: path, ...account, env: { PATH: process.env["PATH"], LC_ALL: "C" } };
  return {
    path,
    log: () => readFileSync(logPath, "utf8"),
    start(program, args) {
      const output = openSync(logPath, "a");
      const child = spawn(program, args, {
        ...options,
        stdio: ["ignore", output, output],
        detached: true,
      });
      return serverOf(child, watch);
    },
    run: (program, args) =>
      execFileSync(program, args, { ...options, encoding: "utf8", stdio: "pipe" }),
    close() {
      pipe.end();
      rmSync(path, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function serverOf(child: ChildProcess, watch: (pid: number) => void): Server {
  const pid = must(child.pid, `${child.spawnfile} starts`);
  let exit: string | null = null;
  watch(pid);
  child.unref();
  child.once("exit", (code, signal) => {
    exit = signal ?? `code ${code}`;
    watch(0);
  });
  return {
    pid,
    exit: () => exit,
    signal: (name) => void child.kill(name),
    async end(signal, patienceMs = 10_000) {
      if (exit !== null) return;
      child.kill(signal);
      const kill = setTimeout(() => child.kill("SIGKILL"), patienceMs);
      await until(() => exit !== null, "the server has ended", 2 * patienceMs);
      clearTimeout(kill);
    },
  };
}

function unprivileged(): Account {
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((what) => Number(said("id", [what, name])));
    if (uid !== undefined && gid !== undefined && uid > 0) return { uid, gid };
  }
  throw new Error("there is no account postgres or nobody to run servers as");
}

/** What a program says, "" where there is none or it fails. */
export function said(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    // Not there: whoever asks decides what that means.
    return "";
  }
}
