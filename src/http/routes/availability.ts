// Who has it? The question that customers ask all day: one product in all active stores, from the cache
// unless the caller wants the database itself or an earlier moment; and many products at once.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { AvailabilityDocument } from "../../cache/memory.ts";
import { availabilityQueryMax, batchBodyBytesMax } from "../../limits.ts";
import type { Availability, Store } from "../../store/store.ts";
import { availabilityBody, inStores, renderAvailability } from "../availability.ts";
import { isNotModified } from "../conditional.ts";
import type { HttpDeps } from "../deps.ts";
import { invalidField, ProblemError } from "../problem.ts";
import { route } from "../route.ts";
import { Answer, Body, Id, Parts, StoreIds } from "../schemas.ts";
import { timeAt } from "../values.ts";
import { storeNotFound } from "./stores.ts";

const text = Type.String();
const count = Type.Integer();

export const AvailabilityAnswer = Answer("Availability", {
  product_id: text,
  product_name: text,
  total_quantity: count,
  total_reserved: count,
  total_available: count,
  as_of_seq: Type.Integer({ description: "The last event that this answer knows of." }),
  stores: Type.Array(
    Type.Object({
      store_id: text,
      store_name: text,
      quantity: count,
      reserved: count,
      available: count,
      version: count,
    }),
  ),
});

const QueryBody = Body({
  product_ids: Type.Array(Id, { minItems: 1, maxItems: availabilityQueryMax, uniqueItems: true }),
  store_ids: Type.Optional(StoreIds),
});
const QueryAnswer = Answer("AvailabilityQuery", {
  items: Type.Array(AvailabilityAnswer),
  missing: Type.Array(text, { description: "Ids of products that do not exist." }),
});

export function availabilityRoutes(app: FastifyInstance, deps: HttpDeps): void {
  readRoute(app, deps);
  queryRoute(app, deps);
}

function readRoute(app: FastifyInstance, deps: HttpDeps): void {
  route(app, {
    method: "GET",
    url: "/api/v1/products/:id/availability",
    scope: "public:read",
    id: "getAvailability",
    tag: "availability",
    summary: "Which stores have a product, and how much of it",
    description:
      "Cached until the product changes (X-Cache); `Cache-Control: no-cache` reads the database. " +
      "`as_of` answers from the log: a time, or seq:N.",
    schema: {
      params: Parts({ id: Id }),
      querystring: Parts({
        store_id: Type.Optional(Id),
        as_of: Type.Optional(Type.String({ maxLength: 64 })),
      }),
      response: { 200: AvailabilityAnswer },
    },
    codes: ["product_not_found", "store_not_found", "as_of_out_of_range"],
    async handler(request, reply) {
      const { store_id: storeId, as_of: asOf } = request.query;
      const document =
        asOf === undefined
          ? await current(request, reply, deps)
          : renderAvailability(await asItWas(deps, request.params.id, asOf));
      const wanted =
        storeId === undefined ? document : await ofStore(deps.store, document, storeId);
      if (isNotModified(request, reply, wanted.etag)) return reply.send();
      // The bytes as they are: nothing is serialised on this path.
      reply.header("content-type", "application/json; charset=utf-8");
      return reply.send(wanted.body);
    },
  });
}

async function current(
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
  { cache, store, metrics }: HttpDeps,
): Promise<AvailabilityDocument> {
  const { id } = request.params;
  if (request.headers["cache-control"] === "no-cache") {
    const availability = await store.availability(id);
    reply.header("x-cache", "miss");
    return availability === null ? notFound(id) : renderAvailability(availability);
  }
  const { document, hit } = await cache.get(id);
  const result = hit ? "hit" : "miss";
  metrics.cacheRequests.inc({ result });
  reply.header("x-cache", result);
  return document ?? notFound(id);
}

async function ofStore(
  store: Pick<Store, "place">,
  { availability }: AvailabilityDocument,
  storeId: string,
): Promise<AvailabilityDocument> {
  const place = await store.place(storeId);
  if (place === null || place.archivedAt !== null) throw storeNotFound(storeId);
  return renderAvailability(inStores(availability, (id) => id === storeId));
}

/** `seq:N` or a time, within what the log holds. */
async function asItWas(
  { store, now }: HttpDeps,
  productId: string,
  asOf: string,
): Promise<Availability> {
  const head = await store.head();
  const seqText = /^seq:(\d{1,15})$/.exec(asOf)?.[1];
  if (seqText === undefined && asOf.startsWith("seq:")) {
    throw invalidField("?as_of", "must be a time, or seq: and a number");
  }
  const at = seqText === undefined ? { time: timeAt(asOf, "?as_of") } : { seq: Number(seqText) };
  const [first] = (await store.events({ ...oldest, limit: 1 })).items;
  const tooEarly = "seq" in at ? at.seq < 1 : first === undefined || at.time < first.occurredAt;
  const tooLate = "seq" in at ? at.seq > head.seq : at.time > Math.max(now(), head.at);
  if (tooEarly || tooLate) {
    throw new ProblemError("as_of_out_of_range", "The log does not reach that point.", {
      facts: { head_seq: head.seq },
    });
  }
  return (await store.availabilityAt(productId, at)) ?? notFound(productId);
}

const oldest = { after: 0, type: null, storeId: null, productId: null, stores: "*" } as const;

function notFound(productId: string): never {
  throw new ProblemError("product_not_found", "There is no such product.", {
    facts: { product_id: productId },
  });
}

function queryRoute(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/availability/query",
    scope: "public:read",
    id: "queryAvailability",
    tag: "availability",
    summary: "Availability of many products at once",
    schema: { body: QueryBody, response: { 200: QueryAnswer } },
    idempotency: "refused",
    bodyLimit: batchBodyBytesMax,
    async handler({ body }) {
      const { product_ids: productIds, store_ids: storeIds } = body;
      const found = new Map(
        (await store.availabilities(productIds)).map((one) => [one.product.id, one]),
      );
      const wanted = storeIds === undefined ? null : new Set(storeIds);
      return {
        items: productIds.flatMap((id) => {
          const one = found.get(id);
          if (one === undefined) return [];
          return availabilityBody(wanted === null ? one : inStores(one, (s) => wanted.has(s)));
        }),
        missing: productIds.filter((id) => !found.has(id)),
      };
    },
  });
}
