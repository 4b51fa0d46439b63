// Worlds on several processes, each looked after from outside: one that breaks a promise, does not come to its end in
// real time, or takes its process with it is told by its name, whatever the process itself could still say. The first
// that fails ends the others.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Told, Work } from "./worlds.ts";

export interface World {
  /** What it is asked for by: "seed 42", or a file. */
  readonly name: string;
  readonly work: Work;
}

export interface Failure {
  readonly world: World;
  readonly words: string;
  /** A promise is broken, which a shorter plan may break too; else the process was lost. */
  readonly isBroken: boolean;
}

export interface Processes {
  readonly count: number;
  readonly told: (told: Told) => void;
  /** What each process runs. */
  readonly program?: string;
  /** How long a world may take, in real time. A world takes some hundredths of a second. */
  readonly msMax?: number;
}

/** null: every world came to its end, and none broke a promise. */
export async function runWorlds(
  worlds: Iterable<World>,
  options: Processes,
): Promise<Failure | null> {
  const waiting = worlds[Symbol.iterator]();
  const children = new Set<ChildProcess>();
  let failure: Failure | null = null;

  function fail(one: Failure): void {
    failure ??= one;
    for (const child of children) child.kill("SIGKILL");
  }

  const {
    count,
    told,
    program = join(import.meta.dirname, "worlds.ts"),
    msMax = 120_000,
  } = options;
  await Promise.all(Array.from({ length: count }, () => runProcess()));
  return failure;

  function runProcess(): Promise<void> {
    const child = fork(program);
    children.add(child);
    /** What it is at. */
    let world: World | null = null;
    let timer: NodeJS.Timeout | undefined;

    function next(): void {
      clearTimeout(timer);
      const { value, done } = failure === null ? waiting.next() : { value: null, done: true };
      world = done ? null : value;
      if (world === null) return child.disconnect();
      const at = world;
      timer = setTimeout(() => {
        const words = `does not come to its end in ${msMax / 1000} s of real time`;
        fail({ world: at, words, isBroken: false });
      }, msMax);
      child.send(world.work);
    }

    child.on("message", (message: Told) => {
      if (message.broken === null) {
        told(message);
        next();
      } else if (world !== null) {
        fail({ world, words: `breaks a promise: ${message.broken}`, isBroken: true });
      }
    });
    next();
    return new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        children.delete(child);
        const words = `ends its process (${signal ?? `exit code ${code}`})`;
        if (world !== null && failure === null) fail({ world, words, isBroken: false });
        resolve();
      });
    });
  }
}
