// What the tests get for "node:test" while mutants are tried (runner.ts): it keeps the tests instead of running them,
// so that one process runs the same tests thousands of times without loading anything again. It knows what the tests
// of the mutated folders use and no more; a test that asks for something else fails there by name.

import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type MockTracker, mock } from "node:test";

interface Context {
  readonly mock: MockTracker;
}
type Body = (context: Context) => unknown;

export interface KeptTest {
  /** The file, what is in it, and the titles that lead to it: another one when the file changes, so that it is tried anew. */
  readonly id: string;
  readonly file: string;
  readonly body: Body;
}

const kept = new Map<string, KeptTest>();
let file = "";
let version = "";
let titles: readonly string[] = [];

export function describe(title: string, body: () => void): void {
  const outer = titles;
  titles = [...titles, title];
  body();
  titles = outer;
}

export function test(title: string, body: Body): void {
  const id = [`${file} (${version})`, ...titles, title].join(" > ");
  if (kept.has(id)) throw new Error(`two tests are called "${id}"`);
  kept.set(id, { id, file, body });
}

/** Loads a file of tests and keeps what it holds. */
export async function load(name: string, url: string): Promise<void> {
  file = name;
  version = hash("sha256", readFileSync(new URL(url)), "hex").slice(0, 8);
  await import(url);
}

export function keptTests(): readonly KeptTest[] {
  return [...kept.values()];
}

/** Turns of the event loop that a test may take: those there are take some hundreds at most. */
const turnsMax = 20_000;

/** It waits for what nothing will bring any more. */
export class NeverEnds extends Error {
  override readonly name = "NeverEnds";
}

/** Runs one test; throws what it throws, or what nobody waited for meanwhile, or `NeverEnds`. */
export async function run({ body }: KeptTest): Promise<void> {
  const unheard: unknown[] = [];
  const hear = (error: unknown): void => {
    unheard.push(error);
  };
  process.on("unhandledRejection", hear);
  process.on("uncaughtException", hear);
  try {
    const returned = body({ mock });
    // A test that waits for nothing costs no turn of the event loop.
    if (!(returned instanceof Promise)) return;
    let isOver = false;
    const over = returned.finally(() => {
      isOver = true;
    });
    try {
      await Promise.race([over, neverEnds(() => isOver)]);
    } finally {
      // Time is real again for the turn in which is heard what nobody waited for.
      mock.reset();
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    mock.reset();
    process.off("unhandledRejection", hear);
    process.off("uncaughtException", hear);
  }
  if (unheard.length > 0) throw unheard[0];
}

/**
 * Rejects when there is nothing left that could wake the test: no timer, no file that is read, no turn that it asked for.
 * So a mutant that hangs is found out at once, whatever the machine is busy with.
 */
async function neverEnds(isOver: () => boolean): Promise<void> {
  let quiet = 0;
  for (let turns = 0; !isOver(); turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = process.getActiveResourcesInfo().some(isOfTest) ? 0 : quiet + 1;
    if (turns > turnsMax) throw new NeverEnds(`it took more than ${turnsMax} turns`);
    if (quiet > 5 && !isOver()) throw new NeverEnds("nothing is left that it could wait for");
  }
}

/** The pipes are those to Stryker: what is written to them comes and goes. */
function isOfTest(resource: string): boolean {
  return resource === "Timeout" || resource === "Immediate" || resource.startsWith("FSReq");
}
