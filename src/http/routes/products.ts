// Products: the chain's catalogue. Everyone may read it (unless that is switched off); admins change it.
// A deleted product is archived: gone from lists and reads, its history kept, its SKU free again.

import type { FastifyInstance, FastifyReply } from "fastify";
import type { Product, ProductFields } from "../../domain/model.ts";
import { pageLimitDefault } from "../../limits.ts";
import { etagOf, isNotModified, preconditionOf } from "../conditional.ts";
import { cursorKind, pageAnswer } from "../cursor.ts";
import type { HttpDeps } from "../deps.ts";
import { issued } from "../idempotency.ts";
import { type ReplyOf, sendOutcome } from "../outcome.ts";
import { productAnswer } from "../present.ts";
import { ProblemError, refusedWith } from "../problem.ts";
import { route } from "../route.ts";
import {
  Body,
  Category,
  Description,
  Id,
  Name,
  NewId,
  Nullable,
  PageOf,
  Parts,
  Price,
  ProductAnswer,
  paging,
  Search,
  Sku,
} from "../schemas.ts";
import { type Static, Type } from "../type.ts";
import { priceCents } from "../values.ts";

const idPart = Parts({ id: Id });
const productsCursor = cursorKind("products", ["number"]);

const words = {
  description: Type.Optional(Nullable(Description)),
  category: Type.Optional(Nullable(Category)),
};
const ProductBody = Body({ sku: Sku, name: Name, price: Price, ...words });
const NewProductBody = Body({
  id: Type.Optional(NewId),
  sku: Sku,
  name: Name,
  price: Price,
  ...words,
});
const ProductChanges = Body(
  {
    sku: Type.Optional(Sku),
    name: Type.Optional(Name),
    price: Type.Optional(Price),
    ...words,
  },
  { minProperties: 1 },
);

export function productRoutes(app: FastifyInstance, deps: HttpDeps): void {
  listRoute(app, deps);
  readRoutes(app, deps);
  createRoute(app, deps);
  changeRoutes(app, deps);
  deleteRoute(app, deps);
}

const reading = { method: "GET", scope: "public:read", tag: "products" } as const;

function listRoute(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/products",
    id: "listProducts",
    summary: "Lists products",
    description: "`search` looks in SKU and name, without regard to case and accents.",
    schema: {
      querystring: Parts({
        ...paging,
        search: Type.Optional(Search),
        category: Type.Optional(Category),
      }),
      response: { 200: PageOf("ProductPage", ProductAnswer) },
    },
    async handler({ query }) {
      const page = await store.products({
        after: productsCursor.read(query.cursor),
        limit: query.limit ?? pageLimitDefault,
        search: query.search ?? null,
        category: query.category ?? null,
      });
      return pageAnswer(page, productsCursor, productAnswer);
    },
  });
}

function readRoutes(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/products/:id",
    id: "getProduct",
    summary: "One product",
    etag: true,
    schema: { params: idPart, response: { 200: ProductAnswer } },
    codes: ["product_not_found"],
    async handler(request, reply) {
      const { id } = request.params;
      const product = await store.product(id);
      if (product === null) throw refusedWith({ code: "product_not_found", productId: id });
      if (isNotModified(request, reply, etagOf(product.version))) return reply.send();
      return productAnswer(product);
    },
  });

  route(app, {
    ...reading,
    url: "/api/v1/products/sku/:sku",
    id: "getProductBySku",
    summary: "One product by its SKU",
    etag: true,
    schema: { params: Parts({ sku: Sku }), response: { 200: ProductAnswer } },
    codes: ["product_not_found"],
    async handler(request, reply) {
      const { sku } = request.params;
      const product = await store.productBySku(sku);
      if (product === null) {
        const words = `There is no product with the SKU ${sku}.`;
        throw new ProblemError("product_not_found", words, { facts: { sku } });
      }
      if (isNotModified(request, reply, etagOf(product.version))) return reply.send();
      return productAnswer(product);
    },
  });
}

function createRoute(app: FastifyInstance, { execute, newId }: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/products",
    scope: "catalog:write",
    id: "createProduct",
    tag: "products",
    summary: "Creates a product",
    schema: { body: NewProductBody, response: { 201: ProductAnswer } },
    codes: ["id_taken", "sku_taken"],
    async handler(request, reply) {
      const { id = newId(), ...body } = request.body;
      request.business = { operation: "create_product", product_id: id };
      const fields = wholeFields(body);
      const outcome = await execute({ ...issued(request), kind: "CreateProduct", id, fields });
      return sendOutcome(request, reply, outcome, "product", createdProduct);
    },
  });
}

function changeRoutes(app: FastifyInstance, { execute }: HttpDeps): void {
  const shared = {
    scope: "catalog:write",
    tag: "products",
    codes: ["product_not_found", "sku_taken", "version_mismatch"],
  } as const;

  route(app, {
    ...shared,
    method: "PUT",
    url: "/api/v1/products/:id",
    id: "replaceProduct",
    summary: "Replaces a product",
    description: "Optional fields that are left out become null.",
    schema: { params: idPart, body: ProductBody, response: { 200: ProductAnswer } },
    async handler(request, reply) {
      const { id } = request.params;
      request.business = { operation: "change_product", product_id: id };
      const fields = wholeFields(request.body);
      const expected = preconditionOf(request);
      const command = { ...issued(request), kind: "ChangeProduct", id, fields, expected } as const;
      return sendOutcome(request, reply, await execute(command), "product", changedProduct);
    },
  });

  route(app, {
    ...shared,
    method: "PATCH",
    url: "/api/v1/products/:id",
    id: "changeProduct",
    summary: "Changes some fields of a product",
    schema: { params: idPart, body: ProductChanges, response: { 200: ProductAnswer } },
    async handler(request, reply) {
      const { id } = request.params;
      request.business = { operation: "change_product", product_id: id };
      const { price, ...others } = request.body;
      const fields = price === undefined ? others : { ...others, priceCents: priceCents(price) };
      const expected = preconditionOf(request);
      const command = { ...issued(request), kind: "ChangeProduct", id, fields, expected } as const;
      return sendOutcome(request, reply, await execute(command), "product", changedProduct);
    },
  });
}

function deleteRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    method: "DELETE",
    url: "/api/v1/products/:id",
    scope: "catalog:write",
    id: "deleteProduct",
    tag: "products",
    summary: "Archives a product that has no stock",
    schema: { params: idPart, response: { 204: Type.Null() } },
    codes: ["product_not_found", "product_in_use", "version_mismatch"],
    async handler(request, reply) {
      const { id } = request.params;
      request.business = { operation: "archive_product", product_id: id };
      const expected = preconditionOf(request);
      const outcome = await execute({ ...issued(request), kind: "ArchiveProduct", id, expected });
      return sendOutcome(request, reply, outcome, "product", archivedProduct);
    },
  });
}

function wholeFields(body: Static<typeof ProductBody>): ProductFields {
  const { sku, name, price, description = null, category = null } = body;
  return { sku, name, description, category, priceCents: priceCents(price) };
}

function createdProduct({ product }: ReplyOf<"product">, reply: FastifyReply) {
  reply.code(201).header("location", `/api/v1/products/${product.id}`);
  return tagged(product, reply);
}

function changedProduct({ product }: ReplyOf<"product">, reply: FastifyReply) {
  return tagged(product, reply);
}

function archivedProduct(_reply: ReplyOf<"product">, reply: FastifyReply) {
  reply.code(204);
  return undefined;
}

function tagged(product: Product, reply: FastifyReply) {
  reply.header("etag", etagOf(product.version));
  return productAnswer(product);
}
