// A Dockerfile taken apart by its parser: instructions, stages, and what is copied from where.

import { DockerfileParser } from "dockerfile-ast";

export interface Instruction {
  /** Its first word, such as COPY. */
  readonly word: string;
  /** What follows, with continued lines joined and arguments of before the first FROM filled in. */
  readonly rest: string;
}

export interface Stage {
  readonly name: string | null;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

export interface Copy {
  /** The stage that it is copied from, or null: what the builder is given. */
  readonly from: string | null;
  readonly sources: readonly string[];
  readonly target: string;
}

export function instructionsIn(text: string): Instruction[] {
  const parsed = DockerfileParser.parse(text);
  const lines = text.split("\n");
  const known = new Map<string, string>();
  return parsed.getInstructions().map((one) => {
    const word = one.getKeyword();
    const { start, end } = one.getRange();
    // With its flags, which the parser keeps apart.
    const whole = lines.slice(start.line, end.line + 1).join("\n");
    const joined = whole
      .replaceAll(/\\\n\s*/g, " ")
      .slice(word.length)
      .trim();
    const rest = joined.replaceAll(/\$\{(\w+)\}/g, (as, name) => known.get(name) ?? as);
    const [, name, value] = (word === "ARG" && /^(\w+)=(.*)$/.exec(rest)) || [];
    if (name !== undefined && value !== undefined) known.set(name, value);
    return { word, rest };
  });
}

export function stagesIn(instructions: readonly Instruction[]): Stage[] {
  const begins = instructions.flatMap(({ word }, index) => (word === "FROM" ? [index] : []));
  return begins.map((begin, index) => {
    const [base = "", , name = null] = (instructions[begin]?.rest ?? "").split(/\s+/);
    return { name, base, instructions: instructions.slice(begin + 1, begins[index + 1]) };
  });
}

/** What the last instruction of a kind says. */
export function lastOf(instructions: readonly Instruction[], word: string): string | null {
  return instructions.findLast((one) => one.word === word)?.rest ?? null;
}

export function environmentOf(instructions: readonly Instruction[]): Record<string, string> {
  const pairs = instructions
    .filter(({ word }) => word === "ENV")
    .flatMap(({ rest }) => Array.from(rest.matchAll(/(\w+)=(\S+)/g)));
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, value]));
}

export function copiesOf(stages: readonly Stage[]): Copy[] {
  return stages.flatMap(({ instructions }) =>
    instructions.filter(({ word }) => word === "COPY").map(({ rest }) => copyOf(rest)),
  );
}

export function copyOf(rest: string): Copy {
  const words = rest.split(/\s+/);
  const from = words.find((word) => word.startsWith("--from="))?.slice("--from=".length) ?? null;
  const paths = words.filter((word) => !word.startsWith("--"));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? "" };
}

/** Whether Docker's builder is given a file, by the lines of .dockerignore: the last that fits decides. */
export function givenBy(ignored: string): (path: string) => boolean {
  const lines = ignored.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const rules = lines.map((line) => ({
    isIn: line.startsWith("!"),
    pattern: patternOf(line.replace(/^!/, "")),
  }));
  return (path) => {
    const parts = path.split("/");
    const parents = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    const last = rules.findLast(({ pattern }) => parents.some((one) => pattern.test(one)));
    return last?.isIn ?? true;
  };
}

/** A star is for names that begin with a dot, too. */
function patternOf(line: string): RegExp {
  const parts = line
    .split("**/")
    .map((part) => part.replaceAll(/[.+?^$()[\]{}|\\]/g, "\\$&").replaceAll("*", "[^/]*"));
  return new RegExp(`^${parts.join("(?:.*/)?")}$`);
}
