// The settings of commands that talk to a running service: where it is, and with which key. They may stand beside
// those of the service, and say nothing about it.

import { resolve } from "node:path";
import { type Environment, openEnvironment } from "./lib/environment.ts";

export interface ClientConfig {
  /** null: nobody said where. */
  readonly url: string | null;
  /** An API key or a token. */
  readonly apiKey: string | null;
  /** Where what is known of imports is kept. */
  readonly dataDir: string;
}

/** Settings of programs that talk to a service; they may share its environment. */
export const clientNames: readonly string[] = ["ONHAND_URL", "ONHAND_API_KEY", "ONHAND_KEY"];

export function loadClientConfig(env: Environment): ClientConfig {
  const read = openEnvironment(env);
  return {
    url: read.get("ONHAND_URL"),
    apiKey: read.get("ONHAND_API_KEY"),
    dataDir: resolve(read.text("ONHAND_DATA_DIR", "./data")),
  };
}
