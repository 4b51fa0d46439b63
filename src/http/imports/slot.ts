// What stands around the work of an import and of an undo: a slot, of which an instance has a few and each caller
// fewer, so that nobody's slow files keep others out; an answer in lines; and what becomes of the answer when something
// breaks off.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { UnreadableError } from "../../transfer/unreadable.ts";
import type { HttpDeps } from "../deps.ts";
import { busy, ProblemError, problemOf } from "../problem.ts";
import { longBodies } from "../server.ts";
import type { Enter } from "../slots.ts";
import { type ImportAnswer, openAnswer } from "./answer.ts";
import { CutOffError } from "./body.ts";

export function stopping(): ProblemError {
  return busy("overloaded", "The service is stopping; send the same again.", 1);
}

/** Answers with lines; where something is wrong before the first, with a problem. */
export async function inSlot(
  app: FastifyInstance,
  deps: HttpDeps,
  enter: Enter,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (answer: ImportAnswer) => Promise<void>,
): Promise<FastifyReply> {
  const { raw } = request;
  if (app.draining) throw stopping();
  const leave = enter(request.caller.id);
  const answer = openAnswer(reply);
  longBodies.add(raw);
  try {
    await work(answer);
  } catch (error) {
    const problem = importProblem(error);
    if (error instanceof CutOffError || answer.isGone()) {
      deps.logger.warn(
        { request_id: request.id, reason: error instanceof Error ? error.message : error },
        "an import was cut off",
      );
      answer.cut();
    } else {
      if (!answer.isBegun()) throw problem;
      if (problem.code === "internal") {
        deps.logger.error({ err: error, request_id: request.id }, "an import failed");
      }
      const { code, message, facts } = problem;
      request.problem = code;
      answer.end({
        type: "end",
        untold: answer.untold(),
        fault: { code, detail: message, ...facts },
      });
    }
  } finally {
    // What nobody reads is memory that is taken, and its place is free only then.
    answer.whenTaken(leave);
    longBodies.delete(raw);
    // What is left of the body is read and dropped: its client reads nothing before it has sent all.
    raw.resume();
  }
  return reply;
}

function importProblem(error: unknown): ProblemError {
  if (!(error instanceof UnreadableError)) return problemOf(error);
  const facts = { ...error.facts };
  return new ProblemError("import_unreadable", sentenceOf(error.message), { facts, cause: error });
}

const sentenceOf = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
