// The environment as one frozen, checked value. Everything wrong is said at once, by name and reason,
// before anything starts. Misspelt ONHAND_ names are refused, because a setting that silently does
// nothing is the worst kind.

import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { type ClientConfig, clientNames, loadClientConfig } from "./config-client.ts";
import { type DatabaseConfig, databaseOf } from "./config-database.ts";
import { type TracingConfig, tracingOf } from "./config-tracing.ts";
import {
  type Environment,
  type EnvironmentReader,
  type Fault,
  openEnvironment,
} from "./lib/environment.ts";
import { secretPattern } from "./lib/ids.ts";
import type { LogLevel } from "./lib/logger.ts";
import { ttlSecondsMax } from "./limits.ts";

export interface TokenConfig {
  readonly secret: string | null;
  readonly jwksUrl: string | null;
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly algorithms: readonly string[];
}

/** Where the log is published. */
export interface RedisConfig {
  readonly url: string;
  readonly prefix: string;
  readonly retentionHours: number;
  readonly syncIntervalSeconds: number;
}

export interface Config {
  readonly database: DatabaseConfig;
  /** null: events are published nowhere. */
  readonly redis: RedisConfig | null;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly demo: boolean;
  readonly publicReads: boolean;
  /** null: tokens are not accepted. */
  readonly tokens: TokenConfig | null;
  readonly corsOrigins: readonly string[];
  /** Requests per minute; 0: no limit. */
  readonly rateLimitAnonymous: number;
  readonly rateLimitCaller: number;
  /** Whose X-Forwarded-* to believe: nobody, so many proxies, or these addresses. */
  readonly trustProxy: false | number | readonly string[];
  readonly metricsToken: string | null;
  readonly adminKey: string | null;
  readonly sessionTtlSeconds: number;
  readonly cacheTtlSeconds: number;
  readonly reservationMaxLifeSeconds: number;
  readonly reservationMaxPerCustomer: number;
  readonly reservationMaxUnitsPerCustomer: number;
  readonly expiryIntervalSeconds: number;
  /** For development: webhooks may go to this machine and its network, and without TLS. */
  readonly webhooksAllowPrivate: boolean;
  readonly instanceId: string;
  /** null: nothing is traced. */
  readonly tracing: TracingConfig | null;
}

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    const lines = faults.map(({ name, reason }) => `  ${name}: ${reason}`);
    super(`The configuration is not usable:\n${lines.join("\n")}`);
    this.faults = faults;
  }
}

const ownNames = ["ONHAND_DATA_DIR", "ONHAND_DEMO", "ONHAND_PUBLIC_READS", "ONHAND_ADMIN_KEY"];
const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
const secretAlgorithms = ["HS256", "HS384", "HS512"];
const publicAlgorithms = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"];

/** The configuration of this process. The only reader of its environment. */
export function configFromEnvironment(): Config {
  return loadConfig(process.env);
}

/** What commands that talk to a running service are told by it. */
export function clientConfigFromEnvironment(): ClientConfig {
  return loadClientConfig(process.env);
}

export function loadConfig(env: Environment): Config {
  const read = openEnvironment(env);
  const dataDir = resolve(read.text("ONHAND_DATA_DIR", "./data"));
  const database = databaseOf(read, dataDir);
  const config: Config = {
    database,
    redis: redisOf(read),
    dataDir,
    host: read.text("HOST", "127.0.0.1"),
    port: read.integer("PORT", 8080, 0, 65_535),
    logLevel: read.oneOf("LOG_LEVEL", logLevels, "info"),
    // A database server is seldom there for trying out.
    demo: read.onOff("ONHAND_DEMO", database.kind === "sqlite"),
    publicReads: read.onOff("ONHAND_PUBLIC_READS", true),
    tokens: tokensOf(read),
    corsOrigins: originsOf(read),
    rateLimitAnonymous: read.integer("RATE_LIMIT_ANONYMOUS", 600, 0, 1e9),
    rateLimitCaller: read.integer("RATE_LIMIT_CALLER", 0, 0, 1e9),
    trustProxy: proxiesOf(read),
    metricsToken: read.secret("METRICS_TOKEN", 16),
    adminKey: adminKeyOf(read),
    sessionTtlSeconds: read.integer("SESSION_TTL_SECONDS", 43_200, 60, 2_592_000),
    cacheTtlSeconds: read.integer("CACHE_TTL_SECONDS", 30, 1, 3_600),
    reservationMaxLifeSeconds: read.integer(
      "RESERVATION_MAX_LIFE_SECONDS",
      ttlSecondsMax,
      60,
      31_536_000,
    ),
    reservationMaxPerCustomer: read.integer("RESERVATION_MAX_PER_CUSTOMER", 20, 0, 1e9),
    reservationMaxUnitsPerCustomer: read.integer("RESERVATION_MAX_UNITS_PER_CUSTOMER", 100, 0, 1e9),
    expiryIntervalSeconds: read.integer("EXPIRY_INTERVAL_SECONDS", 30, 1, 3_600),
    webhooksAllowPrivate: read.onOff("WEBHOOKS_ALLOW_PRIVATE", false),
    instanceId: instanceOf(read),
    tracing: tracingOf(read),
  };
  for (const name of Object.keys(env)) {
    const isKnown = ownNames.includes(name) || clientNames.includes(name);
    if (name.startsWith("ONHAND_") && !isKnown) {
      read.fault(name, `there is no such setting; known are ${ownNames.join(", ")}`);
    }
  }
  if (read.faults.length > 0) throw new ConfigError(read.faults);
  return deepFreeze(config);
}

function redisOf(read: EnvironmentReader): RedisConfig | null {
  const url = read.get("REDIS_URL");
  if (url === null) {
    for (const name of ["REDIS_PREFIX", "REDIS_STREAM_RETENTION_HOURS", "SYNC_INTERVAL_SECONDS"]) {
      read.refuse(name, "has no effect without REDIS_URL");
    }
    return null;
  }
  const parsed = URL.parse(url);
  const isRedis = parsed !== null && ["redis:", "rediss:"].includes(parsed.protocol);
  if (!isRedis || !/^\/?\d*$/.test(parsed.pathname)) {
    read.fault(
      "REDIS_URL",
      "must be redis:// or rediss://, and may end in the number of a database: redis://127.0.0.1:6379/0",
    );
  }
  const words = "up to 64 of A-Z a-z 0-9 . _ : - { }";
  return {
    url,
    prefix: read.matching("REDIS_PREFIX", "", /^[A-Za-z0-9._:{}-]{0,64}$/, words),
    retentionHours: read.integer("REDIS_STREAM_RETENTION_HOURS", 168, 1, 1e6),
    syncIntervalSeconds: read.integer("SYNC_INTERVAL_SECONDS", 300, 1, 86_400),
  };
}

function tokensOf(read: EnvironmentReader): TokenConfig | null {
  const secret = read.secret("JWT_SECRET", 32);
  const jwksUrl = read.get("JWT_JWKS_URL");
  const known = jwksUrl === null ? secretAlgorithms : publicAlgorithms;
  const algorithms = read.list("JWT_ALGORITHMS");
  const wrong = algorithms.filter((one) => !known.includes(one));
  if (wrong.length > 0) {
    read.fault("JWT_ALGORITHMS", `${wrong.join(", ")}: only ${known.join(", ")} fit this key`);
  }
  if (jwksUrl !== null) checkJwksUrl(read, jwksUrl);
  if (secret !== null && jwksUrl !== null) {
    read.fault("JWT_SECRET", "set either JWT_SECRET or JWT_JWKS_URL: two keys make two ways in");
  }
  if (secret === null && jwksUrl === null) {
    for (const name of ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_ALGORITHMS"]) {
      read.refuse(name, "has no effect without JWT_SECRET or JWT_JWKS_URL");
    }
    return null;
  }
  const usual = jwksUrl === null ? ["HS256"] : ["RS256", "ES256", "EdDSA"];
  return {
    secret,
    jwksUrl,
    issuer: read.get("JWT_ISSUER"),
    audience: read.get("JWT_AUDIENCE"),
    algorithms: algorithms.length === 0 ? usual : algorithms,
  };
}

function checkJwksUrl(read: EnvironmentReader, text: string): void {
  const url = URL.parse(text);
  const local = url !== null && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && local)) return;
  read.fault("JWT_JWKS_URL", "must be an https:// address (http:// only to this machine)");
}

function originsOf(read: EnvironmentReader): readonly string[] {
  const origins = read.list("CORS_ORIGINS");
  for (const origin of origins) {
    const url = URL.parse(origin);
    if (url === null || url.origin !== origin) {
      read.fault("CORS_ORIGINS", `"${origin}" is no origin; write it as https://shop.example`);
    }
  }
  return origins;
}

function proxiesOf(read: EnvironmentReader): Config["trustProxy"] {
  const entries = read.list("TRUST_PROXY");
  const first = entries[0];
  if (first === undefined || first === "none") return false;
  if (entries.length === 1 && /^[1-9]$/.test(first)) return Number(first);
  for (const entry of entries) {
    if (/^[\da-f.:]+(\/\d{1,3})?$/i.test(entry) && /[.:]/.test(entry)) continue;
    if (["loopback", "linklocal", "uniquelocal"].includes(entry)) continue;
    read.fault(
      "TRUST_PROXY",
      `"${entry}" is neither a number of proxies nor an address or network`,
    );
  }
  return entries;
}

function adminKeyOf(read: EnvironmentReader): string | null {
  const key = read.get("ONHAND_ADMIN_KEY");
  if (key !== null && !secretPattern.test(key)) {
    read.fault(
      "ONHAND_ADMIN_KEY",
      "must be ohk_ and 32 to 128 of A-Z a-z 0-9 _ -; try: echo ohk_$(openssl rand -hex 32)",
    );
  }
  return key;
}

function instanceOf(read: EnvironmentReader): string {
  const host = hostname().replace(/[^A-Za-z0-9._-]/g, "-");
  const otherwise = `${host.slice(0, 40)}-${randomBytes(3).toString("hex")}`;
  const words = "1 to 64 of A-Z a-z 0-9 . _ : -";
  return read.matching("INSTANCE_ID", otherwise, /^[A-Za-z0-9._:-]{1,64}$/, words);
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
}
