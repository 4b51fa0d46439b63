// openapi.json and the page that shows it. The page is Scalar's, served from its npm package: nothing
// is fetched from anywhere else, and the page's Content-Security-Policy holds it to that. The script is
// several megabytes, so it is read when somebody first looks at the page, not when the service starts.

import fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { route } from "./route.ts";
import { Type } from "./type.ts";

const shared = { method: "GET", scope: "system", tag: "system", anyQuery: true } as const;

export function registerDocs(app: FastifyInstance): void {
  let document: string | null = null;
  route(app, {
    ...shared,
    url: "/openapi.json",
    id: "getOpenapi",
    summary: "This API as OpenAPI 3.1",
    schema: {
      response: { 200: Type.Unsafe<string>({ type: "object", additionalProperties: true }) },
    },
    handler(_request, reply) {
      document ??= JSON.stringify(app.swagger());
      return reply.header("content-type", "application/json; charset=utf-8").send(document);
    },
  });

  route(app, {
    ...shared,
    url: "/docs",
    id: "getDocs",
    summary: "This API as a page",
    produces: "text/html",
    schema: { response: { 200: Type.String() } },
    handler: (_request, reply) =>
      asPage(reply).header("content-type", "text/html; charset=utf-8").send(page),
  });

  let script: Promise<string> | null = null;
  route(app, {
    ...shared,
    url: "/docs/scalar.js",
    id: "getDocsScript",
    summary: "The script of the page",
    produces: "text/javascript",
    schema: { response: { 200: Type.String() } },
    async handler(_request, reply) {
      script ??= scalarScript();
      reply.header("cache-control", "public, max-age=86400");
      reply.header("content-type", "text/javascript; charset=utf-8");
      return reply.send(await script);
    },
  });
}

/** The package hands its script out only as a route of its own. */
async function scalarScript(): Promise<string> {
  const { default: scalar } = await import("@scalar/fastify-api-reference");
  const inner = fastify();
  await inner.register(scalar, { routePrefix: "/docs", configuration: { url: "/openapi.json" } });
  const { body } = await inner.inject("/docs/js/scalar.js");
  await inner.close();
  return body;
}

/** Whatever would reach another host is switched off; the policy below would stop it anyway. */
const configuration = {
  url: "/openapi.json",
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: "",
  hideClientButton: true,
  showDeveloperTools: "never",
  agent: { disabled: true },
  mcp: { disabled: true },
};

const attribute = JSON.stringify(configuration).replaceAll("&", "&amp;").replaceAll('"', "&quot;");

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="icon" href="data:," />
    <title>Onhand API</title>
  </head>
  <body>
    <script id="api-reference" data-url="/openapi.json" data-configuration="${attribute}"></script>
    <script src="/docs/scalar.js"></script>
  </body>
</html>
`;

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function asPage(reply: FastifyReply): FastifyReply {
  return reply.header("content-security-policy", policy);
}
