// Connections to the one PostgreSQL server that takes writes. DATABASE_URL may name several hosts
// (postgres://user@a:5432,b:5432/onhand): the one that is not in recovery is used, and of two that both take
// writes the one on the later timeline, never one on an older timeline than was seen: a primary that was
// replaced and comes back knows nothing of what was acknowledged since.
//
// When a connection breaks or turns out to lead to a standby, all hosts are asked again. Nothing waits here
// for a server to come back: a call fails, and the next one tries again.

import { Client, type ClientConfig, Pool, type PoolClient, type QueryConfig } from "pg";
import { OperatingError } from "../../lib/operating-error.ts";
import { connectMsMax, idleTransactionMsMax, lockWaitMsMax, statementMsMax } from "../../limits.ts";
import { isBusy, isLost, troubleOf } from "./trouble.ts";

export interface Database {
  /** postgres://, one host or several. */
  readonly url: string;
  readonly poolMin: number;
  readonly poolMax: number;
  /** A pooler stands before it that hands connections on after each transaction. */
  readonly pooler: boolean;
  /** Past the pooler, for what needs a connection of its own (LISTEN); null: there is none. */
  readonly directUrl: string | null;
}

export interface Connections {
  /** A connection for one piece of work; whoever takes it gives it back with `release`. */
  take(): Promise<PoolClient>;
  /** `error`: what went wrong with it, if anything; a connection that is no use any more is not kept. */
  release(client: PoolClient, error?: unknown): void;
  /** Whether it leads to a server of which nobody here knows that it was replaced. */
  isCurrent(client: PoolClient): boolean;
  close(): Promise<void>;
}

/**
 * Every statement of the service is a step down an index for each of its keys, however large a table is and
 * whatever the planner believes of one that it has no statistics of. So each is planned once, without its
 * values, and may not choose a scan or a join that reads whole tables: a plan that was made on an empty
 * database stays good. No query is long enough for compiled code to pay.
 */
export const sessionSettings = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  jit: "off",
  max_parallel_workers_per_gather: 0,
  statement_timeout: statementMsMax,
  lock_timeout: lockWaitMsMax,
  idle_in_transaction_session_timeout: idleTransactionMsMax,
} as const;

const startOptions = Object.entries(sessionSettings)
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(" ");

interface Host {
  readonly name: string;
  readonly config: ClientConfig;
}

/** What a server says of itself; `timeline` 0: it is in recovery. */
interface Standing {
  readonly host: Host;
  readonly timeline: number;
}

const standingSql = `
  SELECT CASE WHEN pg_is_in_recovery() THEN NULL
    ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END AS timeline`;

/** The latest timeline that was seen, in memory that the threads of an instance share. */
export type TimelineSeen = Int32Array<SharedArrayBuffer>;

export function noTimelineSeen(): TimelineSeen {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** Never to an earlier one: another thread may have seen a later one meanwhile. */
function raise(seen: TimelineSeen, timeline: number): void {
  for (;;) {
    const known = Atomics.load(seen, 0);
    if (known >= timeline || Atomics.compareExchange(seen, 0, known, timeline) === known) return;
  }
}

/** Connections to one host, and the timeline that it is on. */
interface Opened {
  readonly pool: Pool;
  readonly timeline: number;
}

/** `seen`: the same for all that must not use a server which one of them knows to be replaced. */
export function openConnections(
  database: Database,
  seen: TimelineSeen = noTimelineSeen(),
): Connections {
  const hosts = hostsOf(database.url).map((url): Host => {
    const { host: name } = new URL(url);
    return { name, config: configOf(url, database.pooler) };
  });
  let current: Promise<Opened> | null = null;
  const origins = new WeakMap<PoolClient, { readonly from: Promise<Opened>; timeline: number }>();
  const isReplaced = (timeline: number): boolean => timeline < Atomics.load(seen, 0);

  async function open(): Promise<Opened> {
    const { host, timeline } = await findPrimary(hosts, () => Atomics.load(seen, 0));
    raise(seen, timeline);
    const pool = new Pool({
      ...host.config,
      min: database.poolMin,
      max: database.poolMax,
      idleTimeoutMillis: 30_000,
      verify: (client, done) => {
        standingOf(client, host).then((standing) => {
          const isSame = standing.timeline === timeline && !isReplaced(timeline);
          done(isSame ? undefined : new OperatingError(replaced(host), { retryable: true }));
        }, done);
      },
    });
    // An idle connection that breaks is replaced when one is needed.
    pool.on("error", () => undefined);
    // One that is in use tells it twice: to whoever waits for its answer, and as an event, which would end
    // the process if nobody listened.
    pool.on("connect", (client) => client.on("error", () => undefined));
    return { pool, timeline };
  }

  /** The next call asks all hosts again. What is out is let come back. */
  function forget(failed: Promise<Opened> | undefined): void {
    if (failed === undefined || current !== failed) return;
    current = null;
    void failed.then(({ pool }) => retire(pool)).catch(() => undefined);
  }

  /** null: another thread has seen that the server was replaced; the next call asks all hosts again. */
  async function takeFrom(from: Promise<Opened>): Promise<PoolClient | null> {
    const { pool, timeline } = await from;
    const client = isReplaced(timeline) ? null : await pool.connect();
    if (client !== null && !isReplaced(timeline)) {
      origins.set(client, { from, timeline });
      return client;
    }
    client?.release(true);
    forget(from);
    return null;
  }

  return {
    async take() {
      for (;;) {
        current ??= open();
        const from = current;
        try {
          const client = await takeFrom(from);
          if (client !== null) return client;
        } catch (error) {
          if (!isBusy(error)) forget(from);
          throw troubleOf(error);
        }
      }
    },
    release(client, error) {
      const origin = origins.get(client);
      const useless = isLost(error) || isOfStandby(error);
      client.release(useless);
      // Of the pool that it came from: those that came after it are not to blame.
      if (useless) forget(origin?.from);
    },
    isCurrent(client) {
      const origin = origins.get(client);
      return origin === undefined || !isReplaced(origin.timeline);
    },
    async close() {
      const last = current;
      current = null;
      const ending = (await last?.catch(() => null))?.pool.end();
      if (ending !== undefined) await withinTime(ending);
    },
  };
}

/** Those who wait in a pool that is given up are served first, or told that its server is gone. */
function retire(old: Pool): void {
  if (old.waitingCount === 0) void old.end().catch(() => undefined);
  else setTimeout(retire, retireLookMs, old).unref();
}

const retireLookMs = 20;

/** A server that hangs does not take leave either. */
async function withinTime(ending: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, connectMsMax);
  await Promise.race([ending, promise]);
  clearTimeout(timer);
}

function replaced({ name }: Host): string {
  return `the database at ${name} is no longer the one that takes writes`;
}

/** The host that takes writes. Throws what is wrong with each of them, if none does. */
async function findPrimary(hosts: readonly Host[], timelineSeen: () => number): Promise<Standing> {
  const begunAt = performance.now();
  const asked = await Promise.allSettled(hosts.map(ask));
  // Another call may have found a later one meanwhile.
  const timelineMin = timelineSeen();
  let best: Standing | null = null;
  const troubles: string[] = [];
  let retryable = false;
  for (const [index, answer] of asked.entries()) {
    const name = hosts[index]?.name ?? "";
    if (answer.status === "rejected") {
      const error: unknown = answer.reason;
      const known = error instanceof OperatingError;
      retryable ||= known && error.retryable;
      troubles.push(`${name}: ${known ? error.message : wordsOf(error)}`);
    } else if (answer.value.timeline === 0) {
      retryable = true;
      troubles.push(`${name}: it is a read-only standby. Name its primary in DATABASE_URL, too`);
    } else if (answer.value.timeline < timelineMin) {
      retryable = true;
      troubles.push(`${name}: it was replaced by a standby that was promoted; it must not be used`);
    } else if (best === null || answer.value.timeline > best.timeline) {
      best = answer.value;
    }
  }
  if (best !== null) return best;
  // One that did not answer in time would not answer a second time at once.
  if (performance.now() - begunAt >= connectMsMax) retryable = false;
  throw new OperatingError(`no database takes writes: ${troubles.join("; ")}`, { retryable });
}

/** What pg itself does not want to connect with. Its message has no part of the URL in it. */
function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  if (words.startsWith("SASL")) {
    return "it asks for a password. Give one in DATABASE_URL: postgres://user:password@host/database";
  }
  return `it cannot be connected to: ${words}. Check DATABASE_URL`;
}

async function ask(host: Host): Promise<Standing> {
  const client = new Client(host.config);
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await standingOf(client, host);
  } catch (error) {
    throw troubleOf(error);
  } finally {
    void client.end().catch(() => undefined);
  }
}

async function standingOf(client: Pick<Client, "query">, host: Host): Promise<Standing> {
  const { rows } = await client.query<{ timeline: string | null }>({
    text: standingSql,
    query_timeout: connectMsMax,
  } as QueryConfig);
  return { host, timeline: Number.parseInt(rows[0]?.timeline ?? "0", 16) };
}

function isOfStandby(error: unknown): boolean {
  const cause = error instanceof OperatingError ? error.cause : error;
  return cause instanceof Error && "code" in cause && cause.code === "25006";
}

function configOf(url: string, pooler: boolean): ClientConfig {
  return {
    connectionString: url,
    application_name: "onhand",
    connectionTimeoutMillis: connectMsMax,
    keepAlive: true,
    // A server that went away without a word: nothing answers, and no statement may take this long.
    query_timeout: statementMsMax + connectMsMax,
    ...(pooler ? {} : { options: startOptions }),
  };
}

/** One URL for each host that `url` names. */
function hostsOf(url: string): readonly string[] {
  const parts = /^(postgres(?:ql)?:\/\/(?:[^@/?]*@)?)([^/?]*)(.*)$/.exec(url);
  if (parts === null) return [url];
  const [, start = "", hosts = "", rest = ""] = parts;
  return hosts.split(",").map((host) => `${start}${host}${rest}`);
}
