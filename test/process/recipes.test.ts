// docs/recipes.md as a reader has it: each program type-checks, and prints what stands below it, one after the other
// against a service with its demo data.

import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { compile } from "../../sdk/test/compile.ts";
import { must } from "../../src/lib/assert.ts";
import {
  type Instance,
  newFolder,
  runProgram,
  startInstance,
  unlimited,
} from "../support/instance.ts";
import { assertShown, programsIn } from "../support/pasted.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const [opening, ...recipes] = programsIn("docs/recipes.md");
const begin = must(opening, "how every program begins").command;

describe("docs/recipes.md, run", () => {
  let service: Instance;
  let folder: string;
  before(async () => {
    service = await startInstance({ env: unlimited });
    folder = newFolder();
    symlinkSync(join(repositoryRoot, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  });
  after(() => service.kill());

  test("is all of its programs", () => {
    assert.equal(recipes.length, 6);
    assert.deepEqual(
      recipes.filter(({ expected }) => expected === null),
      [],
    );
  });

  test("type-checks", () => {
    for (const [index, { command }] of recipes.entries()) {
      writeFileSync(join(folder, `recipe-${index}.ts`), `${begin}\n${command}`);
    }
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(repositoryRoot, "tsconfig.json"),
        compilerOptions: {
          noPropertyAccessFromIndexSignature: false,
          noUnusedLocals: false,
          typeRoots: [join(repositoryRoot, "node_modules/@types")],
        },
        include: ["*.ts"],
      }),
    );
    compile(["-p", join(folder, "tsconfig.json")]);
  });

  for (const [index, { command, expected }] of recipes.entries()) {
    test(`${command
      .split("\n")
      .find((line) => line.includes("client."))
      ?.trim()}`, async () => {
      const path = join(folder, `recipe-${index}.ts`);
      const env = { ONHAND_URL: service.url, ONHAND_API_KEY: service.key };
      const { code, stdout, stderr } = await runProgram([path], folder, env);
      assert.equal(code, 0, stderr + stdout);
      assertShown(stdout, must(expected, "what it prints"));
    });
  }
});
