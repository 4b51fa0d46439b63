// The service under a program that watches or hinders it: strace, a limit, a small file system. Otherwise as
// instance.ts has it: a process of its own in a folder of its own, ended with the test's process.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { must } from "../../src/lib/assert.ts";
import { type Environment, newFolder, program } from "./instance.ts";
import { said } from "./server.ts";
import { until } from "./until.ts";

export interface Watched {
  readonly url: string;
  readonly key: string;
  readonly pid: number;
  readonly folder: string;
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Its exit code, null for a signal: when it has ended, and whatever watched it has written all. */
  ended(): Promise<number | null>;
  hasEnded(): boolean;
}

/** Longer than anything takes on a busy machine. */
const patienceMs = 60_000;

const children = new Set<ChildProcess>();

process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Why tests that need strace cannot run here; false: they can, or they have to. */
export const noStrace: string | false =
  process.env["CI"] === "true" || canTrace()
    ? false
    : "strace is not on this machine or may not trace (apt-get install strace)";

/** In containers it may be there and not be allowed to. */
function canTrace(): boolean {
  return said("strace", ["-D", "-f", "--seccomp-bpf", "-o", "/dev/null", "echo", "traced"]) !== "";
}

/** strace as the words before a command: beside the process, which keeps its own id and its own parent. */
export function strace(...options: readonly string[]): readonly string[] {
  return ["strace", "-D", "-f", "--seccomp-bpf", ...options];
}

const mountScript = 'mkdir -p data && mount -t tmpfs -o size="$0" none data && exec "$@"';

/** As the words before a command: its data folder is a file system of its own, in memory, of so many bytes. */
export function smallDisk(bytes: number): readonly string[] {
  return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mountScript, `${bytes}`];
}

/** Why there is none here; false: there is. Many containers allow none, so it is never asked for. */
export const noSmallDisk: string | false =
  said("unshare", ["-rm", "sh", "-c", "mount -t tmpfs none /mnt && echo mounted"]) === "mounted"
    ? false
    : "this machine lets a test have no file system of its own";

/** A path as the process sees it, with what only it has mounted. */
export function seenBy({ pid }: Pick<Watched, "pid">, path: string): string {
  return join(`/proc/${pid}/root`, path);
}

export interface WatchedOptions {
  /** What comes before the command: it must become the service, or run beside it. */
  readonly under: readonly string[];
  readonly env?: Environment;
  readonly folder?: string;
}

/** A new folder by its real name, as system calls have it. */
export function newRealFolder(): string {
  return realpathSync(newFolder());
}

export async function startWatched(options: WatchedOptions): Promise<Watched> {
  const { under, env = {}, folder = newRealFolder() } = options;
  const [command = "", ...args] = [...under, process.execPath, program, "serve"];
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...passedOn(), PORT: "0", ONHAND_DEMO: "off", UV_USE_IO_URING: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  child.unref();
  let text = "";
  for (const pipe of [child.stdout, child.stderr]) {
    if (pipe instanceof Socket) pipe.unref();
    pipe.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
  }
  let code: number | null | undefined;
  const over = Promise.withResolvers<number | null>();
  child.once("error", over.reject);
  child.once("close", (status) => {
    children.delete(child);
    code = status;
    over.resolve(status);
  });
  const address = (): string | undefined => /Onhand is ready +(http:\S+)/.exec(text)?.[1];
  await until(() => address() !== undefined || code !== undefined, "it listens", patienceMs);
  const keyFile = join(folder, "data", "admin.key");
  const url = address();
  if (url === undefined) throw new Error(`the service did not start:\n${text}`);
  return {
    url,
    folder,
    key:
      env["ONHAND_ADMIN_KEY"] ?? (existsSync(keyFile) ? readFileSync(keyFile, "utf8").trim() : ""),
    pid: must(child.pid, "it has started"),
    output: () => text,
    signal: (name) => void child.kill(name),
    ended() {
      // The timer also keeps the test's process alive, which a child alone does not.
      const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
      return over.promise.finally(() => clearTimeout(timer));
    },
    hasEnded: () => code !== undefined,
  };
}

/** Runs one command of the command line under something, to its end. */
export function runWatched(
  under: readonly string[],
  folder: string,
  args: readonly string[],
): void {
  const [command = "", ...rest] = [...under, process.execPath, program, ...args];
  execFileSync(command, rest, { cwd: folder, env: passedOn(), stdio: "pipe", timeout: patienceMs });
}

function passedOn(): Environment {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME };
}
