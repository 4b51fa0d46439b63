// Signatures of webhook deliveries, as the Standard Webhooks specification has them
// (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, in base64, one for each secret that is in
// force, so that a receiver that knows either secret takes what is sent while one replaces the other.

import { createHmac, randomBytes } from "node:crypto";

const prefix = "whsec_";

export function newWebhookSecret(): string {
  return `${prefix}${randomBytes(32).toString("base64")}`;
}

export interface Signed {
  readonly id: string;
  readonly atMs: number;
  readonly body: string;
}

export function signatureHeaders(
  { id, atMs, body }: Signed,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), "base64");
    const sum = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    return `v1,${sum}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
