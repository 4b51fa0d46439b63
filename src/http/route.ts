// How a route is declared. One value says its address, its scope, its shapes and what may go wrong;
// from it come the authorisation, the validation, the documentation and the table that tests walk
// through. A route without a scope does not compile and does not register.

import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  preValidationHookHandler,
  RouteHandlerMethod,
  RouteOptions,
} from "fastify";
import { assert } from "../lib/assert.ts";
import { bodyBytesMax } from "../limits.ts";
import { refuseUnheeded } from "./conditional.ts";
import { refuseIdempotencyKey } from "./idempotency.ts";
import { mustKeepMetadata } from "./metadata.ts";
import { invalidField, type ProblemCode, ProblemError, statusesOf } from "./problem.ts";
import { everyRoleHas, isOpen, type Scope, scopes } from "./roles.ts";
import { Parts } from "./schemas.ts";
import type { Static, TSchema } from "./type.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface RouteSchema {
  readonly params?: TSchema;
  readonly querystring?: TSchema;
  readonly body?: TSchema;
  /** Answers by status, 2xx only. Problems come from `codes`. */
  readonly response: Readonly<Record<number, TSchema>>;
}

type Part<Schema, Name extends string> = Schema extends {
  readonly [K in Name]: infer S extends TSchema;
}
  ? Static<S>
  : undefined;

/** A request whose parts have the types of the route's schema. */
export type RequestOf<Schema extends RouteSchema> = FastifyRequest<{
  Params: Part<Schema, "params">;
  Querystring: Part<Schema, "querystring">;
  Body: Part<Schema, "body">;
}>;

export interface RouteDeclaration<Schema extends RouteSchema> {
  readonly method: Method;
  /** The whole path, parameters as `:name`. */
  readonly url: string;
  readonly scope: Scope;
  /** operationId: the name of the SDK's method. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly schema: Schema;
  /** Problems of this route beyond those that follow from its shape (see `codesOf`). */
  readonly codes?: readonly ProblemCode[];
  /**
   * `kept`: a write that takes an Idempotency-Key (what POST, PUT, PATCH and DELETE are by default).
   * `refused`: a write whose answers must not be kept, or a POST that only reads.
   */
  readonly idempotency?: "kept" | "refused";
  /** No body at all counts as `{}`. */
  readonly emptyBody?: boolean;
  /** Its body is a file, read as it comes: no JSON. */
  readonly takesFile?: boolean;
  readonly bodyLimit?: number;
  /** Query parameters that nobody knows are let be: for probes and browsers, which add marks of their own. */
  readonly anyQuery?: boolean;
  /** Content type of the answer where it is not JSON. */
  readonly produces?: string;
  /** The answer has an ETag: 304 for whoever has it already. */
  readonly etag?: boolean;
  /** HEAD is answered too; off for streams. */
  readonly head?: boolean;
  readonly handler: (request: RequestOf<Schema>, reply: FastifyReply) => unknown;
}

export const tags = [
  "products",
  "availability",
  "stock",
  "reservations",
  "stores",
  "events",
  "imports",
  "exports",
  "keys",
  "webhooks",
  "session",
  "system",
] as const;
export type Tag = (typeof tags)[number];

/** What the rest of the service and the tests know of a route. */
export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly scope: Scope;
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string | undefined;
  readonly codes: readonly ProblemCode[];
  readonly idempotency: "kept" | "refused" | "none";
  readonly takesBody: boolean;
  readonly emptyBody: boolean;
  readonly isWrite: boolean;
  readonly hasEtag: boolean;
  /** Its body may say which version was seen; else only If-Match can. */
  readonly versionInBody: boolean;
  /** null: JSON. */
  readonly produces: string | null;
}

declare module "fastify" {
  interface FastifyContextConfig {
    declared?: DeclaredRoute;
  }
}

/** Makes the hook that lets requests in; app.ts gives it. */
export type Admit = (route: DeclaredRoute) => onRequestHookHandler;

export function route<const Schema extends RouteSchema>(
  app: FastifyInstance,
  declaration: RouteDeclaration<Schema>,
): void {
  const declared = declare(declaration);
  const { schema, anyQuery = false } = declaration;
  app.routeTable.push(declared);
  // Fastify's own types cannot follow a schema that is a type parameter; `RequestOf` does.
  const handler = declaration.handler as RouteHandlerMethod;
  const options: RouteOptions = {
    method: declaration.method,
    url: declaration.url,
    schema: anyQuery ? { ...schema } : { querystring: noQuery, ...schema },
    config: { declared },
    bodyLimit: declaration.bodyLimit ?? bodyBytesMax,
    exposeHeadRoute: declaration.method === "GET" && declaration.head !== false,
    onRequest: app.admit(declared),
    preValidation: bodyChecks(declared, declaration.takesFile ?? false),
    preHandler: hasField(schema.body, "metadata") ? mustKeepMetadata : [],
    handler,
  };
  app.route(options);
}

/** What a route without a query of its own takes: a parameter that would do nothing is a mistake. */
const noQuery = Parts({});

function declare(declaration: RouteDeclaration<RouteSchema>): DeclaredRoute {
  const { method, url, scope, id, tag, summary, description, schema } = declaration;
  assert(scopes.includes(scope), `${method} ${url} declares no scope`);
  const isWriting = method !== "GET";
  const idempotency = isWriting ? (declaration.idempotency ?? "kept") : "none";
  const takesBody = schema.body !== undefined;
  const emptyBody = declaration.emptyBody ?? false;
  return {
    method,
    url,
    scope,
    id,
    tag,
    summary,
    description,
    codes: codesOf(declaration, idempotency),
    idempotency,
    takesBody,
    emptyBody,
    produces: declaration.produces ?? null,
    isWrite: idempotency === "kept" || (isWriting && scope !== "public:read"),
    hasEtag: declaration.etag ?? false,
    versionInBody: hasField(schema.body, "expected_version"),
  };
}

/** Every code that a route may answer with: what follows from its shape, and its own. */
function codesOf(
  {
    method,
    scope,
    schema,
    anyQuery = false,
    takesFile = false,
    codes = [],
  }: RouteDeclaration<RouteSchema>,
  idempotency: DeclaredRoute["idempotency"],
): readonly ProblemCode[] {
  const found = new Set<ProblemCode>(["internal", "headers_too_large", ...codes]);
  if (!anyQuery) found.add("validation_failed");
  if (!isOpen(scope)) {
    for (const code of ["unauthenticated", "rate_limited"] as const) found.add(code);
    for (const code of ["overloaded", "database_unavailable"] as const) found.add(code);
    // A session may read from anywhere, and write from the console's pages only.
    if (method !== "GET" || !everyRoleHas(scope)) found.add("forbidden");
  }
  if (method !== "GET") {
    for (const code of ["body_too_large", "unsupported_media_type"] as const) found.add(code);
    if (!takesFile) found.add("malformed_json");
    found.add("invalid_idempotency_key");
  }
  if (idempotency === "kept") found.add("idempotency_key_reused");
  if (hasField(schema.querystring, "cursor")) found.add("invalid_cursor");
  return [...found];
}

function hasField(schema: TSchema | undefined, name: string): boolean {
  if (schema === undefined || !("properties" in schema)) return false;
  const { properties } = schema;
  return typeof properties === "object" && properties !== null && name in properties;
}

/** The statuses that a code may have at this route. */
export function statusesAt({ versionInBody }: DeclaredRoute, code: ProblemCode): readonly number[] {
  return code === "version_mismatch" && !versionInBody ? [412] : statusesOf(code);
}

/** Neither text/csv nor application/x-ndjson, or nothing at all. */
export function notAFile(): ProblemError {
  return new ProblemError(
    "unsupported_media_type",
    "Send the file as it is, with Content-Type: text/csv or application/x-ndjson.",
  );
}

/** Before validation: what a schema cannot say about conditions, bodies and keys of this route. */
function bodyChecks(declared: DeclaredRoute, takesFile: boolean): preValidationHookHandler[] {
  if (declared.idempotency === "none") return [];
  const { takesBody, emptyBody, idempotency, isWrite } = declared;
  const takesVersion = declared.codes.includes("version_mismatch");
  return [
    (request, _reply, done) => {
      if (isWrite) refuseUnheeded(request, takesVersion);
      if (idempotency === "refused") refuseIdempotencyKey(request);
      if (request.body === undefined) {
        if (emptyBody) request.body = {};
        else if (takesFile) throw notAFile();
        else if (takesBody) {
          throw new ProblemError("malformed_json", "The body is empty; a JSON object is needed.");
        }
      } else if (!takesBody) {
        throw invalidField("", "this route takes no body");
      }
      done();
    },
  ];
}
