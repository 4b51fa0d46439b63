// What can be seen of a running service from outside: whether it answers, what it says of itself, how far its clock
// is from ours, and whether it takes the key.

import type { Client, Health } from "../../../sdk/src/client.ts";
import { version } from "../../lib/version.ts";
import { connect } from "../remote/connect.ts";
import { type Finding, type Tell, wordsOf } from "./local.ts";

const skewMsMax = 5_000;
const lagMax = 1_000;

interface Values {
  readonly url?: string | undefined;
  readonly "key-file"?: string | undefined;
}

export async function serviceFindings(values: Values, tell: Tell): Promise<void> {
  const { url, credential, client } = await connect(values);
  const quick = { retries: 0, timeoutMs: 10_000 };
  const askedAt = Date.now();
  let health: Health;
  try {
    health = await client.health.get(quick);
  } catch (error) {
    const advice = "Start it (npm start), or say where it is with --url or ONHAND_URL";
    return tell({
      check: "service",
      level: "error",
      found: `${url}: ${wordsOf(error)}`,
      advice,
    });
  }
  const ms = Date.now() - askedAt;
  tell({ check: "service", ...levelOf(health), found: `${url}: ${health.status}, in ${ms} ms` });
  tell(versionFinding(health));
  tell(skewFinding(Date.parse(health.timestamp) - (askedAt + ms / 2), ms));
  const lag = lagFinding(health);
  if (lag !== null) tell(lag);
  if (credential !== null) {
    const plain = unencrypted(url);
    if (plain !== null) tell(plain);
    await key(client, tell);
  }
}

function levelOf({ status, database, redis }: Health): Pick<Finding, "level" | "advice"> {
  if (status === "healthy") return { level: "ok", advice: null };
  if (database === "disconnected") {
    return { level: "error", advice: "It has lost its database: look there first" };
  }
  const advice =
    redis === "disconnected"
      ? "Redis is away: events wait in the log, and are published when it is back"
      : "Look at the service's log";
  return { level: status === "degraded" ? "warning" : "error", advice };
}

function versionFinding(health: Health): Finding {
  const found = `the service is ${health.version}, this command line ${version}`;
  if (health.version === version)
    return { check: "version", level: "ok", found: version, advice: null };
  const advice = "Use the command line of the service's own version";
  return { check: "version", level: "warning", found, advice };
}

/** What the journey itself took is no skew. */
export function skewFinding(skewMs: number, journeyMs: number): Finding {
  const check = "clock skew";
  const seconds = (skewMs / 1000).toFixed(1);
  const found = `the service's clock is ${seconds} s from this one`;
  if (Math.abs(skewMs) <= skewMsMax + journeyMs) return { check, level: "ok", found, advice: null };
  const advice = "Set the clock that is wrong: timedatectl set-ntp true";
  return { check, level: "warning", found, advice };
}

export function lagFinding({ redis, event_lag: lag }: Health): Finding | null {
  const check = "publishing";
  if (redis === "disabled") return null;
  if (lag === null) {
    const advice = "Redis was not reached since the start: see REDIS_URL of the service";
    return { check, level: "warning", found: "it is not known how far it is", advice };
  }
  const found = `${lag} events are not in Redis yet`;
  if (lag <= lagMax) return { check, level: "ok", found, advice: null };
  const advice =
    "If it does not fall, the service's log says why; if it only grows, Redis is too slow";
  return { check, level: "warning", found, advice };
}

function unencrypted(url: string): Finding | null {
  const { protocol, hostname } = new URL(url);
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if (protocol === "https:" || isHere) return null;
  const found = `the key travels to ${hostname} as it is`;
  const advice = "Put TLS before the service (deploy/nginx/onhand.conf) and use https://";
  return { check: "encryption", level: "warning", found, advice };
}

async function key(client: Client, tell: Tell): Promise<void> {
  const check = "key";
  try {
    const { actor, role, stores } = await client.session.get();
    const where = stores === "*" ? "all stores" : [stores].flat().join(", ");
    tell({ check, level: "ok", found: `${actor}, ${role}, ${where}`, advice: null });
  } catch (error) {
    const advice =
      "Is it whole, and not revoked? Without it: npm run onhand -- keys create, beside the database";
    tell({ check, level: "error", found: wordsOf(error), advice });
  }
}
