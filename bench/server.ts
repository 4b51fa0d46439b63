// Starts what is measured as a process of its own, in a temporary folder, and ends it by its process id.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../src/lib/assert.ts";
import { freePort } from "../test/support/free-port.ts";

export interface Server {
  readonly port: number;
  readonly key: string;
  readonly folder: string;
  /** Resident memory, MB. */
  memoryMb(): number;
  /** The most that it was since its start, or since that was forgotten, MB. */
  peakMb(): number;
  forgetPeak(): void;
  /** Processor time used so far by all its threads, seconds. */
  cpuSeconds(): number;
  /** From its start to the first answer, ms. */
  readonly startMs: number;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, "..");

/** A measurement that fails must not leave what it measured running. */
const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** The real service on a new database file, logs to a file as an operator would have them. */
export async function startOnhand(env: Readonly<Record<string, string>> = {}): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "onhand-bench-"));
  const port = await freePort();
  const log = openSync(join(folder, "service.log"), "a");
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(root, "src/cli/onhand.js"), "serve"], {
    env: {
      ...process.env,
      DATABASE_URL: `sqlite:${join(folder, "inventory.db")}`,
      ONHAND_DATA_DIR: folder,
      ONHAND_DEMO: "off",
      RATE_LIMIT_ANONYMOUS: "100000000",
      PORT: String(port),
      ...env,
    },
    stdio: ["ignore", log, log],
  });
  children.add(child);
  await untilReady(`http://127.0.0.1:${port}/readyz`, child);
  const startMs = performance.now() - startedAt;
  return {
    port,
    folder,
    startMs,
    key: env["ONHAND_ADMIN_KEY"] ?? readFileSync(join(folder, "admin.key"), "utf8").trim(),
    ...memoryOf(child),
    cpuSeconds: () => cpuSeconds(child),
    async stop() {
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The empty route, for comparison in the same run. */
export function startEmptyRoute(): Promise<Server> {
  return startRoute("bench/empty-route.ts", []);
}

/** A transaction for each request, on the service's database. */
export function startPlainRoute(url: string): Promise<Server> {
  return startRoute("bench/plain-route.ts", [url]);
}

async function startRoute(script: string, args: readonly string[]): Promise<Server> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(root, script), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  const out = must(child.stdout, "stdout is piped");
  const line = await new Promise<string>((resolve) =>
    out.once("data", (text) => resolve(`${text}`)),
  );
  return {
    port: JSON.parse(line).port,
    key: "",
    folder: "",
    startMs: performance.now() - startedAt,
    ...memoryOf(child),
    cpuSeconds: () => cpuSeconds(child),
    stop: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await exit;
  children.delete(child);
}

function memoryOf({ pid }: ChildProcess): Pick<Server, "memoryMb" | "peakMb" | "forgetPeak"> {
  const megabytes = (name: string): number => {
    const [, kilobytes] = readFileSync(`/proc/${pid}/status`, "utf8").split(`${name}:`);
    return Math.round(Number.parseInt(kilobytes ?? "0", 10) / 1_024);
  };
  return {
    memoryMb: () => megabytes("VmRSS"),
    peakMb: () => megabytes("VmHWM"),
    // 5: the peak begins anew with what there is now (proc(5)).
    forgetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, "5"),
  };
}

/** utime and stime of /proc/<pid>/stat, in ticks of 10 ms (proc(5)). */
function cpuSeconds(child: ChildProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the service ended with code ${child.exitCode}`);
    const ready = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > deadline) throw new Error(`no answer from ${url} within 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
