// Who has it? The question that customers ask all day: one product in all active stores, from the cache
// unless the caller wants the database itself or an earlier moment; and many products at once.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AvailabilityDocument, Cached, ReadMany } from "../../cache/memory.ts";
import { isoTime } from "../../lib/clock.ts";
import { availabilityQueryMax, availabilityReadMax, batchBodyBytesMax } from "../../limits.ts";
import { type Availability, type Store, wholeLog } from "../../store/store.ts";
import {
  documentCacheControl,
  documentType,
  inStores,
  renderAvailability,
} from "../availability.ts";
import { isNotModified } from "../conditional.ts";
import type { HttpDeps } from "../deps.ts";
import { invalidField, ProblemError, refusedWith } from "../problem.ts";
import { route } from "../route.ts";
import { Answer, Body, Id, Parts, StoreIds } from "../schemas.ts";
import { Type } from "../type.ts";
import { timeAt } from "../values.ts";

const text = Type.String();
const count = Type.Integer();

const AvailabilityAnswer = Answer("Availability", {
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

const AsOf = Type.String({
  minLength: 1,
  maxLength: 40,
  description: "ISO 8601 with a zone, or seq:N: as it was after that event.",
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
  const hits = deps.metrics.cacheRequests.labels({ result: "hit" });
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
    etag: true,
    schema: {
      params: Parts({ id: Id }),
      querystring: Parts({
        store_id: Type.Optional(Id),
        as_of: Type.Optional(AsOf),
      }),
      response: { 200: AvailabilityAnswer },
    },
    codes: ["product_not_found", "store_not_found", "as_of_out_of_range"],
    handler(request, reply) {
      const { params, query, headers } = request;
      // Most of all requests end here: nothing to wait for, nothing to serialise.
      if (Object.keys(query).length === 0 && headers["cache-control"] === undefined) {
        const document = deps.cache.kept(params.id);
        if (document !== undefined) {
          hits.inc();
          reply.header("x-cache", "hit");
          return sendDocument(request, reply, document);
        }
      }
      return answer(request, reply);
    },
  });

  async function answer(request: AvailabilityRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { params, query, headers } = request;
    const { store_id: storeId, as_of: asOf } = query;
    let document: AvailabilityDocument;
    if (asOf === undefined) {
      const found = await current(deps, params.id, headers["cache-control"]);
      const result = found.hit ? "hit" : "miss";
      deps.metrics.cacheRequests.inc({ result });
      reply.header("x-cache", result);
      document = found.document ?? notFound(params.id);
    } else {
      document = renderAvailability(await asItWas(deps, params.id, asOf));
    }
    if (storeId !== undefined) {
      await mustKnowStores(deps.store, [storeId], [document]);
      document = ofStores(document, new Set([storeId]));
    }
    return sendDocument(request, reply, document);
  }
}

type AvailabilityRequest = FastifyRequest<{
  Params: { id: string };
  Querystring: { store_id?: string; as_of?: string };
}>;

/** The bytes as they are: nothing is serialised on this path. */
function sendDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  { etag, body }: AvailabilityDocument,
): FastifyReply {
  reply.header("cache-control", documentCacheControl);
  if (isNotModified(request, reply, etag)) return reply.send();
  reply.header("content-type", documentType);
  return reply.send(body);
}

/** From the cache, or from the database for a caller who will not have it otherwise. */
async function current(
  { cache, store }: HttpDeps,
  productId: string,
  cacheControl: string | undefined,
): Promise<Cached> {
  if (!forbidsCache(cacheControl)) return cache.get(productId);
  const found = await store.availability(productId);
  return { document: found === null ? null : renderAvailability(found), hit: false };
}

/** The same of many: what is not kept is read some at a time, in the reader thread. */
async function currentOfMany(
  { cache, store }: HttpDeps,
  productIds: readonly string[],
  cacheControl: string | undefined,
): Promise<readonly Cached[]> {
  const readMany: ReadMany = (ids) => store.availabilities(ids);
  if (!forbidsCache(cacheControl)) return cache.getMany(productIds, readMany);
  const byId = new Map<string, AvailabilityDocument>();
  for (let at = 0; at < productIds.length; at += availabilityReadMax) {
    const found = await readMany(productIds.slice(at, at + availabilityReadMax));
    for (const one of found) byId.set(one.product.id, renderAvailability(one));
  }
  return productIds.map((id) => ({ document: byId.get(id) ?? null, hit: false }));
}

function forbidsCache(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && cacheForbidden.test(cacheControl);
}

const cacheForbidden = /(?:^|[\s,])no-(?:cache|store)(?:$|[\s,])/i;

/** A store without rows may be empty; one that does not exist is refused by name. */
async function mustKnowStores(
  store: Pick<Store, "place">,
  storeIds: readonly string[],
  documents: readonly AvailabilityDocument[],
): Promise<void> {
  const seen = new Set<string>();
  for (const { availability } of documents) {
    for (const row of availability.rows) seen.add(row.storeId);
  }
  for (const id of storeIds) {
    if (seen.has(id) || (await store.place(id)) !== null) continue;
    throw refusedWith({ code: "store_not_found", storeId: id });
  }
}

function ofStores(
  { availability }: AvailabilityDocument,
  storeIds: ReadonlySet<string>,
): AvailabilityDocument {
  return renderAvailability(inStores(availability, (id) => storeIds.has(id)));
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
    throw invalidField("?as_of", "must be a time, or seq: and the number of an event");
  }
  const at = seqText === undefined ? { time: timeAt(asOf, "?as_of") } : { seq: Number(seqText) };
  const [first] = (await store.events({ ...wholeLog, after: 0, limit: 1 })).items;
  const tooEarly = "seq" in at ? at.seq < 1 : first === undefined || at.time < first.occurredAt;
  const tooLate = "seq" in at ? at.seq > head.seq : at.time > Math.max(now(), head.at);
  if (tooEarly || tooLate) {
    throw new ProblemError("as_of_out_of_range", "The log does not reach that point.", {
      facts: {
        head_seq: head.seq,
        first_at: first === undefined ? null : isoTime(first.occurredAt),
      },
    });
  }
  return (await store.availabilityAt(productId, at)) ?? notFound(productId);
}

function notFound(productId: string): never {
  throw refusedWith({ code: "product_not_found", productId });
}

function queryRoute(app: FastifyInstance, deps: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/availability/query",
    scope: "public:read",
    id: "queryAvailability",
    tag: "availability",
    summary: "Availability of many products at once",
    description:
      "In the order asked, each as of its own `as_of_seq`. Products that do not exist are `missing`.",
    schema: { body: QueryBody, response: { 200: QueryAnswer } },
    codes: ["store_not_found"],
    idempotency: "refused",
    bodyLimit: batchBodyBytesMax,
    async handler({ body, headers }, reply) {
      const { product_ids: productIds, store_ids: storeIds } = body;
      const found = await currentOfMany(deps, productIds, headers["cache-control"]);
      const hits = found.filter(({ hit }) => hit).length;
      deps.metrics.cacheRequests.inc({ result: "hit" }, hits);
      deps.metrics.cacheRequests.inc({ result: "miss" }, found.length - hits);
      const missing = productIds.filter((_, index) => found[index]?.document === null);
      let documents = found.map(({ document }) => document).filter((one) => one !== null);
      if (storeIds !== undefined) {
        await mustKnowStores(deps.store, storeIds, documents);
        const wanted = new Set(storeIds);
        documents = documents.map((one) => ofStores(one, wanted));
      }
      reply.header("content-type", documentType);
      const items = documents.map((one) => one.body).join(",");
      return `{"items":[${items}],"missing":${JSON.stringify(missing)}}`;
    },
  });
}
