// The shapes of requests and answers, said once: each one validates, serialises, types and documents.
// Requests refuse what they do not know; answers drop what is not declared. A `title` makes a shape a
// named component of openapi.json. Nullable fields are type lists, never anyOf: the serialiser is
// several times slower with those.

import {
  callerStoresMax,
  categoryLengthMax,
  customerIdLengthMax,
  descriptionLengthMax,
  idLengthMax,
  nameLengthMax,
  noteLengthMax,
  pageLimitDefault,
  pageLimitMax,
  priceMax,
  quantityMax,
  reservationQuantityMax,
  skuLengthMax,
  ttlSecondsMax,
} from "../limits.ts";
import { type Static, type TProperties, type TSchema, Type } from "./type.ts";
import { eventTypes, reasons, reservationStatuses, roles } from "./words.ts";

const idCharacters = `[A-Za-z0-9][A-Za-z0-9._:-]{0,${idLengthMax - 1}}`;
export const idPattern = `^${idCharacters}$`;
/** Segments of routes, which an id in the same place would hide. */
const routeWords = "product|store|sku|stats|query|transfer|batch|summary|low-stock|stream|replay";
/** Printable and not blank, on one line. `\p{Cs}` refuses half characters, which no database keeps. */
export const lineText = "^(?=.*\\S)[^\\p{Cc}\\p{Cs}]+$";
const manyLines = "^[^\\p{Cs}\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$";
const newIdPattern = `^(?!(?:${routeWords})$)${idCharacters}$`;

/** What a value that fits a pattern is, for the message to one that does not. */
export const patternWords: Readonly<Record<string, string>> = {
  [idPattern]: `1 to ${idLengthMax} of A-Z a-z 0-9 . _ : -, the first a letter or digit`,
  [newIdPattern]: `an id of 1 to ${idLengthMax} of A-Z a-z 0-9 . _ : -, and no word of a route`,
  [lineText]: "printable text on one line, not blank",
  [manyLines]: "text without control characters",
};

// ── building blocks ─────────────────────────────────────────────────────────────────────────────

/** An object of a request: unknown fields are refused. */
export function Body<Properties extends TProperties>(
  properties: Properties,
  options: { title?: string; description?: string; minProperties?: number } = {},
) {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

/** Named parts of a path, or a query string. */
export function Parts<Properties extends TProperties>(properties: Properties) {
  return Type.Object(properties, { additionalProperties: false });
}

/** An object of an answer: undeclared fields are dropped. */
export function Answer<Properties extends TProperties>(title: string, properties: Properties) {
  return Type.Object(properties, { title });
}

export function Nullable<Inner extends TSchema & { type?: string }>(inner: Inner) {
  return Type.Unsafe<Static<Inner> | null>({ ...inner, type: [inner.type, "null"] });
}

export function OneOf<const Values extends readonly string[]>(
  values: Values,
  description?: string,
) {
  return Type.Unsafe<Values[number]>({
    type: "string",
    enum: [...values],
    ...(description === undefined ? {} : { description }),
  });
}

export function PageOf<Item extends TSchema>(title: string, item: Item) {
  return Type.Object({ items: Type.Array(item), next_cursor: Nullable(Type.String()) }, { title });
}

// ── values of requests ──────────────────────────────────────────────────────────────────────────

/** An id that names something: path parameters and references. */
export const Id = Type.String({
  pattern: idPattern,
  description: `1–${idLengthMax} characters of A-Z a-z 0-9 . _ : -, the first a letter or digit.`,
});
/** An id that a caller gives to something new: words that are routes are refused. */
export const NewId = Type.String({
  pattern: newIdPattern,
  description: "An id of your own; without it the service makes one.",
});
export const Sku = Type.String({ pattern: lineText, minLength: 1, maxLength: skuLengthMax });
export const Name = Type.String({ pattern: lineText, minLength: 1, maxLength: nameLengthMax });
export const Description = Type.String({ pattern: manyLines, maxLength: descriptionLengthMax });
export const Category = Type.String({
  pattern: lineText,
  minLength: 1,
  maxLength: categoryLengthMax,
});
export const ShortText = Type.String({ pattern: lineText, minLength: 1, maxLength: nameLengthMax });
/** What is looked for in a list. */
export const Search = Type.String({ pattern: lineText, minLength: 1, maxLength: nameLengthMax });
export const Note = Type.String({ pattern: manyLines, minLength: 1, maxLength: noteLengthMax });
/** Who a reservation is for, or who did something: `cust-1`, `auth0|1`, an e-mail address. */
export const CustomerId = Type.String({
  pattern: lineText,
  minLength: 1,
  maxLength: customerIdLengthMax,
});
export const Price = Type.Number({
  minimum: 0,
  maximum: priceMax,
  description: "With at most two decimals.",
});
/** A quantity on hand: 0 is a count like any other. */
export const Quantity = Type.Integer({ minimum: 0, maximum: quantityMax });
/** Units to move or hold: at least one. */
export const Units = Type.Integer({ minimum: 1, maximum: quantityMax });
/** A signed change; 0 is refused by `not`. */
export const Change = Type.Integer({
  minimum: -quantityMax,
  maximum: quantityMax,
  not: { const: 0 },
});
export const ReservationUnits = Type.Integer({ minimum: 1, maximum: reservationQuantityMax });
export const TtlSeconds = Type.Integer({ minimum: 1, maximum: ttlSecondsMax });
export const Version = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const ReasonCode = OneOf(reasons, "Why stock changed. OTHER needs a note.");
export const ReservationState = OneOf(reservationStatuses);
export const EventKind = OneOf(eventTypes);
export const RoleName = OneOf(roles);
export const TimeIso = Type.String({
  minLength: 10,
  maxLength: 40,
  description: "ISO 8601 with a zone, such as 2026-03-01T09:30:00Z.",
});
export const StoreIds = Type.Array(Id, { maxItems: callerStoresMax, uniqueItems: true });
/** Stores of a key or a session. The list comes first: the serialiser takes a list for text otherwise. */
export const StoreList = Type.Unsafe<string | string[]>({
  type: ["array", "string"],
  items: { type: "string" },
  description: 'Ids of stores, or "*" for all of them.',
});

export const Limit = Type.Integer({ minimum: 1, maximum: pageLimitMax, default: pageLimitDefault });
export const Cursor = Type.String({
  minLength: 1,
  maxLength: 1_024,
  description: "The next_cursor of the page before.",
});
/** Every list takes these. */
export const paging = { limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) };

// ── answers ─────────────────────────────────────────────────────────────────────────────────────

export const Time = Type.String({ format: "date-time" });
const text = Type.String();
const count = Type.Integer();

export const ProductAnswer = Answer("Product", {
  id: text,
  sku: text,
  name: text,
  description: Nullable(text),
  category: Nullable(text),
  price: Type.Number(),
  version: count,
  created_at: Time,
  updated_at: Time,
});

export const StoreAnswer = Answer("Store", {
  id: text,
  name: text,
  address: Nullable(text),
  city: Nullable(text),
  country: Nullable(text),
  phone: Nullable(text),
  email: Nullable(text),
  active: Type.Boolean(),
  version: count,
  created_at: Time,
  updated_at: Time,
});

const stockFields = {
  id: text,
  product_id: text,
  store_id: text,
  quantity: count,
  reserved: count,
  available: count,
  version: count,
  reorder_point: Nullable(count),
  updated_at: Time,
};
export const StockAnswer = Answer("Stock", stockFields);
export const StockOfStoreAnswer = Answer("StockOfStore", {
  ...stockFields,
  sku: text,
  product_name: text,
});

export const Metadata = Type.Unsafe<Record<string, unknown> | null>({
  type: ["object", "null"],
  additionalProperties: true,
  description: "The caller's own JSON object.",
});

export const ReservationAnswer = Answer("Reservation", {
  reservation_id: text,
  id: text,
  status: ReservationState,
  product_id: text,
  store_id: text,
  customer_id: text,
  quantity: count,
  expires_at: Time,
  expires_in_seconds: count,
  group_id: Nullable(text),
  created_at: Time,
  updated_at: Nullable(Time),
  confirmed_quantity: Nullable(count),
  cancel_reason: Nullable(text),
  retaken_from: Nullable(text),
  retaken_by: Nullable(text),
  metadata: Metadata,
});

export const GroupAnswer = Answer("ReservationGroup", {
  group_id: text,
  reservations: Type.Array(ReservationAnswer),
});

export const BatchResults = Type.Array(
  Type.Object({
    index: count,
    status: OneOf(["ok", "failed"]),
    stock: Type.Optional(StockAnswer),
    error: Type.Optional(Type.Object({ code: text }, { additionalProperties: true })),
  }),
);
export const BatchAnswer = Answer("StockBatch", { results: BatchResults });

/** Every error (RFC 9457). The facts of its code come besides. */
export const ProblemAnswer = Type.Object(
  {
    type: text,
    title: text,
    status: count,
    detail: text,
    instance: text,
    code: text,
    request_id: text,
    errors: Type.Optional(Type.Array(Type.Object({ path: text, message: text }))),
  },
  { title: "Problem", additionalProperties: true },
);
