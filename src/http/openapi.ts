// openapi.json: made from the same declarations that the routes run on, so it cannot say anything else
// than the service does. Named shapes become components, and each route's problem codes become its
// documented answers, with the table of problem.ts as the one source of their statuses.

import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { STATUS_CODES } from "../lib/http.ts";
import { type ProblemCode, problemKinds } from "./problem.ts";
import { isOpen } from "./roles.ts";
import { type DeclaredRoute, statusesAt, tags } from "./route.ts";
import { ProblemAnswer } from "./schemas.ts";

type Json = Record<string, unknown>;

const description = `Stock and reservations of a retail chain: what each store has left, and holds that never oversell.

Every error is a problem document (RFC 9457) with a stable \`code\`. Writes take an \`Idempotency-Key\`; stock
writes take \`If-Match\`. Lists are paged by \`limit\` and \`cursor\`.`;

const tagTexts: Readonly<Record<(typeof tags)[number], string>> = {
  products: "The catalogue.",
  availability: "What can be sold, per store and in all.",
  stock: "What each store has on hand: receive, adjust, count, transfer.",
  reservations: "Units held for a customer until a time.",
  stores: "Places with stock.",
  events: "Every change, once and in order.",
  imports: "Products, stock and stores from files.",
  exports: "Everything of one kind as a file.",
  keys: "API keys.",
  webhooks: "Events, sent to a URL.",
  session: "Signing in to the console.",
  system: "Health, metrics and documents.",
};

export async function registerOpenapi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Onhand",
        version,
        description,
        license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
      },
      servers: [{ url: "/" }],
      tags: tags.map((name) => ({ name, description: tagTexts[name] })),
      components: {
        securitySchemes: {
          apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
          bearer: { type: "http", scheme: "bearer", description: "A JWT or an API key." },
          session: { type: "apiKey", in: "cookie", name: "onhand_session" },
        },
      },
    },
    hideUntagged: false,
    transform: ({ schema, url, route }) => {
      const declared = route.config?.declared;
      return { schema: declared === undefined ? schema : documented({ ...schema }, declared), url };
    },
    transformObject: (made) =>
      finished("openapiObject" in made ? made.openapiObject : {}, app.routeTable),
  });
}

function documented(schema: Json, declared: DeclaredRoute): Json {
  return {
    ...schema,
    operationId: declared.id,
    tags: [declared.tag],
    summary: declared.summary,
    ...(declared.description === undefined ? {} : { description: declared.description }),
    security: securityOf(declared),
    ...(headersOf(declared) === null ? {} : { headers: headersOf(declared) }),
    response: {
      ...(isObject(schema["response"]) ? schema["response"] : {}),
      ...(declared.hasEtag ? { 304: notModified } : {}),
      ...problemsOf(declared),
    },
    "x-onhand-scope": declared.scope,
  };
}

const notModified = { type: "null", description: "The caller has it already (If-None-Match)." };

function securityOf({ scope }: DeclaredRoute): readonly Record<string, string[]>[] {
  if (isOpen(scope)) return scope === "metrics" ? [{ bearer: [] }, {}] : [{}];
  const known = [{ apiKey: [] }, { bearer: [] }, { session: [] }];
  return scope === "public:read" ? [...known, {}] : known;
}

function headersOf({ idempotency, codes, hasEtag }: DeclaredRoute): Json | null {
  const properties: Json = {};
  if (idempotency === "kept") {
    properties["Idempotency-Key"] = {
      type: "string",
      maxLength: 255,
      description: "The same key with the same request gives the first answer again.",
    };
  }
  if (codes.includes("version_mismatch")) {
    properties["If-Match"] = {
      type: "string",
      description: 'The version that you saw, such as "v7" (with the quotes); * is any.',
    };
  }
  if (hasEtag) {
    properties["If-None-Match"] = { type: "string", description: "An ETag that you have." };
  }
  return Object.keys(properties).length === 0 ? null : { type: "object", properties };
}

/** One answer per status, listing the codes that share it. */
function problemsOf(declared: DeclaredRoute): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of declared.codes) {
    for (const status of statusesAt(declared, code)) {
      byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
    }
  }
  const answers = [...byStatus].sort(([left], [right]) => left - right);
  return Object.fromEntries(answers.map(([status, shared]) => [status, problemAnswer(shared)]));
}

function problemAnswer(codes: readonly ProblemCode[]): Json {
  const only = { type: "object", properties: { code: { type: "string", enum: codes } } };
  return {
    description: codes.map((code) => `\`${code}\`: ${problemKinds[code].title}`).join(" · "),
    content: { "application/problem+json": { schema: { allOf: [ProblemAnswer, only] } } },
  };
}

interface Made {
  readonly paths?: unknown;
  readonly components?: { readonly schemas?: Json; readonly responses?: Json };
}

/** The last touch: what the package cannot say of a route, and shared parts in one place each. */
function finished(document: Made, table: readonly DeclaredRoute[]): Json {
  const schemas: Json = {};
  const responses: Json = {};
  const paths = lifted(document.paths ?? {}, schemas);
  const byId = new Map(table.map((declared) => [declared.id, declared]));
  for (const operation of operationsIn(paths)) {
    const declared = byId.get(String(operation["operationId"]));
    if (declared !== undefined) finishOperation(operation, declared, responses);
  }
  const components = {
    ...document.components,
    schemas: sorted({ ...document.components?.schemas, ...schemas }),
    responses: sorted(responses),
  };
  return { ...document, paths, components };
}

function operationsIn(paths: unknown): Json[] {
  const methods = isObject(paths) ? Object.values(paths).filter(isObject) : [];
  return methods.flatMap((path) => Object.values(path).filter(isObject));
}

function finishOperation(operation: Json, declared: DeclaredRoute, shared: Json): void {
  const { requestBody, responses } = operation;
  if (declared.emptyBody && isObject(requestBody)) requestBody["required"] = false;
  if (!isObject(responses)) return;
  for (const [status, answer] of Object.entries(responses)) {
    if (!isObject(answer)) continue;
    if (answer["description"] === "Default Response") {
      answer["description"] = STATUS_CODES[status] ?? status;
    }
    if (status === "200" && declared.produces !== null && isObject(answer["content"])) {
      const [content] = Object.values(answer["content"]);
      answer["content"] = { [declared.produces]: content };
    }
    const name = sharedName(
      declared.codes.filter((code) => statusesAt(declared, code).includes(Number(status))),
    );
    if (name === null) continue;
    shared[name] = answer;
    responses[status] = { $ref: `#/components/responses/${name}` };
  }
}

/** Answers of few codes are the same in many routes; those of many codes are a route's own. */
function sharedName(codes: readonly ProblemCode[]): string | null {
  return codes.length === 0 || codes.length > 3 ? null : [...codes].sort().join("-or-");
}

/** Moves every schema with a title to `named` and leaves a reference in its place. */
function lifted(value: unknown, named: Json): unknown {
  if (Array.isArray(value)) return value.map((part) => lifted(part, named));
  if (!isObject(value)) return value;
  const copy: Json = {};
  for (const [name, part] of Object.entries(value)) copy[name] = lifted(part, named);
  const { title } = copy;
  if (typeof title !== "string" || !("type" in copy)) return copy;
  named[title] = copy;
  return { $ref: `#/components/schemas/${title}` };
}

function sorted(named: Json): Json {
  return Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
