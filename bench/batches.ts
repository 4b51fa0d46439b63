// Batches without HTTP: the write transaction of each database (engine.ts), and the floor under it
// (raw-batches.ts), in turn, each a process of its own.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { must } from "../src/lib/assert.ts";
import { startPostgres } from "../test/support/postgres.ts";
import type { Progress } from "./contest.ts";
import type { Options } from "./options.ts";
import type { Result } from "./result.ts";
import type { Seen } from "./scenes.ts";

interface Batches {
  readonly id: string;
  readonly title: string;
  readonly script: string;
  readonly batch: number;
  /** Of what the script prints, the line of this name. */
  readonly line: string;
  readonly target: () => Promise<string>;
}

interface Said {
  readonly name: string;
  readonly perSecond: number;
  readonly microseconds: number;
}

export async function batchesScene(options: Options, progress: Progress): Promise<Seen> {
  const postgres = await startPostgres({ settings: { shared_buffers: "256MB" } });
  const file = async (): Promise<string> => "sqlite";
  const sizes = [64, 256];
  const all: readonly Batches[] = sizes.flatMap((batch): readonly Batches[] => [
    {
      id: `engine/raw-sqlite/${batch}`,
      title: `floor: rows of a reservation, SQLite, batches of ${batch}`,
      script: "raw-batches.ts",
      batch,
      line: "4,000 rows",
      target: file,
    },
    {
      id: `engine/sqlite/${batch}`,
      title: `engine, SQLite, batches of ${batch}, 4,000 rows`,
      script: "engine.ts",
      batch,
      line: "4,000 rows",
      target: file,
    },
    {
      id: `engine/postgres/${batch}`,
      title: `engine, PostgreSQL, batches of ${batch}, 4,000 rows`,
      script: "engine.ts",
      batch,
      line: "4,000 rows",
      target: () => postgres.newDatabase(),
    },
  ]);
  const wanted = all.filter(
    ({ id }) => options.only.length === 0 || options.only.some((begin) => id.startsWith(begin)),
  );
  const said = new Map<Batches, Said[]>();
  try {
    for (let round = 0; round < options.repeat; round += 1) {
      for (const one of wanted) {
        const found = await run(one, options.seconds / 2);
        said.set(one, [...(said.get(one) ?? []), found]);
        progress(`${one.id}: ${Math.round(found.perSecond).toLocaleString("en")}/s`);
      }
    }
  } finally {
    await postgres.close();
  }
  return { results: Array.from(said, ([one, rounds]) => resultOf(one, rounds)) };
}

async function run({ script, batch, line, target }: Batches, seconds: number): Promise<Said> {
  const args = [join(import.meta.dirname, script), String(batch), String(seconds)];
  const child = spawn(process.execPath, [...args, await target(), "json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = (await text(child.stdout)).trim().split("\n");
  const found = lines.map((one): Said => JSON.parse(one)).find(({ name }) => name === line);
  return must(found, `${script} says ${line}`);
}

function resultOf({ id, title }: Batches, rounds: readonly Said[]): Result {
  const sorted = [...rounds].sort((a, b) => a.perSecond - b.perSecond);
  const middle = must(sorted[Math.floor(sorted.length / 2)], "at least one round");
  return {
    id,
    title,
    unit: "reserve",
    loop: "engine",
    perSecond: Math.round(middle.perSecond),
    perSecondOfAll: rounds.map(({ perSecond }) => Math.round(perSecond)),
    latency: {},
    statuses: {},
    serverMicroseconds: Math.round(middle.microseconds),
  };
}
