// Completion: the words are those of the help, and bash really offers them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { compiled } from "../../scripts/build-server.ts";
import type { Listed } from "./command.ts";
import { completionOf, wordsOf } from "./completion.ts";
import { events } from "./events.ts";
import { keys } from "./keys.ts";

const commands: readonly Listed[] = [
  { name: "events", summary: "what happened", load: async () => events },
  { name: "keys", summary: "API keys", load: async () => keys },
];
const saidOfKeys = { name: "keys", summary: "API keys", help: keys.help };

test("actions and options are those of the help", () => {
  const { actions, options } = wordsOf(saidOfKeys);
  assert.deepEqual(actions, ["create", "list", "revoke"]);
  for (const option of ["--name", "--role", "--key-file", "--help"]) {
    assert.ok(options.includes(option), option);
  }
  const shells = wordsOf({
    ...{ name: "completion", summary: "" },
    help: completionOf(() => commands).help,
  });
  assert.deepEqual(shells.actions, ["bash", "zsh", "fish"]);
});

test("actions are offered in a package too, where the help says how it is started there", () => {
  const help = compiled(keys.help, false);
  assert.match(help, /^Usage: npx onhand keys create/);
  assert.deepEqual(wordsOf({ ...saidOfKeys, help }).actions, wordsOf(saidOfKeys).actions);
});

test("bash offers commands, then actions, then options", async (t) => {
  let script = "";
  t.mock.method(process.stdout, "write", (text: string) => {
    script += text;
    return true;
  });
  await completionOf(() => commands).run(["bash"]);
  t.mock.restoreAll();
  const offered = (...words: readonly string[]): string[] => {
    const list = words.map((word) => `'${word}'`).join(" ");
    const text = `${script}\nCOMP_WORDS=(onhand ${list}); COMP_CWORD=${words.length}; _onhand; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", text], { encoding: "utf8" }).trim().split("\n");
  };
  assert.deepEqual(offered(""), ["events", "keys"]);
  assert.deepEqual(offered("events", "t"), ["tail"]);
  assert.deepEqual(offered("events", "tail", "--pl"), ["--place-file"]);
});
