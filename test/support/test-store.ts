// The store under the whole service in tests: SQLite in a folder of its own, or with
// ONHAND_TEST_DATABASE=postgres PostgreSQL. `npm test` runs the tests of test/http with both.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../src/store/sqlite/store.ts";
import type { Store, StoreOptions } from "../../src/store/store.ts";

export interface TestStore {
  readonly store: Store;
  /** Whether these bytes, or this text, stand anywhere in the database. */
  keeps(what: Uint8Array | string): Promise<boolean>;
  close(): Promise<void>;
}

type Limits = Pick<StoreOptions, "limits">;

const testDatabase = process.env["ONHAND_TEST_DATABASE"] === "postgres" ? "PostgreSQL" : "SQLite";

export const openTestStore = { SQLite: openOnFile, PostgreSQL: openOnServer }[testDatabase];

async function openOnFile(options: Limits): Promise<TestStore> {
  const folder = mkdtempSync(join(tmpdir(), "onhand-app-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const store = await openStore(join(folder, "inventory.db"), options);
  return {
    store,
    async keeps(what) {
      const copy = join(folder, "copy.db");
      await store.backup(copy);
      return readFileSync(copy).includes(what);
    },
    async close() {
      await store.close();
      remove();
    },
  };
}

async function openOnServer(options: Limits): Promise<TestStore> {
  // Not loaded for tests on files.
  const { openPostgresStore } = await import("./postgres-store.ts");
  const { store, text, close } = await openPostgresStore(options);
  return {
    store,
    async keeps(what) {
      const stored = await text();
      const bytes = Buffer.from(what);
      return stored.includes(bytes.toString("hex")) || stored.includes(bytes.toString("utf8"));
    },
    close,
  };
}
