// 405 with `Allow`, where an address exists but not for this method. The framework answers 404 there,
// so the methods that an address does not have are registered once all routes are known.

import type { FastifyInstance } from "fastify";
import { ProblemError } from "./problem.ts";

export function answerUnknownMethods(app: FastifyInstance): void {
  for (const [url, allowed] of methodsByUrl(app)) {
    const allow = [...allowed].sort().join(", ");
    const unknown = app.supportedMethods.filter((method) => !allowed.has(method));
    app.route({
      method: unknown,
      url,
      schema: { hide: true },
      handler: (request) => {
        throw new ProblemError("method_not_allowed", `${request.method} is not known here.`, {
          headers: { allow },
        });
      },
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
