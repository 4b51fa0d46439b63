// Values that a fuzzer sends: right ones, made from a schema of openapi.json, and bent ones, around every
// bound and outside every type. A seed decides all of them.

import assert from "node:assert/strict";
import type { Schema } from "./json-schema.ts";
import { randomFrom } from "./ledger.ts";

export interface Chance {
  below(limit: number): number;
  /** True so often: 0 never, 1 always. */
  is(share: number): boolean;
  pick<T>(from: readonly T[]): T;
}

export function openChance(seed: number): Chance {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    below,
    is: (share) => random() < share,
    pick<T>(from: readonly T[]): T {
      assert.ok(from.length > 0, "there is something to pick from");
      // Undefined and null may be among them.
      return from[below(from.length)] as T;
    },
  };
}

/** Stands in a value for a number as it is written here, which JSON.stringify would write differently. */
export const written = (digits: string): string => `\u0001${digits}\u0001`;

/** JSON with numbers as they are to be written. */
export function jsonOf(value: unknown): string {
  return (JSON.stringify(value) ?? "").replaceAll(/"\\u0001([^\\"]+)\\u0001"/g, "$1");
}

const words = (text: string): string[] => text.split(" ");

export const strangeTexts: readonly string[] = [
  ...[
    "",
    " ",
    "\t",
    "1".repeat(400),
    "Ǻ\u0335".repeat(40),
    "' OR 1=1 --",
    '"; DROP TABLE stock; --',
  ],
  ...words("0 -1 1e3 0x10 9007199254740993 null true"),
  ...[
    "\u0000",
    "a\u0000b",
    "a\r\nb: c",
    "\u0007",
    "\u007f",
    "\u0085",
    "\u2028",
    "\ufeff",
    "\ufffd",
  ],
  ...["\ud800", "\udc00\ud800", "a\udfff", "\u202eabc\u202c", "e\u0301", "\u200b", "\u00a0"],
  ...words("😀 👩‍👩‍👧‍👦 \u{10ffff} é ﬃ İ ß مرحبا שלום"),
  ...words("__proto__ constructor prototype toString hasOwnProperty length"),
  ...words("../../etc/passwd %2e%2e%2f %00 % %zz a/b a\\b a?b a#b a;b * :id"),
  ...words("$1 ? %s%n {{7*7}} #{7*7} <script>"),
  ...words("product store sku stats query batch summary stream replay transfer"),
  ...words("2026-02-30T00:00:00Z 2026-01-01 +275760-09-13T00:00:00Z 9999-12-31T23:59:60Z"),
];

const strangeNumbers: readonly unknown[] = [
  ...[0, -1, 1, 1.5, 100, 101, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 1e21, 5e-324],
  ...words("-0 1e309 -1e309 1e-400 9007199254740993 1E2 1.0").map(written),
  written(`1${"0".repeat(500)}`),
];

const nestings: readonly unknown[] = [
  ...[null, true, false, [], {}, [null], [[]], { "": "" }, { length: 3 }, { toJSON: 1 }],
  ...[3, 17, 200].map((depth) => nested(depth)),
  Array.from({ length: 1_001 }, (_one, index) => index),
  Object.fromEntries(Array.from({ length: 300 }, (_one, index) => [`k${index}`, index])),
];

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? { a: value } : [value];
  return value;
}

/** Anything but what was asked for. */
export function strange(chance: Chance): unknown {
  const kinds = [strangeTexts, strangeTexts, strangeNumbers, nestings];
  return chance.pick<unknown>(chance.pick<readonly unknown[]>(kinds));
}

/** A value of a schema's kind: within its bounds, on them, or one beyond. */
export function around(schema: Schema, chance: Chance): unknown {
  const words = schema["enum"];
  if (Array.isArray(words)) {
    const word: unknown = chance.pick<unknown>(words);
    return chance.is(0.8) || typeof word !== "string" ? word : word.toLowerCase() + word;
  }
  const type = chance.pick([schema["type"]].flat());
  if (type === "integer" || type === "number") return numberAround(schema, chance);
  if (type === "string") return textAround(schema, chance);
  if (type === "boolean") return chance.is(0.5);
  if (type === "array") return listAround(schema, chance);
  return type === "object" ? objectAround(schema, chance) : null;
}

function numberAround({ minimum, maximum }: Schema, chance: Chance): unknown {
  const [least, most] = [Number(minimum ?? 0), Number(maximum ?? 1_000_000_000)];
  const half = least + Math.floor((most - least) / 2);
  return chance.pick([least, least - 1, least + 1, most, most - 1, most + 1, half, least + 0.5]);
}

function textAround({ minLength, maxLength, pattern }: Schema, chance: Chance): string {
  const idLike = typeof pattern === "string" && pattern.includes("{0,63}");
  const [least, most] = [Number(minLength ?? 0), Number(maxLength ?? (idLike ? 64 : 200))];
  const length = chance.pick([least, least - 1, 1, 8, most, most, most + 1]);
  const unit = chance.pick(["a", "a", "7", "é", "😀", "ا"]);
  return unit.repeat(Math.max(0, length));
}

function listAround({ items, minItems, maxItems }: Schema, chance: Chance): unknown[] {
  const most = Number(maxItems ?? 3);
  const lengths = [Number(minItems ?? 0), 1, 2, 3, ...(chance.is(0.1) ? [most, most + 1] : [])];
  const length = chance.pick(lengths);
  return Array.from({ length }, () => around(Object(items), chance));
}

function objectAround({ properties, required }: Schema, chance: Chance): Record<string, unknown> {
  const needed = Array.isArray(required) ? required : [];
  const entries = Object.entries(Object(properties) as Record<string, Schema>)
    .filter(([name]) => chance.is(needed.includes(name) ? 0.97 : 0.4))
    .map(([name, schema]) => [name, around(schema, chance)] as const);
  return Object.fromEntries(entries);
}

/** A copy of a value with one part of it changed, taken away, doubled or added to. */
export function bent(value: unknown, chance: Chance, schema: Schema = {}): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0 || chance.is(0.1)) return strange(chance);
    if (chance.is(0.2)) return [...value, ...value];
    const at = chance.below(value.length);
    return value.with(at, bent(value[at], chance, Object(schema["items"])));
  }
  if (typeof value !== "object" || value === null || chance.is(0.05)) {
    return chance.is(0.5) && "type" in schema ? around(schema, chance) : strange(chance);
  }
  const fields = Object.keys(value);
  const copy = new Map<string, unknown>(Object.entries(value));
  const known = Object.keys(Object(schema["properties"]));
  const name = chance.pick([...fields, ...known, "unknown"]);
  if (chance.is(0.15)) copy.delete(name);
  else if (chance.is(0.1)) copy.set(chance.pick(strangeTexts), strange(chance));
  else
    copy.set(
      name,
      bent(copy.get(name), chance, Object(Reflect.get(Object(schema["properties"]), name))),
    );
  return Object.fromEntries(copy);
}

const damages = [...words('" { } [ ] , : \\ 01 NaN 0x1 \\u //'), "\u0000", "\ufeff"];

/** A text with a byte or a run of it flipped, cut out, doubled or put in. */
export function damaged(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  const to = Math.min(text.length, at + 1 + chance.below(8));
  const [before, part, behind] = [text.slice(0, at), text.slice(at, to), text.slice(to)];
  const put = chance.pick(damages);
  return chance.pick([
    before + behind,
    before + part + part + behind,
    before + put + behind,
    before,
    before +
      String.fromCharCode((part.charCodeAt(0) || 0) ^ (1 << chance.below(8))) +
      part.slice(1) +
      behind,
  ]);
}
