// The console's page and its files, as Vite has built them. What is not built is not served, and the service works
// without it. The page's Content-Security-Policy lets nothing run, and nothing style it, but its own files and what
// carries the number of this one answer; nothing is fetched from another host. The page says in its address behind
// `#` where one is, so there is one page to serve.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** What stands for the number of an answer in the page that Vite has built (html.cspNonce in its configuration). */
const placeholder = "__NONCE__";

const policyOf = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

/** `folder`: where the built console is. */
export async function registerConsole(app: FastifyInstance, folder: string): Promise<void> {
  const index = join(folder, "index.html");
  if (!existsSync(index)) return;
  const [first = "", ...rest] = readFileSync(index, "utf8").split(placeholder);

  app.get("/", { schema: { hide: true } }, (_request, reply) => {
    const nonce = randomBytes(16).toString("base64");
    reply.header("content-security-policy", policyOf(nonce));
    reply.header("content-type", "text/html; charset=utf-8");
    return reply.send([first, ...rest].join(nonce));
  });

  // Their names change with what is in them.
  await app.register(fastifyStatic, {
    root: join(folder, "assets"),
    prefix: "/assets/",
    preCompressed: true,
    index: false,
    decorateReply: false,
    schemaHide: true,
    maxAge: "365d",
    immutable: true,
  });
}
