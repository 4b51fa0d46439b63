// The files of deploy/ and beside it, read for tests: their YAML, and the programs that check them. Values of a
// parsed file are asked for by their path, so that a key that is not there fails the test by its name.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { loadConfig } from "../../src/config.ts";
import { must } from "../../src/lib/assert.ts";
import { knownSettings } from "./known-settings.ts";
import { said } from "./server.ts";
import { repositoryRoot } from "./source-tree.ts";

export function textOf(path: string): string {
  return readFileSync(join(repositoryRoot, path), "utf8");
}

/** A file with one document. What YAML itself warns of is refused. */
export function yamlOf(path: string): unknown {
  const values = yamlIn(textOf(path), path);
  assert.equal(values.length, 1, `${path} is one document`);
  return values[0];
}

/** Every document of a text. */
export function yamlIn(text: string, what: string): unknown[] {
  return [...parseAllDocuments(text, { merge: true })].map((document) => {
    assert.deepEqual([...document.errors, ...document.warnings].map(String), [], what);
    return document.toJS();
  });
}

/** What stands at a path of keys. */
export function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>((found, key) => {
    const inside =
      typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
    return must(inside, `there is ${key} in ${keys.join(".")}`);
  }, value);
}

export function textAt(value: unknown, ...keys: readonly (string | number)[]): string {
  const found = at(value, ...keys);
  assert.ok(typeof found === "string", `${keys.join(".")} is a text, not ${JSON.stringify(found)}`);
  return found;
}

export function numberAt(value: unknown, ...keys: readonly (string | number)[]): number {
  const found = at(value, ...keys);
  assert.ok(typeof found === "number", `${keys.join(".")} is a number`);
  return found;
}

export function listAt(value: unknown, ...keys: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...keys);
  assert.ok(Array.isArray(found), `${keys.join(".")} is a list`);
  return found;
}

/** The names and values of a mapping of texts. */
export function textsAt(
  value: unknown,
  ...keys: readonly (string | number)[]
): Readonly<Record<string, string>> {
  const found = at(value, ...keys);
  assert.ok(typeof found === "object" && found !== null && !Array.isArray(found));
  return Object.fromEntries(Object.keys(found).map((name) => [name, textAt(found, name)]));
}

/** Lines NAME=value, as Docker and systemd read them. */
export function environmentIn(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value = ""] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
      assert.notEqual(name, "", `${line} is NAME=value`);
      return [name, value];
    }),
  );
}

/** Set for Node and its packages, and nothing of ours. */
const notOurs = ["NODE_ENV"];

/** That each name is a setting, and that the service takes all of them together. */
export function assertSettings(environment: Readonly<Record<string, string>>, what: string): void {
  const known = knownSettings();
  const unknown = Object.keys(environment).filter(
    (name) => !known.has(name) && !notOurs.includes(name),
  );
  assert.deepEqual(unknown, [], `${what} names only settings that there are`);
  loadConfig(environment);
}

export const manifest: {
  readonly version: string;
  readonly optionalDependencies: Readonly<Record<string, string>>;
} = JSON.parse(textOf("package.json"));

/** Why tests that need a program cannot run here; false: they can. With CI=true they run, and fail without it. */
export function withoutProgram(name: string, args: readonly string[], install: string) {
  return said(name, args) === "" && process.env["CI"] !== "true"
    ? `there is no ${name} on this machine (apt-get install ${install})`
    : false;
}
