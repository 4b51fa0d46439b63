// One request of a measurement to the service that it started, beside the load: what is not done ends the measurement.

import type { Server } from "./server.ts";

export type Body = Readonly<Record<string, unknown>>;

export async function call(
  server: Pick<Server, "port" | "key">,
  method: string,
  path: string,
  body?: Body,
): Promise<Body> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1${path}`, {
    method,
    headers: { "X-API-Key": server.key, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}
