// The code base's own rules. What a reviewer would have to say twice is said here once, as a test.
//
// Each rule is shown mistakes that it must refuse and look-alikes that it must let pass, and then the
// whole code base. The rules themselves are in support/tidy-rules.ts; what is decided is here: the
// import table, the packages that each folder may use, the sizes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mutatedFolders } from "./mutation/runner.ts";
import type { SourceFile } from "./support/source-tree.ts";
import { exportsOf, importsOf, isTest, sourceFile, sourceFiles } from "./support/source-tree.ts";
import type { ImportRow, Rule } from "./support/tidy-rules.ts";
import {
  clientStandsAlone,
  domainIsPure,
  environmentHasOneReader,
  everyTestRuns,
  headerRule,
  importRule,
  mirrorProblems,
  nameRule,
  noAny,
  noBarrel,
  noEmptyCatch,
  noSleep,
  runsWithMutants,
  sizeRule,
  todoHasNumber,
} from "./support/tidy-rules.ts";

// Who may import whom, under src. The first row that fits a file counts; whatever is not listed is
// refused. Tests (*.test.ts) are free. "(types)": `import type` only.
const port = "store/store.ts";
/** The words of it that only those need who have to do with webhooks. */
const webhookWords = "store/webhook.ts";
/** What both adapters have in common, none of it a statement of either. */
const storeShared = [
  "findings",
  "filters",
  "migrate",
  "pages",
  "past",
  "repairing",
  "restoring",
  "rows",
  "tables",
  "webhook-sql",
].map((name) => `store/${name}.ts`);
const importTable: readonly ImportRow[] = [
  { files: "domain/", may: ["domain/", "lib/assert.ts", "limits.ts"], packages: [] },
  {
    files: "commands/",
    may: ["commands/", "domain/", `${port} (types)`, "lib/", "limits.ts"],
    packages: ["node:*"],
  },
  {
    // Decisions are made behind one door; everything else of the domain is types to an adapter.
    files: "store/sqlite/",
    may: [
      "store/sqlite/",
      port,
      ...storeShared,
      "domain/decide.ts",
      "domain/ (types)",
      "lib/",
      "limits.ts",
    ],
    packages: ["node:*", "node:sqlite"],
  },
  {
    files: "store/postgres/",
    may: [
      "store/postgres/",
      port,
      ...storeShared,
      "domain/decide.ts",
      "domain/ (types)",
      "lib/",
      "limits.ts",
    ],
    packages: ["node:*", "pg"],
  },
  { files: port, may: [webhookWords, "domain/ (types)", "lib/", "limits.ts"], packages: [] },
  { files: webhookWords, may: ["domain/ (types)"], packages: [] },
  {
    files: "store/",
    may: [port, webhookWords, ...storeShared, "domain/ (types)", "lib/", "limits.ts"],
    packages: ["node:*"],
  },
  ...["log/", "bus/", "cache/", "feeds/"].flatMap((folder) => {
    const shared = ["bus/bus.ts", "bus/envelope.ts", "domain/ (types)", "lib/", "limits.ts"];
    const row = {
      files: folder,
      may: [folder, port, webhookWords, ...shared],
      packages: ["node:*", "lru-cache"],
    };
    // The Redis client belongs to files that say so in their name, and so does its connection.
    const may = [...row.may, "bus/redis-connection.ts"];
    return [{ ...row, files: `${folder}redis`, may, packages: ["node:*", "redis"] }, row];
  }),
  {
    files: "workers/",
    may: ["workers/", "commands/", port, "lib/", "limits.ts"],
    packages: ["node:*"],
  },
  {
    files: "http/",
    may: [
      "http/",
      "commands/",
      "feeds/",
      "cache/",
      "transfer/",
      "bus/envelope.ts",
      port,
      webhookWords,
      "domain/ (types)",
      "lib/",
      "limits.ts",
    ],
    packages: [
      "node:*",
      "fastify",
      "@fastify/*",
      "@scalar/*",
      "typebox",
      "jose",
      "lru-cache",
      "prom-client",
      "csv-stringify",
    ],
  },
  // Files that people import: read, and understood; what is done with them is for others to know.
  { files: "transfer/", may: ["transfer/"], packages: ["node:*", "csv-parse"] },
  {
    files: "cli/",
    may: [
      "cli/",
      "config.ts",
      "main.ts",
      "database.ts",
      "publishing.ts",
      "sdk/",
      "transfer/",
      port,
      "lib/",
      "limits.ts",
    ],
    packages: ["node:*", "close-with-grace", "cli-progress", "csv-stringify", "jose"],
  },
  {
    // The packages of OpenTelemetry have one owner.
    files: "tracing/",
    may: [
      "tracing/",
      `${port} (types)`,
      "bus/bus.ts (types)",
      "cache/redis.ts (types)",
      "feeds/webhook-send.ts (types)",
      "domain/ (types)",
      "lib/",
      "limits.ts",
    ],
    packages: ["node:*", "@opentelemetry/*"],
  },
  { files: "lib/", may: ["lib/", "limits.ts"], packages: ["node:*", "pino", "prom-client"] },
  // With config-database.ts, a part of it in a file of its own.
  { files: "config", may: ["config", "lib/", "limits.ts"], packages: ["node:*"] },
  { files: "limits.ts", may: ["lib/"], packages: [] },
  { files: "main.ts", may: [""], packages: ["node:*"] },
  // A part of main.ts in a file of its own: the log on its way to Redis.
  {
    files: "publishing.ts",
    may: [
      "config.ts",
      "bus/",
      "log/",
      "tracing/redis.ts",
      port,
      "http/deps.ts",
      "domain/model.ts",
      "lib/",
    ],
    packages: [],
  },
  // Another: what lies between requests and database.
  {
    files: "pipeline.ts",
    may: ["cache/", "commands/", "feeds/", "log/", port, "lib/"],
    packages: [],
  },
  // And what instances share through Redis.
  {
    files: "sharing.ts",
    may: ["cache/", "tracing/redis.ts", "http/deps.ts", "lib/"],
    packages: [],
  },
  // Another: the workers, and how often they work.
  {
    files: "working.ts",
    may: [
      "config.ts",
      "workers/",
      "commands/",
      "log/",
      "feeds/",
      "tracing/webhooks.ts",
      port,
      webhookWords,
      "lib/",
      "limits.ts",
    ],
    packages: [],
  },
  // Another: which database the configuration names.
  {
    files: "database.ts",
    may: [
      "config-database.ts",
      port,
      "store/repairing.ts",
      "store/restoring.ts",
      "store/sqlite/",
      "store/postgres/",
      "lib/",
    ],
    packages: [],
  },
  // And what is there from the start, made through the write path.
  {
    files: "first-start.ts",
    may: ["commands/", port, "domain/ (types)", "lib/"],
    packages: ["node:*"],
  },
];

/** What only one adapter has, by design: a file, or a name of one (`path#name`). */
const oneSided: readonly string[] = [
  // SQLite blocks: what may scan has a thread of its own.
  ...["backup", "checkpoints", "in-place", "open", "reader"].map(
    (name) => `src/store/sqlite/${name}.ts`,
  ),
  // PostgreSQL is another machine with other writers: there are connections to lose, rows to lock, commits
  // whose answer is lost, and others to be heard.
  ...["connections", "fate", "journey", "listen", "lock", "messages", "schema"].map(
    (name) => `src/store/postgres/${name}.ts`,
  ),
  ...["isLost", "isBusy", "isOfServer"].map((name) => `src/store/postgres/trouble.ts#${name}`),
  // A file is on this machine's disk: what its flush says is heard here.
  "src/store/sqlite/trouble.ts#isLostFlush",
  ...["logChannel", "numbered", "SaveOptions"].map((name) => `src/store/postgres/save.ts#${name}`),
  // Rarely written, and a statement each.
  "src/store/postgres/save-catalog.ts",
  // How each driver is spoken to, and what a copy reads here and fills there.
  ...["sqlite", "postgres"].flatMap((db) => [
    `src/store/${db}/statements.ts`,
    `src/store/${db}/tables.ts`,
  ]),
];

type Sample = readonly [path: string, text: string];

interface Promised {
  readonly title: string;
  readonly rule: Rule;
  readonly covers: (path: string) => boolean;
  readonly refuses: readonly Sample[];
  readonly allows: readonly Sample[];
}

const everyFile = (): boolean => true;
const inSrc = (path: string): boolean => path.startsWith("src/");
const shipped = (path: string): boolean => inSrc(path) && !isTest(path);
const inClient = (path: string): boolean => path.startsWith("sdk/") && !isTest(path);
const header = "// Says what this file promises and what it leaves to others.\n";
const lines = (count: number): string => "x;\n".repeat(count);

const promises: readonly Promised[] = [
  {
    title: "folders import only what the import table lets them",
    rule: importRule(importTable),
    covers: inSrc,
    refuses: [
      ["src/domain/a.ts", 'import { ids } from "../lib/ids.ts";'],
      ["src/domain/a.ts", 'import fs from "node:fs";'],
      ["src/domain/a.ts", 'import "fast-check";'],
      ["src/commands/a.ts", 'import { open } from "../store/store.ts";'],
      ["src/commands/a.ts", 'import type { Bus } from "../bus/bus.ts";'],
      ["src/store/sqlite/a.ts", 'import type { Pool } from "../postgres/pool.ts";'],
      ["src/store/sqlite/a.ts", 'export { reserve } from "../../domain/reservation.ts";'],
      ["src/store/postgres/a.ts", 'import { DatabaseSync } from "node:sqlite";'],
      ["src/log/a.ts", 'const { batch } = await import("../commands/batch.ts");'],
      ["src/bus/memory.ts", 'import { createClient } from "redis";'],
      ["src/workers/a.ts", 'new Worker(new URL("../store/sqlite/writer.ts", import.meta.url));'],
      ["src/http/a.ts", 'import {\n  decide,\n  type Command,\n} from "../domain/decide.ts";'],
      ["src/http/a.ts", 'import { open } from "../store/sqlite/open.ts";'],
      ["src/http/routes/a.ts", 'import type { Config } from "../../config.ts";'],
      ["src/http/a.ts", 'import pg from "pg";'],
      ["src/cli/a.ts", 'import { open } from "../store/sqlite/open.ts";'],
      ["src/lib/a.ts", 'import type { Sku } from "../domain/model.ts";'],
      ["src/lib/a.ts", "await import(name);"],
      ["src/log/a.ts", 'import { trace } from "@opentelemetry/api";'],
      ["src/config.ts", 'import { serve } from "./main.ts";'],
      ["src/main.ts", 'import fastify from "fastify";'],
      ["src/lib/a.ts", 'import { env } from "node:process";'],
      ["src/parts/a.ts", "export const a = 1;"],
      ["src/feeds/a.ts", 'import { given } from "../../test/given.ts";'],
    ],
    allows: [
      ["src/domain/a.ts", 'import { assert } from "../lib/assert.ts";\nimport "./model.ts";'],
      ["src/domain/a.ts", '// import fs from "node:fs";\nconst text = `import "pg";`;'],
      ["src/commands/a.ts", 'import type { Store } from "../store/store.ts";'],
      ["src/store/sqlite/a.ts", 'import { decide } from "../../domain/decide.ts";'],
      ["src/store/sqlite/a.ts", 'import { DatabaseSync } from "node:sqlite";'],
      ["src/store/sqlite/a.ts", 'new URL("./migrations/0001.sql", import.meta.url);'],
      ["src/bus/redis-streams.ts", 'import { createClient } from "redis";'],
      ["src/http/a.ts", 'import type { Command } from "../domain/decide.ts";'],
      ["src/http/a.ts", 'import cors from "@fastify/cors";\nimport { Type } from "typebox/type";'],
      ["src/cli/a.ts", 'import { start } from "../main.ts";'],
      ["src/main.ts", 'import { open } from "./store/sqlite/open.ts";'],
      ["src/domain/a.test.ts", 'import fc from "fast-check";'],
    ],
  },
  {
    title: "the client stands alone",
    rule: clientStandsAlone,
    covers: (path) => path.startsWith("sdk/src/") && !isTest(path),
    refuses: [
      ["sdk/src/a.ts", 'import { createHash } from "node:crypto";'],
      ["sdk/src/a.ts", 'import type { Stock } from "../../src/domain/model.ts";'],
      ["sdk/src/a.ts", 'import { scripted } from "../test/scripted.ts";'],
      ["sdk/src/a.ts", 'import wretch from "wretch";'],
    ],
    allows: [["sdk/src/a.ts", 'import type { Stock } from "./words.ts";']],
  },
  {
    title: "the domain knows neither time nor chance nor waiting",
    rule: domainIsPure,
    covers: (path) => shipped(path) && path.startsWith("src/domain/"),
    refuses: [
      ["src/domain/a.ts", "const now = Date.now();"],
      ["src/domain/a.ts", "const draw = Math.random();"],
      ["src/domain/a.ts", "export async function decide() {}"],
      ["src/domain/a.ts", "const text = `at $" + "{new Date()}`;"],
      ["src/domain/a.ts", "process.exit(1);"],
    ],
    allows: [["src/domain/a.ts", '// A Date is async.\nconst text = "process"; line.process();']],
  },
  {
    // And the entry, which tells Node's own threads where compiled modules are kept.
    title: "only config.ts reads the environment",
    rule: environmentHasOneReader,
    covers: (path) => inSrc(path) && path !== "src/config.ts" && path !== "src/cli/onhand.js",
    refuses: [
      ["src/lib/a.ts", "const home = process.env.HOME;"],
      ["src/lib/a.ts", 'const home = process["env"].HOME;'],
      ["src/lib/a.ts", "const { env } = process;"],
    ],
    allows: [
      ["src/lib/a.ts", "// not process.env\nconst { env } = context; process.exitCode = 1;"],
    ],
  },
  {
    title: "a source file has at most 500 lines and a test file 800",
    rule: sizeRule({ source: 500, test: 800 }),
    covers: everyFile,
    refuses: [
      ["src/http/a.ts", lines(501)],
      ["test/a.test.ts", lines(801)],
    ],
    allows: [
      ["src/http/a.ts", lines(500)],
      ["test/contract/a.contract.ts", lines(800)],
      ["sdk/src/a.ts", `// Generated from openapi.json.\n${lines(900)}`],
    ],
  },
  {
    title: "a source file opens with a paragraph that says what it is for",
    rule: headerRule,
    covers: (path) => shipped(path) || inClient(path),
    refuses: [
      ["src/a.ts", 'import "./b.ts";\n// What this file promises, too late.'],
      ["src/a.ts", "// Stock.\nexport const a = 1;"],
      ["src/a.ts", ""],
    ],
    allows: [
      ["src/a.ts", header],
      ["src/a.ts", `#!/usr/bin/env node\n${header}`],
      ["src/a.ts", "/**\n * Says what this file promises to others.\n */\n"],
    ],
  },
  {
    title: "no name ends in a word that says nothing",
    rule: nameRule,
    covers: everyFile,
    refuses: [
      ["src/http/stock-manager.ts", ""],
      ["src/utils/text.ts", ""],
      ["src/a.ts", "export class StockService {}"],
      ["src/a.ts", "export interface\n  RowData {}"],
      ["src/a.ts", "const a = 1;\nexport { a as stockInfo };"],
      ["src/a.ts", "export const HTTP_UTILS = 1;"],
    ],
    allows: [
      ["src/http/database.ts", "export type Metadata = string; const rowData = 1;"],
      ["src/a.ts", "export const baseUrl = 1; export type ServiceName = string;"],
    ],
  },
  {
    title: "nothing is typed any",
    rule: noAny,
    covers: everyFile,
    refuses: [
      ["src/a.ts", "let a: any;"],
      ["src/a.ts", "const a = b as any;"],
      ["src/a.ts", "type A = Record<string, any>;"],
      ["src/a.ts", "function f(a: any[]): void {}"],
    ],
    allows: [["src/a.ts", '// any: any\nconst text = ": any"; await Promise.any([a]);']],
  },
  {
    title: "a note of something to do has the number of its issue",
    rule: todoHasNumber,
    covers: everyFile,
    refuses: [
      ["src/a.ts", "// TODO: later"],
      ["src/a.ts", "/* FIXME */"],
    ],
    allows: [["src/a.ts", '// TODO(#12): later\nconst text = "TODO";']],
  },
  {
    title: "no file only passes on what others own",
    rule: noBarrel,
    covers: inSrc,
    refuses: [
      ["src/http/index.ts", ""],
      ["src/http/a.ts", 'export * from "./b.ts";'],
    ],
    allows: [["src/http/index-page.ts", "export const a = 1;"]],
  },
  {
    title: "nothing is caught and dropped without a word",
    rule: noEmptyCatch,
    covers: everyFile,
    refuses: [
      ["src/a.ts", "try { f(); } catch {}"],
      ["src/a.ts", "try { f(); } catch (error) {\n}"],
      ["src/a.ts", "f().catch(() => {});"],
    ],
    allows: [["src/a.ts", "try { f(); } catch {\n  // Gone already: that is what was wanted.\n}"]],
  },
  {
    title: "every test runs",
    rule: everyTestRuns,
    covers: isTest,
    refuses: [
      ["src/a.test.ts", 'test.only("a", () => {});'],
      ["src/a.test.ts", 'describe.skip("a", () => {});'],
      ["src/a.test.ts", 'test("a", { skip: true }, () => {});'],
    ],
    allows: [["src/a.test.ts", 'test("never .skip(", () => { list.skipped(); });']],
  },
  {
    title: "mutants can be tried with every unit test",
    rule: runsWithMutants,
    covers: (path) =>
      isTest(path) && mutatedFolders.some((folder) => path.startsWith(`${folder}/`)),
    refuses: [
      ["src/log/a.test.ts", 'import { describe, mock, test } from "node:test";'],
      ["src/domain/a.test.ts", 'import { test, afterEach } from "node:test";'],
      ["src/domain/a.test.ts", 'import tests from "node:test";'],
    ],
    allows: [
      ["src/log/a.test.ts", 'import { describe, type TestContext, test } from "node:test";'],
      ["src/log/a.test.ts", 'import type { Mock } from "node:test";'],
    ],
  },
  {
    title: "no test sleeps",
    rule: noSleep,
    covers: (path) => /\.(?:test|contract)\.ts$/.test(path),
    refuses: [
      ["src/a.test.ts", 'import { setTimeout } from "node:timers/promises";'],
      ["src/a.test.ts", "await new Promise((done) => {\n  setTimeout(done, 5);\n});"],
      ["src/a.test.ts", 'const { setTimeout: wait } = await import("timers/promises");'],
    ],
    allows: [["src/a.test.ts", "clock.setTimeout(tick, 5); // not setTimeout(done)"]],
  },
];

const files = sourceFiles();

for (const { title, rule, covers, refuses, allows } of promises) {
  describe(title, () => {
    test("mistakes are refused", () => {
      for (const [path, text] of refuses) {
        assert.ok(covers(path), `the rule does not look at ${path}`);
        assert.notDeepEqual(rule(sourceFile(path, text)), [], `let pass in ${path}:\n${text}`);
      }
    });
    test("look-alikes pass", () => {
      for (const [path, text] of allows) assert.deepEqual(rule(sourceFile(path, text)), []);
    });
    test("the code base keeps it", () => {
      assertNone(files.filter(({ path }) => covers(path)).flatMap(rule));
    });
  });
}

describe("both adapters export the same names from the same files", () => {
  const sqlite = [sourceFile("src/store/sqlite/rows.ts", "export function load() {}")];
  const planted = (path: string, text: string): string[] =>
    mirrorProblems(sqlite, [sourceFile(path, text)], []);

  test("mistakes are refused", () => {
    assert.equal(planted("src/store/postgres/rows.ts", "export function save() {}").length, 2);
    assert.equal(planted("src/store/postgres/table.ts", "export function load() {}").length, 2);
  });
  test("twins pass", () => {
    assert.deepEqual(planted("src/store/postgres/rows.ts", "export async function load() {}"), []);
  });
  test("the code base keeps it", (t) => {
    const [left, right] = ["sqlite", "postgres"].map((db) =>
      files.filter(({ path }) => path.startsWith(`src/store/${db}/`) && !isTest(path)),
    ) as [SourceFile[], SourceFile[]];
    if (left.length === 0 || right.length === 0)
      t.diagnostic("one adapter only: nothing to compare");
    assertNone(mirrorProblems(left, right, oneSided));
  });
});

test("the rules read source text rightly", () => {
  const file = sourceFile(
    "src/a/b.ts",
    'import a, { b } from "../c.ts"; // it\'s "quoted"\nconst re = /["\'`]/g, half = 4 / 2 / 1;\n' +
      "const s = `x $" +
      "{f({ k: `y $" +
      '{"}"} z` })} w`; export const after = 1;\nexport { s, re as r };',
  );
  assert.deepEqual(
    importsOf(file).map(({ target, line }) => [target, line]),
    [["src/c.ts", 1]],
  );
  assert.deepEqual(exportsOf(file), ["r", "s"]);
  assert.match(file.code, /half = 4 \/ 2 \/ 1;\n.*f\(\{ k: +.*export const after = 1;/);
  assert.equal(file.comments.trim(), '// it\'s "quoted"');
  assert.equal(file.code.length, file.text.length);
});

function assertNone(problems: readonly string[]): void {
  assert.equal(problems.join("\n"), "");
}
