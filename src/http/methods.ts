// 405 with `Allow`, where an address exists but not for this method. The framework answers 404 there,
// so the methods that an address does not have are registered once all routes are known. Said before the
// body is read: what is in it does not matter then.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "./problem.ts";

export function answerUnknownMethods(app: FastifyInstance): void {
  for (const [url, allowed] of methodsByUrl(app)) {
    const allow = [...allowed].sort().join(", ");
    const unknown = app.supportedMethods.filter((method) => !allowed.has(method));
    const refused = ({ method }: FastifyRequest): ProblemError =>
      new ProblemError("method_not_allowed", `${method} is not known here.`, {
        headers: { allow },
      });
    app.route({
      method: unknown,
      url,
      schema: { hide: true },
      onRequest: (request, _reply, done) => done(refused(request)),
      handler: refused,
    });
  }
}

function methodsByUrl(app: FastifyInstance): Map<string, Set<string>> {
  const byUrl = new Map<string, Set<string>>();
  for (const { method, url } of app.routeTable) {
    const methods = byUrl.get(url) ?? new Set();
    methods.add(method);
    if (app.hasRoute({ method: "HEAD", url })) methods.add("HEAD");
    byUrl.set(url, methods);
  }
  return byUrl;
}
