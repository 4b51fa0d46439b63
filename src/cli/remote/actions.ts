// Commands with actions against a running service (`products list`, `stock change …`): a table of actions, from
// which their options are parsed, their help is written and missing words are named.

import { parseArgs } from "node:util";
import type { Client, WriteOptions } from "../../../sdk/src/client.ts";
import { type CliCommand, exitCodes, UsageError } from "../command.ts";
import { type Form, formHelp, formOptions, type Output, openOutput } from "../output.ts";
import { asking, connect, connectionHelp, connectionOptions } from "./connect.ts";

export interface Option {
  /** What stands for its value in the help, such as TEXT; without it, it is a switch. */
  readonly takes?: string;
  readonly does: string;
}

export interface Action {
  /** Its name and the words that it needs: `get ID`. */
  readonly usage: string;
  readonly does: string;
  readonly options?: Readonly<Record<string, Option>>;
  /** Whether it writes under an idempotency key. */
  readonly writes?: boolean;
  readonly run: (asked: Asked) => Promise<void>;
}

/** What was asked for, and where the answer goes. */
export interface Asked {
  readonly client: Client;
  readonly url: string;
  readonly out: Output;
  /** The word at a place; that there are enough has been checked. */
  word(at: number): string;
  text(name: string): string | undefined;
  /** Like `text`, where an empty one takes the value away. */
  clearable(name: string): string | null | undefined;
  number(name: string): number | undefined;
  needed(name: string): string;
  flag(name: string): boolean;
  readonly write: WriteOptions;
}

const writeOption: Option = {
  takes: "KEY",
  does: "names the intent: with the same key it is done once",
};

function actionsHelp(
  name: string,
  actions: readonly Action[],
  { about, examples }: { readonly about: string; readonly examples: readonly string[] },
): string {
  const usages = actions.map(({ usage }, index) => {
    const start = index === 0 ? "Usage: " : "       ";
    return `${start}npm run onhand -- ${name} ${usage} [options]`;
  });
  const parts = actions.map((action) =>
    [
      `${action.usage.padEnd(38)} ${action.does}`,
      ...Object.entries(optionsOf(action)).map(([option, { takes, does }]) =>
        `  ${`--${option}${takes === undefined ? "" : ` ${takes}`}`.padEnd(36)} ${does}`.trimEnd(),
      ),
    ].join("\n"),
  );
  return `${usages.join("\n")}

${about}

${parts.join("\n")}

For all of them:
${connectionHelp}${formHelp}Exit codes: 0 done, 1 refused, 2 not understood, 4 no answer (the same may work later).

Examples:
${examples.map((example) => `  ${example}`).join("\n")}
`;
}

function optionsOf({ options = {}, writes = false }: Action): Readonly<Record<string, Option>> {
  return writes ? { ...options, "idempotency-key": writeOption } : options;
}

/** A command that is nothing but its actions. */
export function actionsCommand(
  said: {
    readonly name: string;
    readonly about: string;
    readonly examples: readonly string[];
  },
  actions: readonly Action[],
): CliCommand {
  return {
    help: actionsHelp(said.name, actions, said),
    run: (args) => runAction(said.name, actions, args),
  };
}

export async function runAction(
  name: string,
  actions: readonly Action[],
  [wish, ...args]: readonly string[],
): Promise<number> {
  const action = actions.find(({ usage }) => usage.split(" ")[0] === wish);
  if (action === undefined) {
    const known = actions.map(({ usage }) => usage.split(" ")[0]).join(", ");
    throw new UsageError(`${name} needs one of ${known}`);
  }
  const own = Object.entries(optionsOf(action)).map(
    ([option, { takes }]) =>
      [option, { type: takes === undefined ? "boolean" : "string" }] as const,
  );
  const { values, positionals } = parseArgs({
    args: tied(args),
    allowPositionals: true,
    options: { ...Object.fromEntries(own), ...connectionOptions, ...formOptions },
  });
  const needs = action.usage.split(" ").length - 1;
  if (positionals.length !== needs) throw new UsageError(`write it as: ${name} ${action.usage}`);
  const { url, client } = await connect(values as { url?: string; "key-file"?: string });
  const out = openOutput(process.stdout, values as Form);
  await asking(url, () => action.run(askedOf(values, positionals, { url, client, out })));
  return exitCodes.done;
}

/** `--by -5` as people write it; parseArgs takes what begins with a dash for an option, unless it is tied on. */
function tied(args: readonly string[]): string[] {
  const found: string[] = [];
  for (const arg of args) {
    const before = found.at(-1) ?? "";
    if (/^-\d+$/.test(arg) && /^--[a-z-]+$/.test(before))
      found[found.length - 1] = `${before}=${arg}`;
    else found.push(arg);
  }
  return found;
}

function askedOf(
  values: Readonly<Record<string, unknown>>,
  words: readonly string[],
  with_: Pick<Asked, "client" | "url" | "out">,
): Asked {
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  return {
    ...with_,
    word: (at) => words[at] ?? "",
    text,
    clearable: (name) => (text(name) === "" ? null : text(name)),
    number(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (value.trim() === "" || !Number.isFinite(number)) {
        throw new UsageError(`--${name} is a number, not "${value}"`);
      }
      return number;
    },
    needed(name) {
      const value = text(name);
      if (value === undefined) throw new UsageError(`--${name} is needed`);
      return value;
    },
    flag: (name) => values[name] === true,
    write: { idempotencyKey: text("idempotency-key") },
  };
}

export const limitOption: Option = { takes: "N", does: "so many at most" };
