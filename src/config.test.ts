// The configuration: defaults that need nothing set, and refusals that name what is wrong.

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { ConfigError, loadConfig } from "./config.ts";
import type { Environment } from "./lib/environment.ts";

function faultsOf(env: Environment): Record<string, string> {
  try {
    loadConfig(env);
    return {};
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return Object.fromEntries(error.faults.map(({ name, reason }) => [name, reason]));
  }
}

const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };

describe("configuration", () => {
  test("an empty environment is enough", () => {
    const config = loadConfig({});
    assert.deepEqual(config.database, {
      kind: "sqlite",
      name: resolve("data/inventory.db"),
      path: resolve("data/inventory.db"),
    });
    assert.equal(config.host, "127.0.0.1");
    assert.equal(config.port, 8080);
    assert.equal(config.demo, true);
    assert.equal(config.publicReads, true);
    assert.equal(config.tokens, null);
    assert.equal(config.trustProxy, false);
    assert.equal(config.rateLimitAnonymous, 600);
    assert.equal(config.rateLimitCaller, 0);
    assert.equal(config.reservationMaxLifeSeconds, 86_400);
  });

  test("an empty variable counts as unset", () => {
    assert.equal(loadConfig({ PORT: "", REDIS_URL: " ", ONHAND_DEMO: "" }).port, 8080);
  });

  test("the value is frozen, also inside", () => {
    const config = loadConfig({ CORS_ORIGINS: "https://shop.example" });
    assert.ok(Object.isFrozen(config) && Object.isFrozen(config.corsOrigins));
  });

  test("the database lives in the data folder unless it is named", () => {
    const folder = loadConfig({ ONHAND_DATA_DIR: "/var/lib/onhand" });
    assert.equal(folder.database.name, resolve("/var/lib/onhand/inventory.db"));
    assert.equal(loadConfig({ DATABASE_URL: "sqlite:/tmp/a.db" }).database.name, "/tmp/a.db");
    assert.equal(loadConfig({ DATABASE_URL: "sqlite:///tmp/a.db" }).database.name, "/tmp/a.db");
  });

  test("a PostgreSQL is named without its password, and has no demo unless it is asked for", () => {
    const url = "postgresql://shop:p%2Fw@a:5432,b:5433/onhand?sslmode=require";
    const config = loadConfig({ DATABASE_URL: url });
    assert.deepEqual(config.database, {
      kind: "postgres",
      name: "postgres://a:5432,b:5433/onhand",
      url,
      poolMin: 2,
      poolMax: 10,
      pooler: false,
      directUrl: null,
    });
    assert.equal(config.demo, false);
    assert.equal(loadConfig({ DATABASE_URL: url, ONHAND_DEMO: "on" }).demo, true);
  });

  test("a pooler by transaction is named, and the way past it", () => {
    const { database } = loadConfig({
      DATABASE_URL: "postgres://pooler/onhand",
      DATABASE_DIRECT_URL: "postgres://db/onhand",
      DATABASE_POOLER: "transaction",
    });
    assert.ok(database.kind === "postgres" && database.pooler);
    assert.equal(database.directUrl, "postgres://db/onhand");
  });

  test("all wrong values are named at once", () => {
    const faults = faultsOf({
      PORT: "99999",
      LOG_LEVEL: "loud",
      JWT_SECRET: "short",
      CORS_ORIGINS: "*",
      ONHAND_ADMIN_KEY: "hunter2",
      RATE_LIMIT_CALLER: "-1",
    });
    assert.deepEqual(Object.keys(faults).sort(), [
      "CORS_ORIGINS",
      "JWT_SECRET",
      "LOG_LEVEL",
      "ONHAND_ADMIN_KEY",
      "PORT",
      "RATE_LIMIT_CALLER",
    ]);
  });

  test("a secret is not repeated in the message that refuses it", () => {
    const faults = faultsOf({ JWT_SECRET: "s3cret-too-short", ONHAND_ADMIN_KEY: "p4ssword" });
    assert.doesNotMatch(JSON.stringify(faults), /s3cret-too-short|p4ssword/);
  });

  const refusals: readonly (readonly [
    title: string,
    env: Environment,
    name: string,
    reason: RegExp,
  ])[] = [
    ["a misspelt own name", { ONHAND_DEM0: "off" }, "ONHAND_DEM0", /no such setting/],
    ...["postgres://db", "postgres:db/x", "postgres://a,,b/x", "postgres://u:a/b@db/x"].map(
      (url) =>
        [
          `the PostgreSQL address ${url}`,
          { DATABASE_URL: url },
          "DATABASE_URL",
          /several/,
        ] as const,
    ),
    ...["sslmod=verify-full", "sslmode=require&options=-c%20synchronous_commit%3Doff"].map(
      (options) =>
        [
          `the PostgreSQL address with ${options}`,
          { DATABASE_URL: `postgres://db/x?${options}` },
          "DATABASE_URL",
          /must not have "(?:sslmod|options)"; known are sslmode, /,
        ] as const,
    ),
    [
      "a pool smaller than its least",
      { DATABASE_URL: "postgres://db/x", DATABASE_POOL_MAX: "3", DATABASE_POOL_MIN: "4" },
      "DATABASE_POOL_MIN",
      /3/,
    ],
    [
      "a pooler by session",
      { DATABASE_URL: "postgres://db/x", DATABASE_POOLER: "session" },
      "DATABASE_POOLER",
      /transaction/,
    ],
    ["an address that is no Redis", { REDIS_URL: "http://localhost" }, "REDIS_URL", /redis:\/\//],
    [
      "a Redis database by name",
      { REDIS_URL: "redis://db/shop" },
      "REDIS_URL",
      /number of a database/,
    ],
    ["a setting of Redis without Redis", { REDIS_PREFIX: "a:" }, "REDIS_PREFIX", /no effect/],
    [
      "a prefix with blanks",
      { REDIS_URL: "redis://localhost", REDIS_PREFIX: "a b" },
      "REDIS_PREFIX",
      /up to 64/,
    ],
    ["a database in memory", { DATABASE_URL: "sqlite::memory:" }, "DATABASE_URL", /name a file/],
    ["another database", { DATABASE_URL: "mysql://db" }, "DATABASE_URL", /sqlite:<file>/],
    ["a file at a host", { DATABASE_URL: "sqlite://data/a.db" }, "DATABASE_URL", /sqlite:<file>/],
    ["options of a file", { DATABASE_URL: "sqlite:a.db?mode=ro" }, "DATABASE_URL", /options/],
    ["an address of a file", { DATABASE_URL: "sqlite:file:a.db" }, "DATABASE_URL", /"file:"/],
    [
      "a key set fetched in the clear",
      { JWT_JWKS_URL: "http://id.example/k" },
      "JWT_JWKS_URL",
      /https/,
    ],
    [
      "a shared-secret algorithm beside public keys",
      { JWT_JWKS_URL: "https://id.example/k", JWT_ALGORITHMS: "RS256,HS256" },
      "JWT_ALGORITHMS",
      /HS256/,
    ],
    [
      "the algorithm none",
      { JWT_SECRET: "x".repeat(32), JWT_ALGORITHMS: "none" },
      "JWT_ALGORITHMS",
      /none/,
    ],
    [
      "two kinds of token keys",
      { JWT_SECRET: "x".repeat(32), JWT_JWKS_URL: "https://id.example/k" },
      "JWT_SECRET",
      /either/,
    ],
    ["an issuer without tokens", { JWT_ISSUER: "https://id.example" }, "JWT_ISSUER", /no effect/],
    ["trust in every proxy", { TRUST_PROXY: "*" }, "TRUST_PROXY", /neither/],
    ["a pool of nothing", { DATABASE_POOL_MAX: "3" }, "DATABASE_POOL_MAX", /no effect/],
    [
      "a receiver of traces that is no address",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" },
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      /http/,
    ],
    [
      "another form of traces",
      { ...traced, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      "OTEL_EXPORTER_OTLP_PROTOCOL",
      /http\/json/,
    ],
    [
      "a share of traces that is none",
      { ...traced, OTEL_TRACES_SAMPLER_ARG: "5%" },
      "OTEL_TRACES_SAMPLER_ARG",
      /0 to 1/,
    ],
    [
      "a sampler that nobody knows",
      { ...traced, OTEL_TRACES_SAMPLER: "sometimes" },
      "OTEL_TRACES_SAMPLER",
      /traceidratio/,
    ],
    ["a switch that is neither", { ONHAND_DEMO: "maybe" }, "ONHAND_DEMO", /on or off/],
  ];
  for (const [title, env, name, reason] of refusals) {
    test(`${title} is refused by name`, () => {
      assert.match(faultsOf(env)[name] ?? "", reason);
    });
  }

  test("without a receiver nothing is traced, whatever else of traces is set, by a cluster for all", () => {
    assert.equal(loadConfig({}).tracing, null);
    const others = { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_TRACES_SAMPLER: "sometimes" };
    assert.equal(loadConfig(others).tracing, null);
  });

  test("traces go to /v1/traces of their receiver, all of them if nothing is said", () => {
    const otherwise = {
      url: "http://collector:4318/v1/traces",
      headers: {},
      serviceName: "onhand",
      attributes: {},
      sampler: "parentbased_always_on",
      ratio: 1,
    };
    assert.deepEqual(loadConfig(traced).tracing, otherwise);
    const below = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.example/otlp/" };
    assert.equal(loadConfig(below).tracing?.url, "https://otlp.example/otlp/v1/traces");
  });

  test("headers and attributes are pairs, and a wrong one is not told again: it may be a secret", () => {
    const tracing = loadConfig({
      ...traced,
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20YWJj==, x-tenant = 1",
      OTEL_RESOURCE_ATTRIBUTES: "service.name=stock,deployment.environment.name=test",
    }).tracing;
    assert.deepEqual(tracing?.headers, { authorization: "Basic YWJj==", "x-tenant": "1" });
    assert.equal(tracing?.serviceName, "stock");
    for (const wrong of ["hush-hush", "a=%hush", "=hush"]) {
      const { OTEL_EXPORTER_OTLP_HEADERS: reason = "" } = faultsOf({
        ...traced,
        OTEL_EXPORTER_OTLP_HEADERS: wrong,
      });
      assert.match(reason, /name=value/, wrong);
      assert.doesNotMatch(reason, /hush/);
    }
  });

  test("proxies are a number, or addresses and networks", () => {
    assert.equal(loadConfig({ TRUST_PROXY: "1" }).trustProxy, 1);
    assert.deepEqual(loadConfig({ TRUST_PROXY: "10.0.0.0/8, ::1" }).trustProxy, [
      "10.0.0.0/8",
      "::1",
    ]);
  });

  test("token algorithms follow the kind of key", () => {
    const shared = loadConfig({ JWT_SECRET: "x".repeat(32) });
    assert.deepEqual(shared.tokens?.algorithms, ["HS256"]);
    const keys = loadConfig({ JWT_JWKS_URL: "https://id.example/keys" });
    assert.deepEqual(keys.tokens?.algorithms, ["RS256", "ES256", "EdDSA"]);
  });
});
