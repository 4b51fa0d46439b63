// Requests for any route of openapi.json, right or bent in every part: body, address, query, headers and
// who sends it. What is right about them comes from the examples of requests.ts and from the schemas.

import type { Role } from "../../src/store/store.ts";
import type { Documented } from "./documented.ts";
import { credentialsOf, type Headers, headersOf } from "./fuzz-headers.ts";
import {
  around,
  bent,
  type Chance,
  damaged,
  jsonOf,
  strange,
  strangeTexts,
} from "./fuzz-values.ts";
import { exampleOf, methodOf, routeOf } from "./hostile.ts";
import type { Things } from "./requests.ts";

export interface FuzzRequest {
  /** As openapi.json has it: "GET /api/v1/stores/:id". */
  readonly route: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Buffer | null;
  /** Its address or host is bent, so that another route, or none, may answer. */
  readonly strays: boolean;
}

export interface FuzzWorld {
  readonly documented: Documented;
  readonly keys: Readonly<Record<Role, string>>;
  readonly things: readonly Things[];
  /** Cursors that lists have given. */
  readonly cursors: readonly string[];
}

/** A name is of `examples`, and may have a form behind "#". */
export function fuzzRequest(name: string, world: FuzzWorld, chance: Chance): FuzzRequest {
  const route = routeOf(name);
  const { url, body, headers: own } = exampleOf(name, chance.pick(world.things));
  const text =
    typeof body === "string"
      ? fileText(body, chance)
      : bodyText(body ?? null, route, world, chance);
  const address = addressOf(url, route, world, chance);
  const headers = {
    ...headersOf(text !== null, world.cursors, chance),
    ...credentialsOf(world.keys, world.things, chance),
    ...(own !== undefined && chance.is(0.9) ? own : {}),
  };
  return {
    route,
    method: methodOf(name),
    url: address,
    headers,
    strays: "host" in headers || address.split("?")[0] !== url.split("?")[0],
    body: text === null ? null : bytesOf(text, chance),
  };
}

function bodyText(
  body: object | null,
  route: string,
  world: FuzzWorld,
  chance: Chance,
): string | null {
  const schema = world.documented.body(route);
  if (body === null && schema === null) return chance.is(0.97) ? null : jsonOf(strange(chance));
  const shape = schema ?? {};
  const kind = chance.below(10);
  if (kind === 0) return jsonOf(strange(chance));
  if (kind <= 2) return jsonOf(withIds(around(shape, chance), world, chance));
  let value: unknown = body ?? {};
  // Of the examples one in three stays right, so that bent ones meet a service where things happen.
  for (let count = chance.below(3); count > 0; count -= 1) value = bent(value, chance, shape);
  const text = jsonOf(value);
  if (chance.is(0.08)) return damaged(text, chance);
  if (chance.is(0.02)) return `{"__proto__":{"polluted":1},${text.slice(1)}`;
  // Bodies about as long as may be: white space is part of JSON.
  return chance.is(0.01)
    ? text + " ".repeat(chance.pick([65_536, 65_535, 1_048_576]) - text.length)
    : text;
}

/** A file with its rows, some of them damaged, strange, or as many as a batch and more. */
function fileText(file: string, chance: Chance): string {
  const [head = "", row = ""] = file.split("\n");
  const rows = Array.from({ length: chance.pick([0, 1, 1, 2, 5, 600]) }, () => {
    if (chance.is(0.7)) return row;
    return chance.is(0.5) ? damaged(row, chance) : chance.pick([...strangeTexts, `"${row}`, ";;"]);
  });
  const text = [chance.is(0.9) ? head : damaged(head, chance), ...rows].join("\n");
  return chance.is(0.1) ? damaged(text, chance) : text;
}

/** Ids in it are those of things that are there. */
function withIds(value: unknown, world: FuzzWorld, chance: Chance): unknown {
  if (Array.isArray(value)) return value.map((one) => withIds(one, world, chance));
  if (typeof value !== "object" || value === null) return value;
  const things = chance.pick(world.things);
  const known: Readonly<Record<string, string>> = {
    product_id: things.product,
    store_id: things.store,
    from_store_id: things.store,
    to_store_id: things.otherStore,
    customer_id: things.customer,
    key: things.secret,
  };
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      known[name] !== undefined && chance.is(0.8) ? known[name] : withIds(inner, world, chance),
    ]),
  );
}

function bytesOf(text: string, chance: Chance): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 0 && chance.is(0.02))
    bytes[chance.below(bytes.length)] = 0x80 + chance.below(128);
  return chance.is(0.005) ? Buffer.from(text, "utf16le") : bytes;
}

/** A client may write any of these bytes; the others are escaped, as each client does. */
const safe = (text: string): string =>
  Array.from(
    text.replaceAll(
      /[\ud800-\udfff](?![\udc00-\udfff])(?<![\ud800-\udbff][\udc00-\udfff])/g,
      "\ufffd",
    ),
    (one) => (/[\u0021-\u007e]/.test(one) ? one : encodeURIComponent(one)),
  ).join("");

function addressOf(url: string, route: string, world: FuzzWorld, chance: Chance): string {
  const [path = "", query = ""] = url.split("?");
  const parts = path.split("/");
  if (route.includes(":") && chance.is(0.25)) {
    const last = chance.pick([3, 4, 5, 6].filter((at) => at < parts.length));
    // What its id may be is never a store that everything else is in: it might be closed.
    const text = chance.pick([...strangeTexts, "x".repeat(201), parts.at(-1) ?? ""]);
    parts[last] = chance.is(0.7)
      ? encodeURIComponent(text.toWellFormed())
      : safe(text.toWellFormed());
  }
  const address = parts.join("/") || "/";
  const asked = queryOf(query, route, world, chance);
  return asked === "" ? address : `${address}?${asked}`;
}

function queryOf(query: string, route: string, world: FuzzWorld, chance: Chance): string {
  const fields = [...new URLSearchParams(query)];
  const schemas = Object.entries(world.documented.query(route));
  for (const [name, schema] of schemas) {
    if (chance.is(0.7)) continue;
    const right = knownFor(name, world, chance);
    const known = right.length > 0 && chance.is(0.7);
    const value = known
      ? chance.pick(right)
      : chance.is(0.6)
        ? around(schema, chance)
        : strange(chance);
    fields.push([name, typeof value === "string" ? value : jsonOf(value).slice(0, 3_000)]);
  }
  if (chance.is(0.05)) fields.push([chance.pick(strangeTexts), "1"]);
  if (chance.is(0.05)) fields.push(...fields);
  if (fields.length > 0 && chance.is(0.1)) fields.push([`${fields[0]?.[0] ?? ""}[]`, "1"]);
  return fields
    .map(([name, value]) =>
      chance.is(0.95)
        ? `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(cursorBent(name, value, chance).toWellFormed())}`
        : safe(`${name}=${value}`),
    )
    .join("&");
}

/** What a parameter of this name may be; of times, the ages that a log has and others. */
function knownFor(name: string, world: FuzzWorld, chance: Chance): readonly string[] {
  const { store, product, customer } = chance.pick(world.things);
  const agoMs = chance.pick([0, 1, 1_000, 60_000, 86_400_000, 40 * 86_400_000, -60_000]);
  const time = new Date(Date.now() - agoMs).toISOString();
  const times = [time, time, time.replace("Z", "+02:00"), time.slice(0, 10), `${Date.now()}`];
  const known: Readonly<Record<string, readonly string[]>> = {
    cursor: world.cursors,
    store_id: [store],
    product_id: [product],
    customer_id: [customer],
    as_of: times,
    from: times,
    to: times,
  };
  return known[name] ?? [];
}

const cursorBent = (name: string, value: string, chance: Chance): string =>
  name === "cursor" && chance.is(0.3) ? damaged(value, chance) : value;

/** The request for a shell, so that whoever finds it can send it again. */
export function curlOf(base: string, { method, url, headers, body }: FuzzRequest): string {
  const quoted = (text: string): string =>
    `$'${text.replaceAll(/[^\u0020-\u007e]|['\\]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`)}'`;
  const fields = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => `-H ${quoted(`${name}: ${value}`)}`),
  );
  const data = body === null ? [] : [`--data-raw ${quoted(body.toString("latin1"))}`];
  return ["curl -sSi --path-as-is", `-X ${method}`, ...fields, ...data, quoted(base + url)].join(
    " ",
  );
}
