// Sessions, for pages in a browser: a key or a token becomes an HttpOnly cookie, which the browser then sends by
// itself and no script can read. A client for them is made without apiKey and token.

import type { Call, CallOptions } from "./calls.ts";
import type { BodyOf, Session } from "./words.ts";

export interface Sessions {
  /**
   * Signs in with a `key` or a `token`; the answer's cookie is the browser's to keep.
   *
   * Operation: `startSession`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const secret = process.env.ONHAND_API_KEY ?? "";
   * const { role, scopes } = await client.session.start({ key: secret });
   * console.log(`signed in as ${role}, who may ${scopes.join(", ")}`);
   * ```
   */
  start(credential: BodyOf<"startSession">, options?: CallOptions): Promise<Session>;

  /**
   * Who asks: by the session, or by the key or token of the client.
   *
   * Operation: `getSession`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const { actor, role, stores } = await client.session.get();
   * console.log(actor, role, stores);
   * ```
   */
  get(options?: CallOptions): Promise<Session>;

  /**
   * Signs out.
   *
   * Operation: `endSession`. Errors: those of every call.
   *
   * @example
   * ```ts
   * await client.session.end();
   * ```
   */
  end(options?: CallOptions): Promise<void>;
}

export function sessions(call: Call): Sessions {
  const path = "/api/v1/auth/session";
  return {
    start: async (body, options) => call({ method: "POST", path, kind: "unkeyed", body }, options),
    get: async (options) => call({ method: "GET", path, kind: "read" }, options),
    // Ending what has ended changes nothing: it may be tried again like a read.
    end: async (options) => call({ method: "DELETE", path, kind: "read" }, options),
  };
}
