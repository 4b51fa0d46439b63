// Stores: the places of the chain. Everyone who may sign in may see them; admins change them. A store
// with stock is deactivated, not deleted.

import type { FastifyInstance, FastifyReply } from "fastify";
import { pageLimitDefault } from "../../limits.ts";
import { etagOf, isNotModified, preconditionOf } from "../conditional.ts";
import { cursorKind, pageAnswer } from "../cursor.ts";
import type { HttpDeps } from "../deps.ts";
import { issued } from "../idempotency.ts";
import { type ReplyOf, sendOutcome } from "../outcome.ts";
import { emptyStore } from "../place.ts";
import { storeAnswer } from "../present.ts";
import { refusedWith } from "../problem.ts";
import { route } from "../route.ts";
import {
  Body,
  Id,
  Name,
  NewId,
  Nullable,
  PageOf,
  Parts,
  paging,
  ShortText,
  StoreAnswer,
} from "../schemas.ts";
import { Type } from "../type.ts";

const storeIdPart = Parts({ id: Id });
const storesCursor = cursorKind("stores", ["number"]);

const details = {
  address: Type.Optional(Nullable(ShortText)),
  city: Type.Optional(Nullable(ShortText)),
  country: Type.Optional(Nullable(ShortText)),
  phone: Type.Optional(Nullable(ShortText)),
  email: Type.Optional(Nullable(ShortText)),
  active: Type.Optional(Type.Boolean()),
};
const StoreBody = Body({ name: Name, ...details });
const NewStoreBody = Body({ id: Type.Optional(NewId), name: Name, ...details });
const StoreChanges = Body({ name: Type.Optional(Name), ...details }, { minProperties: 1 });

export function storeRoutes(app: FastifyInstance, deps: HttpDeps): void {
  readRoutes(app, deps);
  createRoute(app, deps);
  changeRoutes(app, deps);
  deleteRoute(app, deps);
}

function readRoutes(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    method: "GET",
    url: "/api/v1/stores",
    scope: "catalog:read",
    id: "listStores",
    tag: "stores",
    summary: "Lists the stores",
    description:
      "For everyone who signs in, customers too: address, phone and e-mail are a shop's public facts. " +
      "Without credentials there are products and availability only.",
    schema: { querystring: Parts(paging), response: { 200: PageOf("StorePage", StoreAnswer) } },
    async handler({ query }) {
      const limit = query.limit ?? pageLimitDefault;
      const page = await store.places({ after: storesCursor.read(query.cursor), limit });
      return pageAnswer(page, storesCursor, storeAnswer);
    },
  });

  route(app, {
    method: "GET",
    url: "/api/v1/stores/:id",
    scope: "catalog:read",
    id: "getStore",
    tag: "stores",
    summary: "One store",
    etag: true,
    schema: { params: storeIdPart, response: { 200: StoreAnswer } },
    codes: ["store_not_found"],
    async handler(request, reply) {
      const { id } = request.params;
      const place = await store.place(id);
      if (place === null) throw refusedWith({ code: "store_not_found", storeId: id });
      if (isNotModified(request, reply, etagOf(place.version))) return reply.send();
      return storeAnswer(place);
    },
  });
}

function createRoute(app: FastifyInstance, { execute, newId }: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/stores",
    scope: "catalog:write",
    id: "createStore",
    tag: "stores",
    summary: "Creates a store",
    schema: { body: NewStoreBody, response: { 201: StoreAnswer } },
    codes: ["id_taken"],
    async handler(request, reply) {
      const { id = newId(), ...fields } = request.body;
      request.business = { operation: "create_store" };
      const outcome = await execute({
        ...issued(request),
        kind: "CreateStore",
        id,
        fields: { ...emptyStore, ...fields },
      });
      return sendOutcome(request, reply, outcome, "store", createdStore);
    },
  });
}

const changing = {
  scope: "catalog:write",
  tag: "stores",
  codes: ["store_not_found", "version_mismatch"],
} as const;

function changeRoutes(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    ...changing,
    method: "PUT",
    url: "/api/v1/stores/:id",
    id: "replaceStore",
    summary: "Replaces a store",
    schema: { params: storeIdPart, body: StoreBody, response: { 200: StoreAnswer } },
    async handler(request, reply) {
      const { id } = request.params;
      request.business = { operation: "change_store", store_id: id };
      const fields = { ...emptyStore, ...request.body };
      const expected = preconditionOf(request);
      const outcome = await execute({
        ...issued(request),
        kind: "ChangeStore",
        id,
        fields,
        expected,
      });
      return sendOutcome(request, reply, outcome, "store", changedStore);
    },
  });

  route(app, {
    ...changing,
    method: "PATCH",
    url: "/api/v1/stores/:id",
    id: "changeStore",
    summary: "Changes some fields of a store",
    schema: { params: storeIdPart, body: StoreChanges, response: { 200: StoreAnswer } },
    async handler(request, reply) {
      const { id } = request.params;
      request.business = { operation: "change_store", store_id: id };
      const expected = preconditionOf(request);
      const fields = request.body;
      const outcome = await execute({
        ...issued(request),
        kind: "ChangeStore",
        id,
        fields,
        expected,
      });
      return sendOutcome(request, reply, outcome, "store", changedStore);
    },
  });
}

function deleteRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    ...changing,
    method: "DELETE",
    url: "/api/v1/stores/:id",
    id: "deleteStore",
    summary: "Deletes a store without stock",
    schema: { params: storeIdPart, response: { 204: Type.Null() } },
    codes: [...changing.codes, "store_in_use"],
    async handler(request, reply) {
      const { id } = request.params;
      request.business = { operation: "archive_store", store_id: id };
      const expected = preconditionOf(request);
      const outcome = await execute({ ...issued(request), kind: "ArchiveStore", id, expected });
      return sendOutcome(request, reply, outcome, "store", goneStore);
    },
  });
}

function createdStore({ store }: ReplyOf<"store">, reply: FastifyReply) {
  reply.code(201).header("location", `/api/v1/stores/${store.id}`);
  return changedStore({ kind: "store", store }, reply);
}

function changedStore({ store }: ReplyOf<"store">, reply: FastifyReply) {
  reply.header("etag", etagOf(store.version));
  return storeAnswer(store);
}

function goneStore(_value: ReplyOf<"store">, reply: FastifyReply): undefined {
  reply.code(204);
}
