// Where the time of a reservation goes: the service on a file under the closed loop of `reserve`, with Node's sampling
// profiler on, and the samples of its two busy threads by what they were in. node bench/profile.ts [seconds]

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.ts";
import type { Share } from "./result.ts";
import { startOnhand } from "./server.ts";
import { spread, stockUp } from "./shop.ts";

interface Frame {
  readonly functionName: string;
  readonly url: string;
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The first that fits counts. Native functions have no file; they are known by their names. */
const parts: readonly (readonly [string, RegExp])[] = [
  ["garbage collection", /^\(garbage collector\)/],
  ["messages between the threads", /^postMessage|worker|message_?port/i],
  [
    "system calls of sockets",
    /^(?:writeUtf8String|writeLatin1String|writeBuffer|writev|writeString)\b/,
  ],
  ["SQLite: statements of a commit", /src\/store\/sqlite\/(?:statements|save|load|commit|open)/],
  ["decisions (src/domain)", /src\/domain\//],
  ["checking and parsing bodies", /ajv|secure-json-parse|fast-json-stringify|fast-uri/],
  ["request log", /pino|sonic-boom|safe-stable|src\/lib\/logger/],
  ["hashes and ids", /crypto|src\/lib\/ids/],
  ["Fastify: routing, hooks, answers", /node_modules\/(?:@?fastify|find-my-way|avvio|light-my)/],
  ["other packages", /node_modules/],
  ["the service: requests and answers", /src\/http\//],
  ["the service: queue, log, cache", /src\//],
  ["Node: HTTP, streams, timers", /node:/],
  ["native code without a name", /./],
];

export async function profileReserve(seconds: number): Promise<Share[]> {
  const folder = mkdtempSync(join(tmpdir(), "onhand-profile-"));
  try {
    const server = await startOnhand({ NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` });
    await stockUp(server, spread);
    const work = { kind: "reserve", rows: spread } as const;
    const options = { seconds, warmupSeconds: 0, connections: 128 };
    await measure([server], { id: "profile", title: "profile", work }, options);
    await server.stop();
    const threads = readdirSync(folder)
      .filter((name) => name.endsWith(".cpuprofile"))
      .map((name) => readProfile(join(folder, name)))
      .sort((a, b) => b.busy - a.busy);
    const isWriter = ({ times }: Thread): boolean =>
      (times.get("SQLite: statements of a commit") ?? 0) >
      (times.get("Node: HTTP, streams, timers") ?? 0);
    return threads
      .slice(0, 2)
      .flatMap((thread) => sharesOf(isWriter(thread) ? "writer" : "HTTP", thread));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Thread {
  readonly busy: number;
  /** Microseconds by part. */
  readonly times: ReadonlyMap<string, number>;
}

function readProfile(path: string): Thread {
  const { nodes, samples, timeDeltas }: Profile = JSON.parse(readFileSync(path, "utf8"));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const { functionName, url } = frames.get(id) ?? { functionName: "", url: "" };
    if (functionName === "(idle)") continue;
    const name = `${functionName} ${url}`;
    const part = parts.find(([, pattern]) => pattern.test(name))?.[0] ?? "";
    const time = timeDeltas[index] ?? 0;
    times.set(part, (times.get(part) ?? 0) + time);
    busy += time;
  }
  return { busy, times };
}

function sharesOf(thread: string, { busy, times }: Thread): Share[] {
  return Array.from(times, ([part, time]) => ({
    thread,
    part,
    percent: Number(((100 * time) / busy).toFixed(1)),
  }))
    .filter(({ percent }) => percent >= 1)
    .sort((a, b) => b.percent - a.percent);
}

if (import.meta.main) {
  for (const { thread, part, percent } of await profileReserve(Number(process.argv[2] ?? 8))) {
    process.stdout.write(`${thread.padEnd(8)}${percent.toFixed(1).padStart(6)} %  ${part}\n`);
  }
}
