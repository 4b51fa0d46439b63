// Which of PostgreSQL's errors are the machine's fault and not the program's (SQLSTATE,
// postgresql.org/docs/current/errcodes-appendix.html). Those become operating errors: retried or answered
// 503, never a bug's 500. Retryable: nothing was stored, and the same again may work in a moment. The words say
// what to do where an operator can do something: at a start they are all that is told.

import { DatabaseError } from "pg";
import { OperatingError } from "../../lib/operating-error.ts";

interface Trouble {
  readonly retryable: boolean;
  readonly words: string;
  /** What an operator does about it. */
  readonly remedy?: string;
}

/** By whole codes first, then by class (the first two characters). */
const codes: ReadonlyMap<string, Trouble> = new Map<string, Trouble>([
  ["40001", { retryable: true, words: "another commit was in the way" }],
  ["40P01", { retryable: true, words: "two commits waited for each other" }],
  // Made meanwhile by another instance: decided again, it is a refusal by name.
  ["23505", { retryable: true, words: "a row was made meanwhile" }],
  ["55P03", { retryable: true, words: "a lock was not to be had in time" }],
  ["57014", { retryable: true, words: "a statement took too long" }],
  ["25006", { retryable: true, words: "the database does not take writes: it is a standby" }],
  ["25P03", { retryable: true, words: "a transaction was left waiting too long" }],
  ["57P01", { retryable: true, words: "the database is shutting down" }],
  ["57P02", { retryable: true, words: "the database is restarting after a crash" }],
  ["57P03", { retryable: true, words: "the database is starting" }],
  [
    "57P04",
    {
      retryable: false,
      words: "the database was dropped",
      remedy: "Create it again (createdb) and restore a backup, or check DATABASE_URL",
    },
  ],
  ["57P05", { retryable: true, words: "the server ended a connection that was idle" }],
  ["08", { retryable: true, words: "the connection to the database broke" }],
  ["53", { retryable: true, words: "the database is out of resources" }],
  ["53100", { retryable: false, words: "the database's disk is full" }],
  [
    "28",
    {
      retryable: false,
      words: "the database refuses these credentials",
      remedy: "Check the user and the password in DATABASE_URL",
    },
  ],
  [
    "3D",
    {
      retryable: false,
      words: "there is no such database",
      remedy: "Create it (createdb), or check the name at the end of DATABASE_URL",
    },
  ],
  [
    "42501",
    {
      retryable: false,
      words: "the database user may not do that",
      remedy: "Make the user in DATABASE_URL the owner of that database",
    },
  ],
  ["58", { retryable: false, words: "the database's machine has trouble" }],
  ["XX", { retryable: false, words: "the database is damaged" }],
]);

/** Of the socket and of the name's look-up. A file that is not there has a code of these, too: see isOfSocket. */
const socketCodes =
  /^(?:ECONN|EPIPE$|ETIMEDOUT$|ENOTFOUND$|EAI_|EHOST|ENET|ENOENT$|ENOTCONN$|ERR_STREAM_|ERR_SOCKET_)/;

/** What pg says where a connection is gone, word for word: a bug of ours may have any of these words in it. */
const lostSentences: ReadonlySet<string> = new Set([
  "Connection terminated",
  "Connection terminated unexpectedly",
  "Connection terminated due to connection timeout",
  "timeout expired",
  "timeout exceeded when trying to connect",
  "Query read timeout",
  "Client has encountered a connection error and is not queryable",
  "Client was closed and is not queryable",
  "Cannot use a pool after calling end on the pool",
  // What `release` is given with a connection that did not survive (statements.ts).
  "the connection was closed",
]);

/** Nothing was heard in the time that there is: the same again would only take that time again. */
const silence = /timeout/i;

/** Whoever waited for one waited as long as there is; so does a server that hangs look to those who come later. */
const busy = { words: "all connections to the database are in use", retryable: false };

const away = {
  words: "the database is away",
  remedy: "Check that PostgreSQL runs there, and host and port in DATABASE_URL",
};

/** With whatever code: after it there is no connection. */
const ended = { words: "the database ended the connection", retryable: true };

/** The error as the service deals with it: an operating error where it is one, else itself. */
export function troubleOf(error: unknown): unknown {
  if (error instanceof OperatingError || !(error instanceof Error)) return error;
  if (error instanceof DatabaseError) {
    const code = error.code ?? "";
    const known = codes.get(code) ?? codes.get(code.slice(0, 2));
    if (known !== undefined) return operating(known, error);
    return isLost(error) ? operating(ended, error) : error;
  }
  if (isBusy(error)) return operating(busy, error);
  if (!isLost(error)) return error;
  return operating({ ...away, retryable: !silence.test(error.message) }, error);
}

/** Whether an error means that the connection is gone, and nobody knows what became of what was sent. */
export function isLost(error: unknown): boolean {
  if (error instanceof OperatingError) return isLost(error.cause);
  if (error instanceof AggregateError) return error.errors.every(isLost);
  if (error instanceof DatabaseError) {
    // FATAL is the last word of a connection, whatever its code, and may come after a COMMIT that was done.
    return /^(?:FATAL|PANIC)$/.test(error.severity ?? "") || /^(?:08|57P)/.test(error.code ?? "");
  }
  if (!(error instanceof Error)) return false;
  return lostSentences.has(error.message) || isOfSocket(error);
}

function isOfSocket(error: Error): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || !socketCodes.test(code)) return false;
  return code !== "ENOENT" || syscall === "connect";
}

/** Whether a connection was not to be had because others have them all: those are as good as ever. */
export function isBusy(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.code === "53300";
  return error instanceof Error && error.message === "timeout exceeded when trying to connect";
}

/** Whether the server said it: a statement failed there, and nothing after it was run. */
export function isOfServer(error: unknown): boolean {
  return (error instanceof OperatingError ? error.cause : error) instanceof DatabaseError;
}

function operating({ words, retryable, remedy }: Trouble, error: Error): OperatingError {
  const said =
    error instanceof AggregateError
      ? error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join("; ")
      : error.message;
  const advice = remedy === undefined ? "" : `. ${remedy}`;
  return new OperatingError(`${words}: ${said}${advice}`, { retryable, cause: error });
}
