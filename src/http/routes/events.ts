// The log, for those who keep something in step with it: by pages (GET /events) or as it grows (GET
// /events/stream). A caller sees the events of its stores and those of the whole chain.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { EventType } from "../../domain/model.ts";
import { eventsText } from "../../feeds/page.ts";
import type { FeedFilter, Start } from "../../feeds/sse.ts";
import { OperatingError } from "../../lib/operating-error.ts";
import { pageLimitDefault, sseClientsMax, sseClientsPerCallerMax } from "../../limits.ts";
import type { Head } from "../../store/store.ts";
import type { Authenticator } from "../auth.ts";
import { cursorKind } from "../cursor.ts";
import type { HttpDeps } from "../deps.ts";
import { openStream } from "../event-stream.ts";
import { busy, invalidField, ProblemError } from "../problem.ts";
import { allows, type Caller } from "../roles.ts";
import { route } from "../route.ts";
import { Answer, EventKind, Id, Nullable, Parts, paging, Time } from "../schemas.ts";
import { Type } from "../type.ts";

const text = Type.String();

export const EventAnswer = Answer("Event", {
  seq: Type.Integer({ description: "1, 2, 3 … without a gap, in the order of commits." }),
  id: text,
  type: EventKind,
  aggregate_type: text,
  aggregate_id: text,
  store_id: Type.String({ description: "* where the event concerns the whole chain." }),
  product_id: Nullable(text),
  occurred_at: Time,
  actor: text,
  request_id: text,
  traceparent: Type.Optional(
    Type.String({
      description: "The span of the request (W3C Trace Context), where that was traced.",
    }),
  ),
  payload: Type.Object({}, { additionalProperties: true }),
});

const EventPageAnswer = Answer("EventPage", {
  items: Type.Array(EventAnswer),
  next_cursor: Nullable(text),
  head_seq: Type.Integer({ description: "The last event in the log." }),
  epoch: Type.Integer({ description: "Raised when the log is restored from a backup." }),
});

/** What a stream's answer is, for the documents only. */
const StreamAnswer = Type.Unsafe<string>({
  description: "Events as they happen; each one's id is <epoch>.<seq>, its data an Event.",
  content: { "text/event-stream": { schema: Type.String() } },
});

const filters = {
  type: Type.Optional(EventKind),
  store_id: Type.Optional(Id),
  product_id: Type.Optional(Id),
};
const reading = { method: "GET", scope: "events:read", tag: "events" } as const;

export function eventRoutes(
  app: FastifyInstance,
  deps: HttpDeps,
  authenticator: Pick<Authenticator, "identify">,
): void {
  pageRoute(app, deps);
  streamRoute(app, deps, authenticator);
}

const eventsCursor = cursorKind("events", ["number"]);

function pageRoute(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/events",
    id: "listEvents",
    summary: "The log, oldest first",
    description:
      "A page may be empty and still have a next_cursor: go on until null, then ask again with " +
      "after=<head_seq> for what came since.",
    schema: {
      querystring: Parts({
        ...paging,
        after: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: Number.MAX_SAFE_INTEGER,
            description: "Events with a larger seq. 0: from the beginning.",
          }),
        ),
        ...filters,
      }),
      response: { 200: EventPageAnswer },
    },
    async handler({ query, caller }, reply) {
      // Who goes on by cursors keeps the rest of the address: the cursor is newer than its `after`.
      const [from] = eventsCursor.read(query.cursor) ?? [];
      const after = typeof from === "number" ? from : (query.after ?? 0);
      const limit = query.limit ?? pageLimitDefault;
      const page = await store.events({ ...filterOf(query, caller), after, limit });
      // Read after the page, the head is never behind it: `null` means that nothing was left out.
      const { seq, epoch } = await store.head();
      const nextCursor = page.scanned < seq ? eventsCursor.write([page.scanned]) : null;
      reply.header("content-type", "application/json; charset=utf-8");
      return eventsText(page.items, { next_cursor: nextCursor, head_seq: seq, epoch });
    },
  });
}

interface FilterQuery {
  readonly type?: EventType;
  readonly store_id?: string;
  readonly product_id?: string;
}

function filterOf(query: FilterQuery, { stores }: Caller): FeedFilter {
  return {
    type: query.type ?? null,
    storeId: query.store_id ?? null,
    productId: query.product_id ?? null,
    stores,
  };
}

function streamRoute(
  app: FastifyInstance,
  { store, feed, metrics, now }: HttpDeps,
  authenticator: Pick<Authenticator, "identify">,
): void {
  const streams = openStreams(app);

  route(app, {
    ...reading,
    url: "/api/v1/events/stream",
    id: "streamEvents",
    produces: "text/event-stream",
    summary: "The log as it grows, as Server-Sent Events",
    description:
      "Begins at the head, or after Last-Event-ID (which wins) or ?after=: <epoch>.<seq> or a bare seq. " +
      "A place that this log does not have is answered with an event log_reset that says what is current.",
    head: false,
    schema: {
      querystring: Parts({
        after: Type.Optional(Type.String({ description: "<epoch>.<seq> or a bare seq." })),
        ...filters,
      }),
      response: { 200: StreamAnswer },
    },
    async handler(request, reply) {
      const { query, caller } = request;
      const wanted = wantedOf(request.headers["last-event-id"], query.after);
      const start = startOf(wanted, wanted === null ? null : await store.head());
      streams.mustHaveRoom(caller, feed.clients());
      const stream = openStream(reply);
      const disconnect = feed.connect({
        ...stream,
        caller: caller.id,
        filter: filterOf(query, caller),
        start,
        isAllowed: () => isStillAllowed(request, authenticator, now),
      });
      metrics.sseClients.set(feed.clients());
      const ended = streams.add(caller, disconnect);
      const closed = (): void => {
        disconnect();
        ended();
        metrics.sseClients.set(feed.clients());
      };
      // The client may have gone while the head was read.
      if (reply.raw.destroyed) closed();
      else reply.raw.once("close", closed);
      return reply;
    },
  });
}

/** The open streams of this application: bounded in number, and ended before it waits for its connections. */
function openStreams(app: FastifyInstance) {
  const open = new Set<() => void>();
  const perCaller = new Map<string, number>();
  let closing = false;
  app.addHook("preClose", (done) => {
    closing = true;
    for (const disconnect of open) disconnect();
    done();
  });
  return {
    mustHaveRoom({ id }: Caller, clients: number): void {
      if (closing || app.draining) throw busy("overloaded", "The service is stopping.", 1);
      if (clients >= sseClientsMax) {
        throw busy("overloaded", "Too many streams are open here.", 10);
      }
      if ((perCaller.get(id) ?? 0) >= sseClientsPerCallerMax) {
        throw busy("rate_limited", `You may have ${sseClientsPerCallerMax} streams at once.`, 10);
      }
    },
    /** Answers what to call when the stream has ended. */
    add({ id }: Caller, disconnect: () => void): () => void {
      open.add(disconnect);
      perCaller.set(id, (perCaller.get(id) ?? 0) + 1);
      return () => {
        open.delete(disconnect);
        const left = (perCaller.get(id) ?? 1) - 1;
        if (left === 0) perCaller.delete(id);
        else perCaller.set(id, left);
      };
    },
  };
}

interface Wanted {
  /** null: whatever is current. */
  readonly epoch: number | null;
  readonly seq: number;
}

/** A browser that reconnects sends the address it began with: what it saw last is newer. */
function wantedOf(lastEventId: string | string[] | undefined, after?: string): Wanted | null {
  if (lastEventId !== undefined) return placeIn(String(lastEventId), "Last-Event-ID");
  return after === undefined ? null : placeIn(after, "?after");
}

const placePattern = /^(?:(\d{1,15})\.)?(\d{1,15})$/;

function placeIn(text: string, path: string): Wanted {
  const found = placePattern.exec(text);
  if (found === null) throw invalidField(path, "must be <epoch>.<seq> or a seq");
  const [, epoch, seq] = found;
  return { epoch: epoch === undefined ? null : Number(epoch), seq: Number(seq) };
}

function startOf(wanted: Wanted | null, head: Head | null): Start {
  if (wanted === null || head === null) return { kind: "head" };
  const { epoch, seq } = wanted;
  const isOther = (epoch !== null && epoch !== head.epoch) || seq > head.seq;
  return isOther ? { kind: "reset" } : { kind: "after", seq };
}

/** Whether the credential that opened the stream would open it again, for the same stores. */
async function isStillAllowed(
  request: FastifyRequest,
  authenticator: Pick<Authenticator, "identify">,
  now: () => number,
): Promise<boolean> {
  const { caller: first } = request;
  if (first.expiresAt !== null && first.expiresAt <= now()) return false;
  try {
    const caller = await authenticator.identify(request);
    return allows(caller, "events:read") && String(caller.stores) === String(first.stores);
  } catch (error) {
    if (error instanceof ProblemError && error.code === "unauthenticated") return false;
    // The database or the token's issuer is away for a moment: that is no reason to send everyone off.
    if (error instanceof OperatingError || error instanceof ProblemError) return true;
    throw error;
  }
}
