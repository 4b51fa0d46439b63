// The service as its users have it: a process of its own, started from the command line in a folder of
// its own, on a port that the system chose. Nothing of the environment that the tests run in reaches it
// but the path, the home and the time zone. Whatever a test leaves behind is ended and deleted when the
// test's own process ends.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "./source-tree.ts";
import { until } from "./until.ts";

export type Environment = Readonly<Record<string, string>>;

export interface InstanceOptions {
  readonly env?: Environment;
  /** Where it runs: its database is data/inventory.db in there. Without it: a new folder. */
  readonly folder?: string;
}

/** How a process ended. */
export interface Exit {
  /** null: by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the request to stop, or from the start, to the end. */
  readonly ms: number;
}

export interface Instance {
  readonly url: string;
  /** The admin key of its folder, or the one from the environment. */
  readonly key: string;
  readonly pid: number;
  readonly folder: string;
  /** The database file, where the environment names no other. */
  readonly database: string;
  /** All that it has said so far: its log, and its words to the operator. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Asks it to end, as a supervisor does, and waits. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
  /** Ends it at once, as a crash does, now or after so many ms, and waits until it is gone. */
  kill(afterMs?: number): Promise<void>;
  /** Waits until it ends by itself, or by a signal that was sent. */
  ended(): Promise<Exit>;
}

/** The program that every npm script runs. */
export const program = join(repositoryRoot, "src/cli/onhand.js");

/** Longer than any of them takes on a busy machine; a program that hangs is ended and fails its test. */
const patienceMs = 110_000;

const children = new Set<ChildProcess>();
const folders: string[] = [];

process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Deleted at the end of the run. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "onhand-service-"));
  folders.push(folder);
  return folder;
}

export async function startInstance(options: InstanceOptions = {}): Promise<Instance> {
  const { env = {}, folder = newFolder() } = options;
  const run = start([program, "serve"], folder, { PORT: "0", ...env });
  // The banner is written once it listens, and says where.
  const address = (): string | undefined =>
    /Onhand is ready +(http:\S+)/.exec(run.stderr())?.[1] ?? undefined;
  await until(() => address() !== undefined || run.isOver(), "the service listens", patienceMs);
  const url = address();
  if (url === undefined) {
    throw new Error(`the service did not start:\n${run.stderr()}${run.stdout()}`);
  }
  await until(() => isReady(url), "the service is ready", patienceMs);
  const keyFile = join(folder, "data", "admin.key");
  return {
    url,
    folder,
    pid: run.pid,
    key: env["ONHAND_ADMIN_KEY"] ?? (existsSync(keyFile) ? textOf(keyFile) : ""),
    database: join(folder, "data", "inventory.db"),
    output: () => run.stdout() + run.stderr(),
    signal: run.signal,
    ended: () => run.ended(performance.now()),
    stop(signal = "SIGTERM") {
      const askedAt = performance.now();
      run.signal(signal);
      return run.ended(askedAt);
    },
    async kill(afterMs = 0) {
      setTimeout(() => run.signal("SIGKILL"), afterMs);
      await run.ended(performance.now());
    },
  };
}

/** Runs one command of the command line to its end. */
export function runOnhand(
  args: readonly string[],
  { env = {}, folder = newFolder() }: InstanceOptions = {},
): Promise<Exit> {
  return runProgram([program, ...args], folder, env);
}

/** Runs a script with the tests' own Node to its end. */
export function runProgram(
  args: readonly string[],
  folder: string,
  env: Environment,
): Promise<Exit> {
  return start(args, folder, env).ended(performance.now());
}

interface Run {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  isOver(): boolean;
  signal(name: NodeJS.Signals): void;
  ended(since: number): Promise<Exit>;
}

/** What of the tests' environment a program needs to run at all; the rest are settings. */
const passedOn = ["PATH", "HOME", "TMPDIR", "TZ", "SystemRoot"];

function start(args: readonly string[], folder: string, env: Environment): Run {
  const passed = passedOn.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...Object.fromEntries(passed), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  // A test that fails forgets its service: that must not keep the test's process alive.
  child.unref();
  for (const pipe of [child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref();
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const over = Promise.withResolvers<number | null>();
  let isOver = false;
  child.once("error", over.reject);
  // "close" comes when all that it wrote has been read.
  child.once("close", (code) => {
    isOver = true;
    children.delete(child);
    over.resolve(code);
  });
  assert.ok(child.pid !== undefined, "the program starts");
  return {
    pid: child.pid,
    stdout: () => stdout,
    stderr: () => stderr,
    isOver: () => isOver,
    signal(name) {
      child.kill(name);
    },
    async ended(since) {
      const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
      const code = await over.promise.finally(() => clearTimeout(timer));
      return { code, stdout, stderr, ms: performance.now() - since };
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`).catch(() => null);
  return answer?.ok ?? false;
}

function textOf(path: string): string {
  return readFileSync(path, "utf8").trim();
}

/** Settings under which a test may ask as often and hold as much as it likes. */
export const unlimited: Environment = {
  RATE_LIMIT_ANONYMOUS: "0",
  RESERVATION_MAX_PER_CUSTOMER: "0",
  RESERVATION_MAX_UNITS_PER_CUSTOMER: "0",
  LOG_LEVEL: "warn",
};

export interface Told {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** One request with the service's own key; a body is sent as JSON. Comes again where it is told to. */
export async function ask(
  { url, key }: Pick<Instance, "url" | "key">,
  method: string,
  path: string,
  body?: object,
  headers: Environment = {},
): Promise<Told> {
  const once = async (): Promise<Told> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        "x-api-key": key,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, text, body: text === "" ? {} : JSON.parse(text) };
  };
  let told = await once();
  const isOver = async (): Promise<boolean> => {
    if (!isOverload(told)) return true;
    told = await once();
    return false;
  };
  await until(isOver, `${path} is answered`, patienceMs);
  return told;
}

/** Refused because the machine is busy, before anything was done: the same again will do. */
export function isOverload({ status, text }: Pick<Told, "status" | "text">): boolean {
  return status === 503 && text.includes('"overloaded"');
}
