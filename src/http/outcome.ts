// The answer of a command: its reply as the route presents it, or its refusal as a problem. Everything
// in it is a function of the outcome, so a retry under an idempotency key gets the same bytes, marked
// by `Idempotent-Replayed: true`.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { Reply } from "../domain/model.ts";
import { assert } from "../lib/assert.ts";
import type { Outcome } from "../store/store.ts";
import { sendRejection } from "./problem.ts";

export type ReplyOf<Kind extends Reply["kind"]> = Extract<Reply, { kind: Kind }>;

/** Sets status and headers on `reply` and gives the body. `at` is when it was decided. */
export type Present<Kind extends Reply["kind"]> = (
  value: ReplyOf<Kind>,
  reply: FastifyReply,
  at: number,
) => unknown;

export function sendOutcome<Kind extends Reply["kind"]>(
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: Outcome,
  kind: Kind,
  present: Present<Kind>,
): FastifyReply {
  if (outcome.replayed) {
    request.replayed = true;
    reply.header("idempotent-replayed", "true");
  }
  const { result, requestId, at } = outcome;
  if ("rejection" in result) return sendRejection(request, reply, result.rejection, requestId);
  const value = result.reply;
  assert(isOfKind(value, kind), `${kind} was expected, not ${value.kind}`);
  return reply.send(present(value, reply, at));
}

function isOfKind<Kind extends Reply["kind"]>(reply: Reply, kind: Kind): reply is ReplyOf<Kind> {
  return reply.kind === kind;
}
