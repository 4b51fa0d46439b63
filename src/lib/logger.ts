// The log: JSON lines on standard output. Lines are collected and written together, because a write
// per request would cost more than the request; `flush` writes what is left and is called on the way
// out. Secrets are blacked out by name as a last line of defence; the first is never to log them.

import pino from "pino";
import { OperatingError } from "./operating-error.ts";

export type Logger = pino.Logger;
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** Where lines go; a test hands in its own. */
export interface LogSink {
  write(line: string): void;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Repeated in each line, such as the instance's id. */
  readonly bindings?: Readonly<Record<string, string>>;
  readonly sink?: LogSink;
}

const secretNames: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "idempotency-key",
  "key",
  "token",
  "secret",
  "password",
]);

export function openLogger({ level, bindings = {}, sink }: LoggerOptions): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: bindings,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: censored },
    serializers: { err: briefTrouble, req: briefRequest, res: briefAnswer },
  };
  return pino(options, sink ?? pino.destination({ dest: 1, sync: false, minLength: 16_000 }));
}

/** Pino's own redaction walks all its paths for each line; a look at the names costs a tenth of that. */
function censored(fields: Record<string, unknown>): Record<string, unknown> {
  return hidesSecret(fields, 0) ? withoutSecrets(fields, 0) : fields;
}

/** How deep a secret is looked for: fields, a request's parts, its headers. */
const depthMax = 3;

function hidesSecret(fields: object, depth: number): boolean {
  for (const [name, value] of Object.entries(fields)) {
    if (secretNames.has(name.toLowerCase())) return true;
    if (isPlain(value) && depth < depthMax && hidesSecret(value, depth + 1)) return true;
  }
  return false;
}

function withoutSecrets(fields: object, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const deeper = isPlain(value) && depth < depthMax ? withoutSecrets(value, depth + 1) : value;
    shown[name] = secretNames.has(name.toLowerCase()) ? "[secret]" : deeper;
  }
  return shown;
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** Lines wait for company at most this long, ms. */
const flushEveryMs = 500;

/** Writes waiting lines twice a second; the answer stops that and writes the last ones. */
export function keepFlushed(logger: Logger): () => void {
  const timer = setInterval(() => logger.flush(), flushEveryMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    logger.flush();
  };
}

/** The machine's trouble is told in its own words. A stack says where a bug is, and there is none. */
function briefTrouble(error: Error): unknown {
  if (!(error instanceof OperatingError)) return pino.stdSerializers.err(error);
  return { type: error.name, message: error.message };
}

/** The framework hands whole requests to the log; only this much of one belongs there. */
function briefRequest(request: unknown): unknown {
  return pick(request, ["id", "method"]);
}

function briefAnswer(reply: unknown): unknown {
  return pick(reply, ["statusCode"]);
}

function pick(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.fromEntries(names.map((name) => [name, Reflect.get(value, name)]));
}
