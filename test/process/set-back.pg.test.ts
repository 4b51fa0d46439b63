// A database that was set back beneath a service: it says so and ends, and its supervisor starts it anew. Those who
// follow its feeds would wait in silence for numbers that were given before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newSecret } from "../../src/lib/ids.ts";
import { startInstance, unlimited } from "../support/instance.ts";
import { openShopOf } from "../support/ledger.ts";
import { query, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

test("a service whose database lost events that it has told ends by itself and says why", {
  skip: noPostgres,
  timeout: 120_000,
}, async () => {
  const url = await (await sharedPostgres()).newDatabase();
  const env = {
    ...unlimited,
    ONHAND_DEMO: "off",
    ONHAND_ADMIN_KEY: newSecret(),
    DATABASE_URL: url,
  };
  const service = await startInstance({ env });
  await openShopOf(service);
  await query(
    url,
    `BEGIN; DELETE FROM events WHERE seq = (SELECT seq FROM log_head);
     UPDATE log_head SET seq = seq - 1; COMMIT`,
  );
  const { code, stdout } = await service.ended();
  assert.notEqual(code, 0);
  assert.match(stdout, /the log was set back: event \d+, which this instance has told/);
  const again = await startInstance({ env });
  assert.equal((await again.stop()).code, 0);
});
