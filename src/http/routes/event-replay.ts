// A part of the log, published again to a Redis stream of its own, for an admin: a consumer that begins late
// or begins anew reads it as it reads the live streams. Those are never written to from here.

import type { FastifyInstance } from "fastify";
import { replayEventsMax } from "../../limits.ts";
import type { HttpDeps } from "../deps.ts";
import { busy, invalidField, ProblemError } from "../problem.ts";
import { route } from "../route.ts";
import { Answer, Body, EventKind, Id } from "../schemas.ts";
import { Type } from "../type.ts";
import { eventTypes } from "../words.ts";

const Seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const ReplayAnswer = Answer("Replay", {
  stream: Type.String(),
  from_seq: Type.Integer(),
  to_seq: Type.Integer(),
  published: Type.Integer({ description: "Entries that were not in the stream before." }),
});

export function eventReplayRoute(app: FastifyInstance, { store, replay }: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/events/replay",
    scope: "events:replay",
    id: "replayEvents",
    tag: "events",
    summary: "Publishes a range of the log again, to a Redis stream of its own",
    description:
      `At most ${replayEventsMax} events at a time, both ends included. Entries are those of inventory-events. ` +
      "The same again adds nothing twice, so it goes on where it was cut off.",
    // It is idempotent by itself: each entry has its place in the log as its id.
    idempotency: "refused",
    schema: {
      body: Body({
        stream: Id,
        from_seq: Seq,
        to_seq: Seq,
        type: Type.Optional(EventKind),
        store_id: Type.Optional(Id),
      }),
      response: { 200: ReplayAnswer },
    },
    codes: ["stream_in_use", "redis_unavailable"],
    async handler({ body, caller }) {
      const { stream, from_seq: fromSeq, to_seq: toSeq, type = null, store_id = null } = body;
      mustBeFree(stream);
      mustBeWithin(fromSeq, toSeq, (await store.head()).seq);
      if (replay === undefined) {
        throw busy("redis_unavailable", "There is no Redis here: REDIS_URL is not set.", 60);
      }
      const filter = { type, storeId: store_id, stores: caller.stores };
      const outcome = await replay({ stream, fromSeq, toSeq, ...filter });
      if (outcome === "away") {
        throw busy("redis_unavailable", "Redis does not answer; send the same again.", 2);
      }
      if ("lastId" in outcome) throw inUse(stream, outcome.lastId);
      return { stream, from_seq: fromSeq, to_seq: toSeq, published: outcome.added };
    },
  });
}

const liveStreams = ["inventory-events", ...eventTypes];

/** Also behind a prefix: another service may have one in the same Redis. */
function mustBeFree(stream: string): void {
  if (!stream.includes("inventory-events:") && !liveStreams.some((name) => stream.endsWith(name))) {
    return;
  }
  throw invalidField("/stream", "must not be, or end as, the name of a live stream");
}

function mustBeWithin(fromSeq: number, toSeq: number, head: number): void {
  if (toSeq < fromSeq) throw invalidField("/to_seq", "must not be before from_seq");
  if (toSeq > head) throw invalidField("/to_seq", `must be at most ${head}, the end of the log`);
  if (toSeq - fromSeq >= replayEventsMax) {
    throw invalidField("/to_seq", `must be at most ${replayEventsMax - 1} after from_seq`);
  }
}

function inUse(stream: string, lastId: string | null): ProblemError {
  const detail =
    lastId === null
      ? `What Redis has under the name ${stream} is no stream.`
      : `The stream ${stream} goes to ${lastId} and lacks an event of the range before that; entries are only added at its end.`;
  return new ProblemError("stream_in_use", detail, { facts: { stream, last_id: lastId } });
}
