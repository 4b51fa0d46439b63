// A life of the service, recorded call by call: a first start, a stop, a crash, a look by `onhand verify`,
// and starts after each of them, with clients all the time. SQLite copies its log back into the database
// in the middle of it (power-checkpoint.ts), which it otherwise does every 16,000 pages.

import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { newRealFolder, runWatched, startWatched, strace, type Watched } from "./crash-under.ts";
import { newFolder, unlimited } from "./instance.ts";
import { type Client, type DeedKind, openClient, openShopOf } from "./ledger.ts";
import { type Disk, openDisk } from "./power-disk.ts";
import { bytesShown, calls, type Op, readTrace } from "./power-trace.ts";
import { until } from "./until.ts";

export interface Recording {
  /** The folder, which was empty and durable when it began. */
  readonly root: string;
  readonly ops: readonly Op[];
  /** What each request was, by its id. */
  readonly kinds: ReadonlyMap<string, DeedKind>;
}

const width = 6;
const checkpointer = new URL("./power-checkpoint.ts", import.meta.url).href;

export async function record(requests: number, random: () => number): Promise<Recording> {
  const root = newRealFolder();
  const traces = newFolder();
  const ops: Op[] = [];
  const clients = Array.from({ length: width }, (_, n) => openClient(`p${n}`, random));
  const env = { ...unlimited, LOG_LEVEL: "error", NODE_OPTIONS: `--import=${checkpointer}` };
  const disk = openDisk(root);
  let [sessions, played] = [0, 0];

  async function session(run: (under: readonly string[]) => Promise<void>): Promise<void> {
    sessions += 1;
    const file = join(traces, `${sessions}.strace`);
    const shown = ["-ttt", "-y", "-xx", "-s", String(bytesShown)];
    await run(strace(...shown, "-e", `trace=${calls}`, "-o", file));
    await readTrace(file, root, ops);
    rmSync(file);
    for (const op of ops.slice(played)) disk.take(op);
    played = ops.length;
    assertWhole(disk);
  }
  const serving = (work: (service: Watched) => Promise<void>): Promise<void> =>
    session(async (under) => {
      const service = await startWatched({ under, env, folder: root });
      await work(service);
      await service.ended();
    });

  await serving(async (service) => {
    await openShopOf(service);
    await workAll(clients, service, requests);
    await checkpoint(service);
    await workAll(clients, service, requests);
    service.signal("SIGTERM");
  });
  await serving(async (service) => {
    await workAll(clients, service, requests, () => service.signal("SIGKILL"));
  });
  await serving(async (service) => {
    await Promise.all(clients.map((client) => client.settle(service)));
    await checkpoint(service);
    await workAll(clients, service, requests, () => service.signal("SIGKILL"));
  });
  await session(async (under) => {
    runWatched(under, root, ["verify"]);
  });
  await serving(async (service) => {
    await workAll(clients, service, requests, () => service.signal("SIGKILL"));
  });
  const deeds = clients.flatMap((client) => client.deeds);
  return { root, ops, kinds: new Map(deeds.map(({ key, kind }) => [key, kind])) };
}

/** So many requests by all; then, with all of them still at work, what ends it. */
async function workAll(
  clients: readonly Client[],
  service: Watched,
  requests: number,
  end: (() => void) | null = null,
): Promise<void> {
  const count = (): number =>
    clients.reduce((sum, { deeds }) => sum + deeds.filter(({ told }) => told !== null).length, 0);
  const enough = count() + requests;
  const working = clients.map((client) =>
    client.work(service, () => end === null && count() >= enough),
  );
  await until(() => count() >= enough, "the clients were answered", 60_000);
  end?.();
  await Promise.all(working);
}

async function checkpoint(service: Watched): Promise<void> {
  const said = (): number => service.output().split("checkpointed").length;
  const before = said();
  service.signal("SIGWINCH");
  await until(() => said() > before, "the log is copied back");
}

/** The recording is complete: played to its end, it gives the files that are there. */
function assertWhole(disk: Disk): void {
  for (const [path, content] of disk.whole()) {
    if (content === null) continue;
    assert.ok(existsSync(path), `${path} is there`);
    const there = readFileSync(path);
    const differs = content.findIndex((byte, at) => byte !== there[at]);
    const sizes = `${content.length} and ${there.length} bytes, the first other at ${differs}`;
    assert.ok(content.equals(there), `${path} is as it was recorded: ${sizes}`);
  }
}
