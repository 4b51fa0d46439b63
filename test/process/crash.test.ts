// The real process is killed under load, again and again, on one database file. What it had
// acknowledged must be there after each restart, once; what it had not acknowledged is asked for again
// under the same idempotency key and must happen once. `npm run test:long` kills more often.

import { randomInt } from "node:crypto";
import { test } from "node:test";
import { killAgainAndAgain } from "../support/crash-loop.ts";
import { unlimited } from "../support/instance.ts";

const kills = Number(process.env["CRASH_KILLS"] ?? 4);
const seed = Number(process.env["CRASH_SEED"] ?? randomInt(2 ** 31));
/** Far longer than it takes on a busy machine. */
const timeout = 120_000 + kills * 30_000;

test(`${kills} kills under load lose nothing that was acknowledged and double nothing that is asked again`, {
  timeout,
}, async (t) => {
  t.diagnostic(`CRASH_SEED=${seed} asks for the same things and kills at the same moments`);
  const env = { ...unlimited, ONHAND_DEMO: "off" };
  t.diagnostic(await killAgainAndAgain({ kills, seed, env }));
});
