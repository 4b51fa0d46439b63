// A Redis of the tests' own: redis-server (or valkey-server) of the machine, on a free port in a temporary
// folder, ended by its process id. Without one a run says loudly what it left out, and fails with CI=true.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { must } from "../../src/lib/assert.ts";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

export interface RedisServer {
  readonly url: string;
  /** Sends one command and answers as Redis does. */
  ask(...args: readonly string[]): Promise<unknown>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on its port, with what it had saved last (nothing, unless told to save). */
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  close(): Promise<void>;
}

const program = ["redis-server", "valkey-server"].find(isThere);

/** Why tests that need a Redis cannot run here; false: they can. */
export const noRedis: string | false =
  program === undefined && process.env["CI"] !== "true"
    ? "there is no redis-server on this machine (apt-get install redis-server)"
    : false;

const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const path = must(program, "redis-server is installed");
  const folder = mkdtempSync(join(tmpdir(), "onhand-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  let client = createClient({ url });

  async function start(): Promise<void> {
    child = spawn(
      path,
      ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...settings],
      { stdio: "ignore" },
    );
    children.add(child);
    child.unref();
    client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 20 } });
    client.on("error", () => undefined);
    void client.connect().catch(() => undefined);
    // While it loads what it had saved it answers with an error.
    const answers = async (): Promise<boolean> =>
      client.isReady && (await client.ping().catch(() => "")) === "PONG";
    await until(answers, "Redis answers");
  }

  async function kill(): Promise<void> {
    client.destroy();
    const dying = must(child, "it runs");
    child = null;
    children.delete(dying);
    const gone = new Promise((resolve) => dying.once("exit", resolve));
    dying.ref();
    dying.kill("SIGKILL");
    await gone;
  }

  await start();
  return {
    url,
    ask: (...args) => client.sendCommand([...args]),
    kill,
    start,
    signal(name) {
      must(child, "it runs").kill(name);
    },
    async close() {
      if (child !== null) await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isThere(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
