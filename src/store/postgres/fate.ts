// What became of a transaction whose COMMIT was not answered. PostgreSQL tells it by the transaction's id, also
// after a restart and on a promoted standby; while it is still ending there, it is asked again.
//
// An id alone proves nothing: one that a crash or a failover took with it is given again, to somebody else's
// transaction. So a commit is known by its first event, which is in the log or is not. It may be there and not be
// at the standby yet: it counts when a commit after it was answered, which waits for the standby as every one does.

import { OperatingError } from "../../lib/operating-error.ts";
import { pause } from "../../lib/waiting.ts";
import { fateMsMax } from "../../limits.ts";
import { integer } from "../rows.ts";
import type { Connections } from "./connections.ts";
import type { Locked } from "./lock.ts";
import { openStatements, type StatementOptions, type Statements } from "./statements.ts";

/** Where its first event is in the log. */
export interface Committed {
  readonly seq: number;
  readonly at: number;
}

const pauseMs = 100;
const statusSql = "SELECT pg_xact_status($1::text::xid8)";
const eventSql = `
  SELECT seq, created_at FROM events WHERE seq > $1 AND id = $2 ORDER BY seq LIMIT 1`;
// Locks log_head alone, and changes nothing in it.
const fenceSql = "UPDATE log_head SET seq = seq WHERE id = 1";

/**
 * null: nothing of it was stored. Throws `OperatingError`, not to be run again, when the database does not
 * come back in time: whoever sent the commands learns it with their idempotency keys.
 */
export async function fateOf(
  connections: Connections,
  options: StatementOptions,
  sent: Pick<Locked, "transactionId" | "seq">,
  firstEventId: string | null,
): Promise<Committed | null> {
  // Answers alone were kept: run again, they are found by their keys.
  if (firstEventId === null) return null;
  const statements = openStatements(connections, options);
  const until = performance.now() + fateMsMax;
  do {
    const fate = await withinTime(look(statements, sent, firstEventId), until);
    if (fate !== "unknown") return fate;
    await pause(pauseMs);
  } while (performance.now() < until);
  throw new OperatingError(
    "the database went away during a commit, and whether it was stored is not known yet: ask again with the same Idempotency-Key",
    { retryable: false },
  );
}

type Fate = Committed | null | "unknown";

/** Never throws: what is not known must not be run again, whatever the reason. */
async function look(
  statements: Statements,
  { transactionId, seq }: Pick<Locked, "transactionId" | "seq">,
  firstEventId: string,
): Promise<Fate> {
  try {
    const [status] = (await statements.get(statusSql, transactionId)) ?? [];
    if (status === "aborted") return null;
    if (status !== "committed") return "unknown";
    const row = await statements.get(eventSql, seq, firstEventId);
    if (row === undefined) return null;
    await statements.run(fenceSql);
    return { seq: integer(row[0]), at: integer(row[1]) };
  } catch (error) {
    // 22023: an id that this server has not come to. A standby was promoted that never heard of it.
    return error instanceof Error && "code" in error && error.code === "22023" ? null : "unknown";
  }
}

async function withinTime(looking: Promise<Fate>, until: number): Promise<Fate> {
  const { promise, resolve } = Promise.withResolvers<Fate>();
  const timer = setTimeout(resolve, until - performance.now(), "unknown");
  const fate = await Promise.race([looking, promise]);
  clearTimeout(timer);
  return fate;
}
