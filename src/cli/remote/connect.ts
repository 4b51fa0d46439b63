// A client of the running service, from --url, --key-file and the environment. A key is never an argument: whoever
// may list processes could read it there.

import { readFileSync, statSync } from "node:fs";
import type { Client } from "../../../sdk/src/client.ts";
import { clientConfigFromEnvironment } from "../../config.ts";
import { exitCodes, Failure, UsageError } from "../command.ts";
import { atFile } from "../trouble.ts";

export const connectionOptions = {
  url: { type: "string" },
  "key-file": { type: "string" },
} as const;

export const connectionHelp = `  --url URL            where the service is; else ONHAND_URL, else http://127.0.0.1:8080
  --key-file FILE      the API key or token in a file, "-" for the standard input; else ONHAND_API_KEY
`;

export interface Connected {
  readonly url: string;
  /** null: nobody in particular. */
  readonly credential: string | null;
  readonly client: Client;
}

interface Values {
  readonly url?: string | undefined;
  readonly "key-file"?: string | undefined;
}

export async function connect(values: Values): Promise<Connected> {
  const config = clientConfigFromEnvironment();
  const url = values.url ?? config.url ?? "http://127.0.0.1:8080";
  const file = values["key-file"];
  const credential =
    file === undefined ? config.apiKey : await atFile(file, () => credentialIn(file));
  // Only now: `serve` does not need it.
  const { createClient } = await import("../../../sdk/src/client.ts");
  try {
    const secret = credential === null ? {} : secretOf(credential);
    return { url, credential, client: createClient({ baseUrl: url, ...secret }) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `"${url}" is no address of a service such as http://127.0.0.1:8080: ${why}`,
      { cause },
    );
  }
}

function credentialIn(file: string): string {
  const text = readFileSync(file === "-" ? 0 : file, "utf8").trim();
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new UsageError(`--key-file ${file} does not hold one key and nothing else`);
  }
  // Not of a pipe, which nobody else can open.
  if (file !== "-" && process.platform !== "win32") {
    const { mode } = statSync(file);
    if ((mode & 0o077) !== 0) {
      process.stderr.write(`onhand: others can read ${file}; run: chmod 600 ${file}\n`);
    }
  }
  return text;
}

function secretOf(text: string): { apiKey: string } | { token: string } {
  return text.startsWith("ohk_") ? { apiKey: text } : { token: text };
}

/** Runs `work`, and says what the service refused or that it does not answer. */
export async function asking<Value>(url: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const { OnhandError } = await import("../../../sdk/src/client.ts");
    if (error instanceof OnhandError) throw failureOf(error, url);
    throw error;
  }
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly facts: object;
  readonly requestId: string | null;
  readonly mayHaveHappened: boolean;
}

export function failureOf(error: Refusal, url: string): Failure {
  const lines = [`${error.message} (${error.code})`];
  if ("errors" in error.facts && Array.isArray(error.facts.errors)) {
    for (const { path, message } of error.facts.errors) lines.push(`  ${path}: ${message}`);
  }
  const advice = adviceOf(error.code, url);
  if (advice !== null) lines.push(advice);
  if (error.mayHaveHappened) {
    lines.push("It may have been done all the same: look before you do it again.");
  }
  if (error.requestId !== null) lines.push(`request: ${error.requestId}`);
  const isPassing = passing.includes(error.code);
  return new Failure(lines.join("\n"), isPassing ? exitCodes.noAnswer : exitCodes.failed, error);
}

const passing: readonly string[] = [
  "no_answer",
  "timed_out",
  "overloaded",
  "rate_limited",
  "database_unavailable",
  "redis_unavailable",
];

function adviceOf(code: string, url: string): string | null {
  if (code === "no_answer" || code === "timed_out") {
    return `Is the service running at ${url}? --url or ONHAND_URL say where it is.`;
  }
  if (code === "unexpected_answer") {
    return `Something else than the service seems to answer at ${url}.`;
  }
  if (code === "unauthenticated") {
    return "Give a key: ONHAND_API_KEY, or --key-file FILE (the first one is in data/admin.key).";
  }
  return null;
}
