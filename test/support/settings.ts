// Settings of the HTTP side for tests: everything is let in that a test does not shut out itself.

import type { HttpSettings } from "../../src/http/deps.ts";

export const openSettings: HttpSettings = {
  publicReads: true,
  tokens: null,
  corsOrigins: [],
  rateLimitAnonymous: 0,
  rateLimitCaller: 0,
  trustProxy: false,
  metricsToken: null,
  sessionTtlSeconds: 3_600,
  webhooksAllowPrivate: true,
  instanceId: "test",
};
