// The same history, filled into PostgreSQL: `onhand verify` finds nothing on it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fillDatabase } from "../../bench/fill.ts";
import { eventsOf } from "../../bench/fill-sql.ts";
import { runOnhand } from "../support/instance.ts";
import { sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

test("a filled database holds every invariant", { skip: noPostgres }, async () => {
  const size = { rows: 400, reservations: 4_000 };
  const url = await (await sharedPostgres()).newDatabase();
  assert.equal((await fillDatabase(url, size)).events, eventsOf(size));
  const { code, stdout } = await runOnhand(["verify"], { env: { DATABASE_URL: url } });
  assert.equal(code, 0, stdout);
  assert.match(stdout, new RegExp(`400 stock rows, ${eventsOf(size)} events`));
});
