// The write transaction: lock, load, decide, save, commit. One batch of commands, three journeys to the
// server: the locks, what is read under them, and everything that is written.
//
// A connection may break after COMMIT was sent and before it was answered. Then the database is asked what
// became of the transaction (pg_xact_status): run again it would book twice, given up it would be answered
// as failed though it is in the log.

import {
  type Context,
  type DomainLimits,
  decideAll,
  type Keys,
  keysOf,
  type RowKey,
  restsOnUnloadedHolds,
} from "../../domain/decide.ts";
import type { Command } from "../../domain/model.ts";
import { isoTime } from "../../lib/clock.ts";
import { OperatingError } from "../../lib/operating-error.ts";
import type { Outcome } from "../store.ts";
import type { Connections } from "./connections.ts";
import { fateOf } from "./fate.ts";
import { openLoader } from "./load.ts";
import { type Locked, lock } from "./lock.ts";
import { numbered, openSaver, type SaveOptions } from "./save.ts";
import {
  abandon,
  begin,
  type StatementOptions,
  type Statements,
  statementsOf,
} from "./statements.ts";
import { isOfServer, troubleOf } from "./trouble.ts";

const replaced = "the database was replaced by a standby during a commit";

export interface CommitOptions extends StatementOptions, SaveOptions {
  readonly limits: DomainLimits;
  readonly newId: () => string;
}

export function openCommit(
  connections: Connections,
  options: CommitOptions,
): (commands: readonly Command[]) => Promise<Outcome[]> {
  return async (commands) => {
    const client = await connections.take();
    const statements = statementsOf(client, options);
    /** What was sent to be committed, for when the answer is lost. */
    let sent: Sent | null = null;
    try {
      begin(statements, "READ COMMITTED", options);
      const keys = keysOf(commands);
      const locked = await lock(statements, commands, keys);
      const decided = await decide(statements, commands, keys, locked, options);
      sent = { ...decided, locked };
      const { changes, outcomes } = decided;
      const saved = await openSaver(statements, options).save(changes, outcomes, locked.now);
      // By a server that was replaced meanwhile: whether it is stored is for the new one to say.
      if (!connections.isCurrent(client)) throw new OperatingError(replaced, { retryable: true });
      connections.release(client);
      return saved;
    } catch (error) {
      const isAlive = await abandon(connections, client, statements, error);
      const trouble = troubleOf(error);
      // Whatever else it was, a bug of ours included, does not say that nothing was stored.
      if (sent === null || (isAlive && isOfServer(error))) throw trouble;
      return settle(connections, options, sent, trouble);
    }
  };
}

interface Sent extends ReturnType<typeof decideAll> {
  readonly locked: Locked;
}

/** Loads what the commands name, and all due holds of the rows where a decision rests on one left out. */
async function decide(
  statements: Statements,
  commands: readonly Command[],
  keys: Keys,
  locked: Locked,
  { newId, limits }: CommitOptions,
) {
  const context: Context = { now: locked.now, newId, isoTime, limits };
  const loader = openLoader(statements);
  const whole = new Set<RowKey>();
  for (;;) {
    const slice = await loader.load(commands, keys, locked, whole);
    const decided = decideAll(slice, commands, context);
    const rests = restsOnUnloadedHolds(slice, decided.outcomes);
    if (rests.size === 0) return decided;
    for (const key of rests) whole.add(key);
  }
}

/** The outcomes, if the transaction is found to be committed; throws if nothing of it was stored. */
async function settle(
  connections: Connections,
  options: CommitOptions,
  { locked, outcomes }: Sent,
  trouble: unknown,
): Promise<Outcome[]> {
  const events = outcomes.flatMap((one) => one.events);
  const first = events[0]?.id ?? null;
  const fate = await fateOf(connections, options, locked, first);
  if (fate === null) throw trouble;
  const payloads = events.map(({ payload }) => JSON.stringify(payload));
  return numbered(outcomes, payloads, fate.seq - 1, fate.at);
}
