// A life of the service, recorded call by call: a first start, a stop, crashes, a look by `onhand verify`,
// and starts after each of them, with clients all the time. The first crash comes with a commit that is written and
// not flushed: the next start finds it in the memory of the system, and must not tell of it what a cut of power undoes. SQLite copies its log back into the database
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
  /** Where in it each process began. */
  readonly starts: readonly number[];
  /** What each request was, by its id. */
  readonly kinds: ReadonlyMap<string, DeedKind>;
}

const width = 6;
/** After some commits, instead of a flush. */
const killedBeforeFlush = ["-e", "inject=fsync,fdatasync:signal=SIGKILL:when=10"];
const checkpointer = new URL("./power-checkpoint.ts", import.meta.url).href;

export async function record(requests: number, random: () => number): Promise<Recording> {
  const root = newRealFolder();
  const traces = newFolder();
  const ops: Op[] = [];
  const clients = Array.from({ length: width }, (_, n) => openClient(`p${n}`, random));
  const env = { ...unlimited, LOG_LEVEL: "error", NODE_OPTIONS: `--import=${checkpointer}` };
  const disk = openDisk(root);
  const starts: number[] = [];
  let played = 0;

  async function session(
    run: (under: readonly string[]) => Promise<void>,
    ...more: readonly string[]
  ): Promise<void> {
    starts.push(ops.length);
    const file = join(traces, `${starts.length}.strace`);
    const shown = ["-ttt", "-y", "-xx", "-s", String(bytesShown)];
    const words = strace(...shown, "-e", `trace=${calls}`, ...more, "-o", file);
    // Where strace is woken by the filter for a call, it does not deliver the signal that it is to inject there.
    await run(more.length === 0 ? words : words.filter((word) => word !== "--seccomp-bpf"));
    await readTrace(file, root, ops);
    rmSync(file);
    for (const op of ops.slice(played)) disk.take(op);
    played = ops.length;
    assertWhole(disk);
  }
  const serving = (
    work: (service: Watched) => Promise<void>,
    ...more: readonly string[]
  ): Promise<void> =>
    session(
      async (under) => {
        const service = await startWatched({ under, env, folder: root });
        await work(service);
        await service.ended();
      },
      ...more,
    );

  await serving(async (service) => {
    await openShopOf(service);
    await workAll(clients, service, requests);
    await checkpoint(service);
    await workAll(clients, service, requests);
    service.signal("SIGTERM");
  });
  // One alone: the next start hears of nothing before that commit's request is asked again.
  await serving(async (service) => void (await clients[0]?.work(service)), ...killedBeforeFlush);
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
  return { root, ops, starts, kinds: new Map(deeds.map(({ key, kind }) => [key, kind])) };
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
