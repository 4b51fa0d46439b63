// What commands say of a file or a database that is not to be had: which one, why and what to do, in the words of
// whatever named it, and never as if it were a bug.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  type Instance,
  newFolder,
  runOnhand,
  startInstance,
  unlimited,
} from "../support/instance.ts";

const folder = newFolder();
mkdirSync(join(folder, "a-folder"));
writeFileSync(join(folder, "a-file"), "no database at all\n");

interface Refused {
  readonly args: readonly string[];
  readonly code?: number;
  readonly says: RegExp;
  readonly env?: Readonly<Record<string, string>>;
}

async function refuses({ args, code = 1, says, env = {} }: Refused): Promise<void> {
  const run = await runOnhand(args, { folder, env });
  assert.equal(run.code, code, run.stderr);
  assert.match(run.stderr, says);
  assert.doesNotMatch(run.stderr, /bug|\n +at /);
}

writeFileSync(join(folder, "counted.csv"), "sku,store_id,quantity\nNOTHING,MAD-001,1\n");

const nobody = "postgres://127.0.0.1:1/onhand";

describe("a database that an option names", { timeout: 60_000 }, () => {
  const cases: readonly (readonly [string, Refused])[] = [
    [
      "copy --from, which is no address of one",
      {
        args: ["copy", "--from", "inventory.db", "--to", nobody],
        code: 2,
        says: /^onhand: --from must be sqlite:<file>/,
      },
    ],
    [
      "copy --to, which is no address of one",
      {
        args: ["copy", "--from", "sqlite:a-file", "--to", "postgres://127.0.0.1"],
        code: 2,
        says: /^onhand: --to must be postgres:\/\//,
      },
    ],
    [
      "copy --from, which is a folder",
      {
        args: ["copy", "--from", "sqlite:a-folder", "--to", nobody],
        says: /^onhand: \S+a-folder is a folder; name the file of a database in --from\n$/,
      },
    ],
    [
      "copy --from, which is something else",
      {
        args: ["copy", "--from", "sqlite:a-file", "--to", nobody],
        says: /^onhand: the database \S+a-file cannot be used: file is not a database\. Check that --from names/,
      },
    ],
    [
      "copy --from, below a file",
      {
        args: ["copy", "--from", "sqlite:a-file/x.db", "--to", nobody],
        says: /^onhand: there is no database at \S+a-file\/x\.db\n$/,
      },
    ],
    [
      "restore --from, which is a folder",
      {
        args: ["restore", "--from", "a-folder", "--to", "sqlite:restored.db"],
        says: /^onhand: \S+a-folder is a folder; name the file of a database in --from\n$/,
      },
    ],
    [
      "restore --to, which is no address of one",
      {
        args: ["restore", "--from", "a-file", "--to", "restored.db"],
        code: 2,
        says: /^onhand: --to must be sqlite:<file>/,
      },
    ],
  ];
  for (const [title, refused] of cases) test(title, () => refuses(refused));

  test("copy --to, where nobody answers", async () => {
    const env = { DATABASE_URL: "sqlite:whole.db" };
    assert.equal((await runOnhand(["migrate"], { folder, env })).code, 0);
    await refuses({
      args: ["copy", "--from", "sqlite:whole.db", "--to", nobody],
      says: /^onhand: (?!.*DATABASE_URL).*host and port in --to/s,
    });
  });
});

describe("a database of DATABASE_URL", () => {
  test("which is a folder, or something else, is named", async () => {
    await refuses({
      args: ["migrate"],
      env: { DATABASE_URL: "sqlite:a-folder" },
      says: /^onhand: \S+a-folder is a folder; name the file of a database in DATABASE_URL\n$/,
    });
    await refuses({
      args: ["verify"],
      env: { DATABASE_URL: "sqlite:a-file" },
      says: /^onhand: the database \S+a-file cannot be used: file is not a database\. Check that DATABASE_URL/,
    });
  });
});

describe("a file that an option names", { timeout: 60_000 }, () => {
  let service: Instance;
  before(async () => {
    service = await startInstance({ env: unlimited });
  });
  after(() => service.kill());

  const asked = (args: readonly string[], says: RegExp) =>
    refuses({ args, says, env: { ONHAND_URL: service.url, ONHAND_API_KEY: service.key } });

  test("is named, with what to do, also where the system does not name it", async () => {
    await Promise.all([
      asked(
        ["products", "list", "--key-file", "a-folder"],
        /^onhand: a-folder: it is a folder; name a file \(EISDIR\)\n$/,
      ),
      asked(
        ["products", "list", "--key-file", "none.key"],
        /^onhand: none\.key: there is no such file or folder; check the name \(ENOENT\)\n$/,
      ),
      asked(
        ["events", "tail", "--place-file", "a-folder"],
        /^onhand: a-folder: it is a folder; name a file \(EISDIR\)\n$/,
      ),
      asked(
        ["events", "tail", "--after", "0", "--limit", "1", "--place-file", "none/erp.place"],
        /^onhand: none\/erp\.place\.new: there is no such file or folder; check the name \(ENOENT\)\n$/,
      ),
      asked(
        ["export", "stores", "--to", "none/stores.csv"],
        /^onhand: none\/stores\.csv\.part: there is no such file or folder; check the name \(ENOENT\)\n$/,
      ),
    ]);
  });

  test("and cannot take refused rows stops the import at the first of them", async () => {
    await asked(
      ["import", "stock", "counted.csv", "--apply", "--errors", "none/refused.csv"],
      /^onhand: none\/refused\.csv: there is no such file or folder; check the name \(ENOENT\)\n$/,
    );
  });

  // The system has a file that is always full.
  test("and is on a full disk is named", { skip: process.platform !== "linux" }, async () => {
    await asked(
      ["import", "stock", "counted.csv", "--apply", "--errors", "/dev/full"],
      /^(?:import \w+ broke off; .*\n)?onhand: \/dev\/full: the disk is full; free space, or name a file on another \(ENOSPC\)\n$/,
    );
  });
});
