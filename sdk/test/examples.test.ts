// The documentation of the client is held to the service: every method says which operation it is and what that may
// refuse, has an example, and every example compiles as a user would compile it and runs against the real service.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { repositoryRoot } from "../../test/support/source-tree.ts";
import type { Client, createClient } from "../src/client.ts";
import { compile, sdkFolder as sdk } from "./compile.ts";
import { functionIn, methods, programOf } from "./examples.ts";
import { openShop, type Shop } from "./shop.ts";

const documented = methods();
const withExamples = [
  ...documented,
  functionIn("client.ts", "createClient"),
  functionIn("errors.ts", "isOnhandError"),
];

interface Operation {
  readonly operationId: string;
  readonly responses: Record<string, Answer>;
}
interface Answer {
  readonly $ref?: string;
  readonly content?: Record<
    string,
    { schema: { allOf?: { properties: { code: { enum?: string[] } } }[] } }
  >;
}
const openapi = JSON.parse(readFileSync(join(repositoryRoot, "openapi.json"), "utf8"));
const operations = Object.values<Record<string, Operation>>(openapi.paths).flatMap((path) =>
  Object.values(path),
);

/** What any call may be refused for: the reader knows it, or learns it once. */
const ofEveryCall = new Set([
  ...["validation_failed", "malformed_json", "invalid_cursor", "invalid_idempotency_key"],
  ...["unauthenticated", "forbidden", "body_too_large", "unsupported_media_type"],
  ...["idempotency_key_reused", "rate_limited", "headers_too_large", "internal"],
  ...["overloaded", "database_unavailable"],
]);

function codesOf({ responses }: Operation): string[] {
  const found = Object.values(responses).flatMap((answer) => {
    const named = openapi.components.responses[answer.$ref?.split("/").at(-1) ?? ""] ?? answer;
    const problem = (named as Answer).content?.["application/problem+json"]?.schema.allOf?.[1];
    return problem?.properties.code.enum ?? [];
  });
  return [...new Set(found)].filter((code) => !ofEveryCall.has(code)).sort();
}

const operationOf = (doc: string): string => /^Operation: `(\w+)`\./m.exec(doc)?.[1] ?? "";
const errorsOf = (doc: string): string[] => {
  const said = /Errors: ([\s\S]*?)\n\n@example/.exec(doc)?.[1] ?? "";
  return Array.from(said.matchAll(/`([a-z_]+)`/g), ([, code = ""]) => code).sort();
};

describe("the documentation of the client", () => {
  test("has every operation of the API but its documents and metrics", () => {
    const elsewhere = ["getOpenapi", "getDocs", "getDocsScript", "getMetrics"];
    const known = operations.map(({ operationId }) => operationId);
    assert.deepEqual(
      [...new Set(documented.map(({ doc }) => operationOf(doc)))].sort(),
      known.filter((id) => !elsewhere.includes(id)).sort(),
    );
  });

  for (const { name, doc, example } of documented) {
    test(`${name} says what it may be refused for, and has an example`, () => {
      const operation = operations.find(({ operationId }) => operationId === operationOf(doc));
      assert.ok(operation, "names its operation");
      const expected = name === "events.subscribe" ? ["closed"] : codesOf(operation);
      assert.deepEqual(errorsOf(doc), expected);
      assert.ok(example?.includes("client."), "has an example");
    });
  }
});

interface Program {
  readonly createClient: typeof createClient;
  readonly examples: (client: Client) => Record<string, () => Promise<void>>;
}

describe("the examples of the client", () => {
  const folder = mkdtempSync(join(tmpdir(), "onhand-examples-"));
  let shop: Shop;
  let said: string[] = [];
  let examples: Record<string, () => Promise<void>>;
  const { log } = console;

  before(async () => {
    shop = await openShop();
    process.env["ONHAND_API_KEY"] = shop.keys.admin;
    const text = programOf(withExamples).replaceAll("http://127.0.0.1:8080", shop.url);
    // Built as for the package, which package.test.ts packs and installs.
    const installed = join(folder, "node_modules/@onhand/client");
    mkdirSync(installed, { recursive: true });
    copyFileSync(join(sdk, "package.json"), join(installed, "package.json"));
    compile(["-p", sdk, "--outDir", join(installed, "dist")]);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "examples.ts"), text);
    const compilerOptions = {
      noPropertyAccessFromIndexSignature: false,
      typeRoots: [join(repositoryRoot, "node_modules/@types")],
    };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(repositoryRoot, "tsconfig.json"),
        compilerOptions,
        include: ["examples.ts"],
      }),
    );
    const program: Program = await import(pathToFileURL(join(folder, "examples.ts")).href);
    // Of the package that the examples import: its errors are of other classes than those of the sources.
    const client = program.createClient({ baseUrl: shop.url, apiKey: shop.keys.admin });
    examples = program.examples(client);
  });
  after(async () => {
    delete process.env["ONHAND_API_KEY"];
    rmSync(folder, { recursive: true, force: true });
    await shop.close();
  });

  test("compile", () => compile(["-p", folder]));

  for (const { name } of withExamples) {
    test(`${name} runs`, async () => {
      said = [];
      console.log = (...words: unknown[]) => void said.push(words.join(" "));
      try {
        await examples[name]?.();
      } finally {
        console.log = log;
      }
      assert.deepEqual(
        said.filter((line) => line.includes("undefined")),
        [],
      );
    });
  }
});
