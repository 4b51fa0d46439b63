// How the service is. No credential is needed.

import type { Call, CallOptions } from "./calls.ts";
import type { AnswerOf, Health } from "./words.ts";

export interface HealthChecks {
  /**
   * How the service and what it relies on are, also where the database is away (`unavailable`). `event_lag` is in
   * events.
   *
   * Operation: `getHealth`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const { status, database, redis, version } = await client.health.get();
   * console.log(status, database, redis, version);
   * ```
   */
  get(options?: CallOptions): Promise<Health>;

  /**
   * Whether the process runs.
   *
   * Operation: `getLiveness`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const { status } = await client.health.live();
   * console.log(status);
   * ```
   */
  live(options?: CallOptions): Promise<AnswerOf<"getLiveness">>;

  /**
   * Whether the service may get traffic: `ready`, or why not.
   *
   * Operation: `getReadiness`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const { status } = await client.health.ready();
   * console.log(status === "ready" ? "go" : status);
   * ```
   */
  ready(options?: CallOptions): Promise<AnswerOf<"getReadiness">>;
}

export function healthChecks(call: Call): HealthChecks {
  const read = async <Answer>(path: string, options: CallOptions | undefined): Promise<Answer> =>
    // With 503 they say what is wrong: that is the answer, not the lack of one.
    call({ method: "GET", path, kind: "read", alsoStatus: 503 }, options);
  return {
    get: (options) => read("/health", options),
    live: (options) => read("/livez", options),
    ready: (options) => read("/readyz", options),
  };
}
