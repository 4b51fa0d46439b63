// The PostgreSQL adapter against the store contract: with connections of its own, and behind a PgBouncer that
// hands them on after each transaction.

import { after, before, describe } from "node:test";
import { must } from "../../src/lib/assert.ts";
import { noPgBouncer, type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { openPostgresStore } from "../support/postgres-store.ts";
import { contractLimits as limits, storeContract } from "./store.contract.ts";

describe("PostgreSQL", { skip: noPostgres }, () => {
  storeContract("PostgreSQL", { open: () => openPostgresStore({ limits }) });
});

describe("PostgreSQL behind PgBouncer", { skip: noPgBouncer }, () => {
  let pooler: PgBouncer | null = null;
  before(async () => {
    pooler = await startPgBouncer(await sharedPostgres());
  });
  after(() => pooler?.close());

  storeContract("PostgreSQL behind PgBouncer", {
    open: () => openPostgresStore({ limits }, must(pooler, "the pooler runs")),
  });
});
