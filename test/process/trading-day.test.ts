// The trading day of the examples, played against a real process: its books, kept by the client alone,
// agree with the service's at the end.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { runProgram, startInstance } from "../support/instance.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const example = join(repositoryRoot, "examples/trading-day.ts");

test("a trading day on the demo data ends with books that agree, and leaves the service as it should be", async () => {
  const service = await startInstance({ env: { LOG_LEVEL: "warn" } });
  const { code, stdout, stderr } = await runProgram([example], service.folder, {
    ONHAND_URL: service.url,
    ONHAND_KEY: service.key,
    DATABASE_URL: `sqlite:${service.database}`,
  });
  assert.equal(code, 0, stderr);
  const lines = [
    /^deliveries +96 lines /m,
    /^counts +6 shelves /m,
    /^customers +360 +\d+ paid \(each asked twice\), \d+ cancelled, \d+ forgot, \d+ found none$/m,
    /^two sellers, one shelf +80 changes +\d+ stale counts refused and repeated$/m,
    /^flash sale +100 of 500 +400 told there is none left/m,
    /^transfers +8 /m,
    /^forgotten holds +all expired /m,
    /^books against server +98 rows +no difference$/m,
    /^verify +passed +all invariants hold/m,
    /^the day +\d+ requests /m,
  ];
  for (const line of lines) assert.match(stdout, line);
  assert.equal(stdout.trim().split("\n").length, lines.length);
  assert.equal((await service.stop()).code, 0);
  assert.doesNotMatch(service.output(), /"level":"(?:error|fatal)"/);
});
