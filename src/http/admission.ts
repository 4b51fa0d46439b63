// Letting a request in: who sends it, whether its role has the route's scope, whether it comes too
// often. Runs before the body is read. Where nothing has to be waited for (nobody's reads without a
// limit, a known token), nothing is.

import type { FastifyReply, FastifyRequest } from "fastify";
import { type Authenticator, credentialsNeeded } from "./auth.ts";
import { ProblemError } from "./problem.ts";
import { allows, type Caller, isOpen, type Scope } from "./roles.ts";
import type { Admit } from "./route.ts";
import type { Throttle } from "./throttle.ts";

export interface AdmissionSettings {
  readonly publicReads: boolean;
}

export function admission(
  throttle: Throttle,
  authenticator: Authenticator,
  { publicReads }: AdmissionSettings,
): Admit {
  function letIn(
    request: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    scope: Scope,
  ): Promise<void> | undefined {
    request.caller = caller;
    if (caller.role === "anonymous") {
      if (!publicReads || !allows(caller, scope)) throw credentialsNeeded();
      return throttle.anonymous(request, reply);
    }
    if (!allows(caller, scope)) {
      throw new ProblemError("forbidden", `The role ${caller.role} may not do this.`, {
        facts: { scope },
      });
    }
    return throttle.caller(request, reply);
  }

  const refuse = refusal(throttle);

  return (declared) => {
    const { scope } = declared;
    if (isOpen(scope)) {
      return (request, _reply, done) => {
        request.declared = declared;
        done();
      };
    }
    return (request, reply, done) => {
      request.declared = declared;
      const found = start(request);
      const pending =
        found instanceof Promise
          ? found.then(
              (caller) => letIn(request, reply, caller, scope),
              (error: unknown) => refuse(request, reply, error),
            )
          : letIn(request, reply, found, scope);
      if (pending === undefined) done();
      else pending.then(() => done(), done);
    };
  };

  function start(request: FastifyRequest): Caller | Promise<Caller> {
    try {
      return authenticator.identify(request);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

export type Refuse = (
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
) => Promise<never>;

/** A wrong credential counts against its address, and a flood of them turns into 429. */
export function refusal(throttle: Throttle): Refuse {
  return async (request, reply, error) => {
    if (error instanceof ProblemError && error.code === "unauthenticated") {
      await throttle.failure(request, reply);
    }
    throw error;
  };
}
