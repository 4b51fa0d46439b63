// onhand streams: tells readers of the events in Redis that the log was restored.

import { parseArgs } from "node:util";
import { configFromEnvironment } from "../config.ts";
import { openBeside } from "../database.ts";
import { resetStreams } from "../publishing.ts";
import { type CliCommand, UsageError } from "./command.ts";

export const streams: CliCommand = {
  help: `Usage: npm run onhand -- streams --reset

After a restore the streams in REDIS_URL hold events that are no longer true, and the service publishes no more
there: it says so in its log. This adds one entry to the end of each stream, and publishing goes on with
the next event, in the service that runs, too:

  event_type log_reset, payload {"epoch": the new one, "head_seq": the last event of the log now}

A reader that meets it throws away what it holds, reads the state anew (GET /api/v1/stock/store/{store_id}, or
the log from after=0), and goes on behind the entry. Events up to head_seq do not come in the streams again.
See that every reader knows that before you run this; or set REDIS_PREFIX to a new name and let readers move.
It is done in all streams or in none, and doing it twice does it once.

Example:
  REDIS_URL=redis://127.0.0.1:6379 npm run onhand -- streams --reset
`,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { reset: { type: "boolean" } } });
    if (values.reset !== true) throw new UsageError("streams needs --reset");
    const { database, redis } = configFromEnvironment();
    if (redis === null) throw new UsageError("streams needs REDIS_URL");
    const store = await openBeside(database);
    try {
      // The time first: whatever is committed after the head is later.
      const time = await store.time();
      const head = await store.head();
      const reset = await resetStreams(redis, head, time);
      process.stdout.write(`${wordsOf(reset, head.seq, head.epoch)}\n`);
      return 0;
    } finally {
      await store.close();
    }
  },
};

function wordsOf(
  reset: Awaited<ReturnType<typeof resetStreams>>,
  seq: number,
  epoch: number,
): string {
  if (reset === "none") return "nothing was published here yet: there is nobody to tell";
  if (reset === "same") return `the streams are of this log and epoch (${epoch}): nothing to do`;
  return `told in ${reset.streams} streams; they go on after seq ${seq}, in epoch ${epoch}`;
}
