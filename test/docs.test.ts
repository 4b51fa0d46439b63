// The documents are held to the code: a code, an event, a setting, a file or a command that they name is
// there, and what is there is named. What they say of answers is compared with real ones.

import assert from "node:assert/strict";
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { after, before, describe, test } from "node:test";
import { commands } from "../src/cli/command-line.ts";
import { loadConfig } from "../src/config.ts";
import { type Command, eventTypes, type Stock } from "../src/domain/model.ts";
import { isKept, precedence, type Rejection, type RejectionCode } from "../src/domain/rejection.ts";
import { problemKinds, problemText, statusesOf } from "../src/http/problem.ts";
import { codeOf, refusalOf } from "../src/http/refusal.ts";
import { must } from "../src/lib/assert.ts";
import { openStore } from "../src/store/sqlite/store.ts";
import type { LogEvent, Store } from "../src/store/store.ts";
import * as say from "./support/commands.ts";
import {
  anchorsOf,
  codeSpansIn,
  document,
  documents,
  fencesIn,
  relativeLinksIn,
  sectionOf,
  tableRowsIn,
  tablesIn,
} from "./support/documents.ts";
import { knownSettings } from "./support/known-settings.ts";
import { repositoryRoot, sourceFiles } from "./support/source-tree.ts";
import { until } from "./support/until.ts";

const all = documents();
const read = (path: string): string => document(path).text;
const wordsIn = (cell: string): string[] => codeSpansIn(cell);
const sorted = (words: Iterable<string>): string[] => [...words].sort();

describe("docs/errors.md", () => {
  const text = read("docs/errors.md");
  const rows = tablesIn(text)
    .filter(({ head }) => head[0] === "code")
    .flatMap((table) => table.rows);
  const rowOf = (code: string): string[] =>
    must(
      rows.find(([cell]) => cell === `\`${code}\``),
      `a row of ${code}`,
    );

  test("has every code of the API with its statuses, and no other", () => {
    assert.deepEqual(
      sorted(rows.map(([code, status]) => `${code} ${status}`)),
      sorted(
        Object.keys(problemKinds).map(
          (code) => `\`${code}\` ${statusesOf(code as keyof typeof problemKinds).join(", ")}`,
        ),
      ),
    );
  });

  test("says of each refusal which facts it has", () => {
    for (const rejection of Object.values(refusals)) {
      const code = codeOf(rejection);
      const documented = wordsIn(rowOf(code)[3] ?? "");
      const actual = Object.keys(refusalOf(rejection).facts);
      // Asked for by its SKU, a product that is not there has another fact.
      const also = code === "product_not_found" ? ["sku"] : [];
      assert.deepEqual(sorted(documented), sorted([...actual, ...also]), code);
    }
  });

  test("says of each code whether an idempotency key keeps it", () => {
    const kept = new Set<string>(
      Object.values(refusals)
        .filter(isKept)
        .map(({ code }) => code),
    );
    for (const [cell, , , , says] of rows) {
      const code = wordsIn(cell ?? "")[0] ?? "";
      assert.equal(says, kept.has(code) ? "yes" : "no", code);
    }
  });

  test("shows a problem as the service writes it", () => {
    const example = JSON.parse(fencesIn(text)[0]?.text ?? "");
    const { status, detail, instance, code, request_id: requestId } = example;
    const { facts } = refusalOf({
      code: "insufficient_stock",
      productId: example.product_id,
      storeId: example.store_id,
      available: example.available,
      requested: example.requested,
    });
    const written = problemText({ code, status, detail, facts, requestId, instance });
    assert.deepEqual(JSON.parse(written), example);
  });
});

describe("docs/events.md", () => {
  const text = read("docs/events.md");
  const sections = new Map(
    Array.from(text.matchAll(/^### `(.+)`$/gm), ([, type = ""]) => [
      type,
      sectionOf(text, `### \`${type}\``),
    ]),
  );
  let folder: string;
  let store: Store;
  let log: readonly LogEvent[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "onhand-docs-"));
    const limits = {
      reservationsPerCustomer: 0,
      unitsPerCustomer: 0,
      reservationLifeMs: 3_600_000,
    };
    store = await openStore(join(folder, "inventory.db"), { limits });
    log = await everyEvent(store);
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("has a section for every type of event, and no other", () => {
    assert.deepEqual(sorted(sections.keys()), sorted(eventTypes));
  });

  test("the events to compare with are of every type", () => {
    assert.deepEqual(sorted(new Set(log.map(({ type }) => type))), sorted(eventTypes));
  });

  for (const type of eventTypes) {
    test(`${type} has the payload that is described`, () => {
      const section = must(sections.get(type), `a section of ${type}`);
      const cells = tableRowsIn(section).map(([cell = ""]) => cell);
      const documented = cells.flatMap(wordsIn);
      const always = cells.filter((cell) => cell.startsWith("**")).flatMap(wordsIn);
      const events = log.filter((event) => event.type === type);
      const seen = events.map(({ payload }) => Object.keys(JSON.parse(payload)));

      assert.deepEqual(sorted(new Set(seen.flat())), sorted(documented));
      const inAll = documented.filter((field) => seen.every((fields) => fields.includes(field)));
      assert.deepEqual(sorted(inAll), sorted(always), "those in bold are always there");
      for (const { aggregateType } of events) {
        assert.match(section, new RegExp(`Aggregate: \`${aggregateType}\``));
      }
      const example = Object.keys(JSON.parse(fencesIn(section)[0]?.text ?? ""));
      assert.deepEqual(
        example.filter((field) => !documented.includes(field)),
        [],
      );
      assert.deepEqual(
        always.filter((field) => !example.includes(field)),
        [],
      );
    });
  }
});

describe("README.md", () => {
  const configuration = sectionOf(read("README.md"), "## Configuration");

  test("has every setting, and no other", () => {
    const documented = wordsIn(configuration).filter((word) =>
      /^[A-Z][A-Z0-9]*_?[A-Z0-9_]*$/.test(word),
    );
    assert.deepEqual(sorted(new Set(documented)), sorted(knownSettings()));
  });

  test("says the defaults as they are", () => {
    const same = { INSTANCE_ID: "same" };
    const otherwise = loadConfig(same);
    for (const [name = "", value = ""] of tableRowsIn(configuration)) {
      const setting = must(wordsIn(name)[0], `a name in ${name}`);
      const documented = wordsIn(value)[0];
      if (documented === undefined) assert.equal(value, "–", setting);
      else assert.deepEqual(loadConfig({ ...same, [setting]: documented }), otherwise, setting);
    }
  });

  test("has every command of the command line, and no other", () => {
    const documented = tableRowsIn(sectionOf(read("README.md"), "## Command line"));
    const there = commands.map(({ name }) => name);
    assert.deepEqual(sorted(documented.flatMap(([cell = ""]) => wordsIn(cell))), sorted(there));
  });
});

describe("GUARANTEES.md", () => {
  const rows = tableRowsIn(
    read("GUARANTEES.md")
      .replace(/^### Last measured$[\s\S]*?(?=^### )/m, "")
      .replace(/^## Planted faults$[\s\S]*?(?=^## )/m, ""),
  );

  test("has each number once", () => {
    const ids = rows.map(([id = ""]) => id);
    const numbered = (letter: string, last: number): string[] =>
      Array.from({ length: last }, (_, index) => `${letter}${index + 1}`);
    assert.deepEqual(sorted(ids), sorted([...numbered("I", 10), ...numbered("G", 19)]));
  });

  test("every promise names where it is enforced and a test that proves it", () => {
    for (const [id, , enforcedIn = "", provenBy] of rows) {
      if (provenBy === undefined) continue; // not promised yet
      assert.notDeepEqual(wordsIn(enforcedIn), [], `${id} is enforced somewhere`);
      const tests = wordsIn(provenBy);
      assert.notDeepEqual(tests, [], `${id} is proven somewhere`);
      for (const path of tests.filter((word) => !word.startsWith("npm run "))) {
        assert.match(path, /\.test\.ts$/, `${id} names ${path} as a test`);
        assert.ok(
          existsSync(join(repositoryRoot, path)),
          `${id} names ${path}, which is not there`,
        );
      }
    }
  });
});

test("ARCHITECTURE.md says of every folder of src whom it may import", () => {
  const table = tableRowsIn(sectionOf(read("ARCHITECTURE.md"), "## Who may import whom"));
  const named = new Set(table.flatMap(([cell = ""]) => wordsIn(cell)));
  const folders = readdirSync(join(repositoryRoot, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `src/${name}/`);
  assert.deepEqual(
    folders.filter((folder) => !named.has(folder)),
    [],
  );
});

describe("every document", () => {
  test("links to files and headings that are there", () => {
    const broken = all.flatMap((one) =>
      relativeLinksIn(one)
        .filter(({ target, anchor }) => !leadsSomewhere(target, anchor))
        .map(
          ({ target, anchor }) => `${one.path}: ${target}${anchor === null ? "" : `#${anchor}`}`,
        ),
    );
    assert.deepEqual(broken, []);
  });

  test("names scripts that package.json has", () => {
    const manifest = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
    const scripts = Object.keys(manifest.scripts);
    const missing = all.flatMap(({ path, text }) =>
      Array.from(text.matchAll(/\bnpm run (?:--?s\w* )?([a-z][\w:-]*)/g), ([, name = ""]) => name)
        .filter((name) => !scripts.includes(name))
        .map((name) => `${path}: npm run ${name}`),
    );
    assert.deepEqual(missing, []);
  });

  test("names files and folders that are there", () => {
    const missing = all.flatMap(({ path, text }) =>
      codeSpansIn(text)
        .filter((span) => isPath(span) && !isThere(span))
        .map((span) => `${path}: ${span}`),
    );
    assert.deepEqual(missing, []);
  });

  test("is found from README.md", () => {
    const found = new Set(["README.md"]);
    for (const path of found) {
      for (const { target } of relativeLinksIn(document(path))) {
        if (target.endsWith(".md")) found.add(target);
      }
    }
    assert.deepEqual(sorted(found), sorted(all.map(({ path }) => path)));
  });
});

function leadsSomewhere(target: string, anchor: string | null): boolean {
  if (!existsSync(join(repositoryRoot, target))) return false;
  return anchor === null || anchorsOf(read(target)).includes(anchor);
}

const topFolders = readdirSync(repositoryRoot, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "data")
  .map(({ name }) => name);
const baseNames = new Set(
  [...sourceFiles().map(({ path }) => path), ...readdirSync(repositoryRoot)].map((path) =>
    posix.basename(path),
  ),
);

/** Whether a code span names something in the repository, and not an address or a file of a service. */
function isPath(span: string): boolean {
  if (/^[\w.-]+\.(?:ts|mjs|md|sql|json)$/.test(span)) return true;
  const [folder = ""] = span.split("/");
  return (
    /^\.?[\w-]+(?:\/[\w.*-]+)*\/?$/.test(span) && span.includes("/") && topFolders.includes(folder)
  );
}

/** Folders that appear when something is run. */
const madeLater = new Set(read(".gitignore").split("\n"));

function isThere(span: string): boolean {
  if (madeLater.has(span)) return true;
  if (span.includes("*")) return globSync(span, { cwd: repositoryRoot }).length > 0;
  return existsSync(join(repositoryRoot, span)) || baseNames.has(span);
}

const row: Stock = {
  id: "row",
  productId: "p",
  storeId: "s",
  quantity: 5,
  reserved: 2,
  version: 3,
  reorderPoint: null,
  lowTold: false,
  updatedAt: 0,
};
const place = { productId: "p", storeId: "s" };

/** One of each. */
const refusals: { readonly [Code in RejectionCode]: Extract<Rejection, { code: Code }> } = {
  product_not_found: { code: "product_not_found", productId: "p" },
  store_not_found: { code: "store_not_found", storeId: "s" },
  store_inactive: { code: "store_inactive", storeId: "s" },
  same_store: { code: "same_store", storeId: "s" },
  id_taken: { code: "id_taken", id: "x" },
  sku_taken: { code: "sku_taken", sku: "k", productId: "p" },
  stock_not_found: { code: "stock_not_found", ...place },
  reservation_not_found: { code: "reservation_not_found", reservationId: "r" },
  group_not_found: { code: "group_not_found", groupId: "g" },
  stock_exists: { code: "stock_exists", stock: row },
  version_mismatch: { code: "version_mismatch", source: "body", expected: 1, current: 2 },
  reservation_not_pending: {
    code: "reservation_not_pending",
    reservationId: "r",
    status: "CONFIRMED",
    retakenBy: null,
  },
  reservation_expired: { code: "reservation_expired", reservationId: "r", expiredAt: 0 },
  lifetime_exceeded: { code: "lifetime_exceeded", maxSeconds: 1 },
  product_in_use: { code: "product_in_use", productId: "p", quantity: 1 },
  store_in_use: { code: "store_in_use", storeId: "s", quantity: 1 },
  customer_limit_reached: {
    code: "customer_limit_reached",
    customerId: "c",
    limit: "units",
    max: 1,
    current: 1,
  },
  insufficient_stock: { code: "insufficient_stock", ...place, available: 0, requested: 1 },
  quantity_below_reserved: { code: "quantity_below_reserved", ...place, quantity: 0, reserved: 1 },
  quantity_out_of_range: { code: "quantity_out_of_range", field: "quantity", max: 1 },
  batch_failed: { code: "batch_failed", results: [] },
  idempotency_key_reused: { code: "idempotency_key_reused" },
};
assert.deepEqual(sorted(Object.keys(refusals)), sorted(precedence));

/** A history in which every type of event comes, with and without what may be left out. */
async function everyEvent(store: Store): Promise<readonly LogEvent[]> {
  const words = { note: "in words", reference: "DN-1", userId: "vendor-1" };
  await accept(store, [
    say.createStore("MAD"),
    say.createStore("BCN"),
    say.createStore("OLD"),
    say.changeStore("OLD", { active: false }),
    say.archiveStore("OLD"),
    say.createProduct("mug"),
    say.createProduct("old", { sku: "OLD" }),
    say.changeProduct("mug", { description: "blue" }),
    say.archiveProduct("old"),
    say.changeStock({ amount: 50 }),
    say.changeStock({ storeId: "BCN", amount: 50, ...words }),
    say.changeStock(),
    say.changeStock(words),
    say.setStock({ quantity: 60 }),
    say.setStock({ reorderPoint: 5 }),
    say.setStock({ quantity: 5 }),
    say.setStock({ quantity: 0 }),
    say.setStock({ quantity: 60 }),
    say.setStock({ storeId: "BCN", quantity: 0 }),
    say.setStock({ storeId: "BCN", quantity: 50 }),
    say.transfer(),
    say.transfer({ transferId: "transfer-2", note: "by van" }),
    say.reserve("sold", 1),
    say.confirm("sold"),
    say.reserve("left", 1),
    say.cancel("left"),
    say.reserve("left-2", 1),
    say.cancel("left-2", { reason: "in words" }),
    say.reserve("late", 1),
    say.extend("late", 1),
    ...["sold", "left", "late"].map((name) =>
      say.reserveGroup(name, [{ id: `${name}-in-group`, quantity: 1 }], { ttlMs: 60_000 }),
    ),
    say.confirm("group:sold"),
    say.cancel("group:left"),
    say.extend("group:late", 1),
  ]);
  await until(async () => ((await store.nextDueAt()) ?? 0) < Date.now(), "the holds are over");
  await until(async () => {
    await accept(store, [say.expireDue()]);
    return (await store.nextDueAt()) === null;
  }, "they have ended");
  await accept(store, [say.confirm("late", { retakeId: "again" })]);
  const { seq } = await store.head();
  const anything = { type: null, storeId: null, productId: null, stores: "*" } as const;
  return (await store.events({ ...anything, after: 0, limit: seq })).items;
}

async function accept(store: Store, commands: readonly Command[]): Promise<void> {
  for (const command of commands) {
    const [outcome] = await store.commit([command]);
    assert.ok(outcome !== undefined && "reply" in outcome.result, JSON.stringify(outcome?.result));
  }
}
