// Headers of fuzzed requests: conditions, keys, proxies' words and credentials, right and bent.

import type { Role } from "../../src/store/store.ts";
import { type Chance, damaged, strangeTexts } from "./fuzz-values.ts";
import type { Things } from "./requests.ts";

export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** As a client may write it: bytes, but no line ends. */
const fieldText = (text: string): string =>
  Buffer.from(text.toWellFormed())
    .toString("latin1")
    .replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, "");

interface Field {
  readonly name: string;
  /** How often it is sent. */
  readonly share: number;
  readonly values: readonly string[];
}

const words = (text: string): string[] => text.split(" | ");

const fields: readonly Field[] = [
  {
    name: "if-match",
    share: 0.2,
    // Rows begin at version 4, stores and products have none.
    values: words(`"v4" | "v1" | "v9" | * | "4" | W/"v4" | "v4", "v5" | " | "" | "v-1" | "v1e3"`),
  },
  {
    name: "if-none-match",
    share: 0.1,
    values: words(`"v4" | "v1" | * | W/"v4" | "4","5" | " | ,`),
  },
  {
    name: "accept",
    share: 0.03,
    values: words("*/* | application/json | text/html | text/event-stream | q=0 | ;;; | "),
  },
  { name: "accept-encoding", share: 0.03, values: words("gzip | br;q=2 | identity;q=0 | *;q=0") },
  {
    name: "x-request-id",
    share: 0.03,
    values: ["a", "a".repeat(128), "a".repeat(129), "a b", "../x", "id:1.2-3_4"],
  },
  {
    name: "x-forwarded-for",
    share: 0.03,
    values: words("::1 | fe80::1%eth0 | ::ffff:1.2.3.4 | 1.2.3.4:80 | unknown | , | 999.1.1.1"),
  },
  { name: "last-event-id", share: 0.03, values: words("0 | 1 | -1 | 1:2 | x | 9007199254740993") },
  { name: "origin", share: 0.03, values: words("http://evil.test | null | https://onhand.test") },
  { name: "expect", share: 0.03, values: words("100-continue | nonsense") },
  { name: "host", share: 0.02, values: words("x | evil.test:99999 | a, b | [::1] | ") },
  { name: "x-http-method-override", share: 0.03, values: ["DELETE"] },
  { name: "content-encoding", share: 0.02, values: words("gzip | identity | br") },
];

const bodyTypes = words(
  "text/plain | application/json;charset=utf-8 | application/json; charset=\u00ff | a |  | multipart/form-data",
);

export function headersOf(hasBody: boolean, cursors: readonly string[], chance: Chance): Headers {
  const found: Record<string, string | readonly string[]> = {};
  // Everyone comes from somewhere else, so that wrong credentials are not all too many.
  found["x-forwarded-for"] = `10.${chance.below(256)}.${chance.below(256)}.${chance.below(256)}`;
  if (hasBody && chance.is(0.97)) {
    found["content-type"] = chance.is(0.95) ? "application/json" : chance.pick(bodyTypes);
  }
  if (hasBody && chance.is(0.05)) found["transfer-encoding"] = "chunked";
  if (chance.is(0.3)) found["idempotency-key"] = keyOf(chance);
  for (const { name, share, values } of fields) {
    if (!chance.is(share)) continue;
    const from = chance.is(0.8) ? values : [...strangeTexts, ...cursors];
    found[name] = fieldText(chance.pick(from));
  }
  if (chance.is(0.01)) found["x-large"] = "a".repeat(chance.pick([8_000, 17_000]));
  return found;
}

function keyOf(chance: Chance): string {
  if (chance.is(0.5)) return `new-${chance.below(1e9)}-${chance.below(1e9)}`;
  if (chance.is(0.6)) return `used-${chance.below(50)}`;
  return fieldText(chance.pick([...strangeTexts, "k".repeat(255), "k".repeat(256)]));
}

const roles = ["customer", "channel", "vendor", "manager", "admin"] as const;
const schemes = ["Basic", "bearer", "Bearer ", "", "Digest"];
const tokens = [...strangeTexts, "e30.e30.e30", "eyJhbGciOiJub25lIn0.e30."];

/** Most are an admin's: whoever is refused at the door shows nothing of what is behind it. */
export function credentialsOf(
  keys: Readonly<Record<Role, string>>,
  things: readonly Things[],
  chance: Chance,
): Headers {
  const secret = chance.is(0.7) ? keys.admin : keys[chance.pick(roles)];
  const kind = chance.below(60);
  if (kind < 36) return { "x-api-key": secret };
  if (kind < 50) return { authorization: `Bearer ${secret}` };
  if (kind < 53) return {};
  if (kind === 53) return { "x-api-key": chance.pick(things).secret };
  if (kind === 54) return { cookie: `onhand_session=${fieldText(damaged(secret, chance))}` };
  if (kind === 55) return { cookie: [fieldText(chance.pick(strangeTexts)), "onhand_session=x"] };
  if (kind === 56) return { "x-api-key": secret, authorization: `Bearer ${secret}` };
  if (kind === 57) return { authorization: [`Bearer ${secret}`, `Bearer ${secret}`] };
  if (kind === 58) return { "x-api-key": fieldText(damaged(secret, chance)) };
  return { authorization: fieldText(`${chance.pick(schemes)} ${chance.pick(tokens)}`) };
}
