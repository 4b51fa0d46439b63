// Where traces go, and which requests are traced: the variables that OpenTelemetry gives every program, so that one
// environment serves all of a cluster. Without an endpoint none of them counts. A part of config.ts.

import type { EnvironmentReader } from "./lib/environment.ts";

export const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

export interface TracingConfig {
  /** Where spans are posted: the endpoint, and `/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly sampler: (typeof samplers)[number];
  /** Of traces that begin here, by the samplers that take a ratio. */
  readonly ratio: number;
}

/** null: nothing is traced. */
export function tracingOf(read: EnvironmentReader): TracingConfig | null {
  const endpoint = read.get("OTEL_EXPORTER_OTLP_ENDPOINT");
  if (endpoint === null) return null;
  // Receivers of the protobuf form take this one at the same address; those of gRPC have another port.
  read.oneOf("OTEL_EXPORTER_OTLP_PROTOCOL", ["http/json"], "http/json");
  const attributes = pairsOf(
    read,
    "OTEL_RESOURCE_ATTRIBUTES",
    read.get("OTEL_RESOURCE_ATTRIBUTES"),
  );
  return {
    url: urlOf(read, endpoint),
    headers: pairsOf(read, "OTEL_EXPORTER_OTLP_HEADERS", read.get("OTEL_EXPORTER_OTLP_HEADERS")),
    serviceName: read.text("OTEL_SERVICE_NAME", attributes["service.name"] ?? "onhand"),
    attributes,
    sampler: read.oneOf("OTEL_TRACES_SAMPLER", samplers, "parentbased_always_on"),
    ratio: ratioOf(read, read.get("OTEL_TRACES_SAMPLER_ARG")),
  };
}

function urlOf(read: EnvironmentReader, endpoint: string): string {
  const url = URL.parse(endpoint);
  const isPlain = url !== null && url.search === "" && url.hash === "" && url.username === "";
  if (!isPlain || !["http:", "https:"].includes(url.protocol)) {
    read.fault(
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "must be http:// or https://, such as http://127.0.0.1:4318; /v1/traces is added",
    );
  }
  return `${endpoint.replace(/\/+$/, "")}/v1/traces`;
}

/** `name=value` by commas, values percent-encoded. They may be secrets, so a message says none of it again. */
function pairsOf(
  read: EnvironmentReader,
  name: string,
  text: string | null,
): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = {};
  for (const part of (text ?? "").split(",").filter((one) => one.trim() !== "")) {
    const [, key, value] = /^\s*([^\s=;]+)\s*=([^;]*)$/.exec(part) ?? [];
    const decoded = value === undefined ? null : decodedOf(value.trim());
    if (key === undefined || decoded === null) {
      read.fault(name, "must be name=value, by commas, with values percent-encoded");
      continue;
    }
    pairs[key] = decoded;
  }
  return pairs;
}

function decodedOf(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    // A lone % is no encoding: the caller says so by the variable's name.
    return null;
  }
}

function ratioOf(read: EnvironmentReader, text: string | null): number {
  if (text === null) return 1;
  const ratio = /^(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (ratio >= 0 && ratio <= 1) return ratio;
  read.fault("OTEL_TRACES_SAMPLER_ARG", `must be a number from 0 to 1, not "${text}"`);
  return 1;
}
