// A command in a process group of its own, so that whatever a shell or npm started for it ends with it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { must } from "../../src/lib/assert.ts";
import { until } from "./until.ts";

export interface Group {
  readonly child: ChildProcess;
  /** What it has written; its errors where it wrote nothing else. */
  output(): string;
  isOver(): boolean;
  end(): Promise<void>;
}

export function startGroup(
  program: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Group {
  const child = spawn(program, args, {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    isOver,
    output: () => (output === "" ? errors : output),
    async end() {
      if (isOver()) return;
      // It comes when the last of them has closed what it writes to, which may be long after the shell has gone.
      const closed = once(child, "close");
      process.kill(-must(child.pid, "it was started"), "SIGTERM");
      await closed;
    },
  };
}

/** Where the service listens that was started by a command; fails if the command ends instead. */
export async function addressOf(group: Group, limitMs: number): Promise<string> {
  const address = (): string | undefined => /"url":"(http:[^"]+)"/.exec(group.output())?.[1];
  await until(() => address() !== undefined || group.isOver(), "the service listens", limitMs);
  return must(address(), `it said where:\n${group.output()}`);
}
