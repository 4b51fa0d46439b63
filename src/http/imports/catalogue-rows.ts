// Rows of products and stores: what is not there is made, what is there gets the fields that the row has and keeps the
// others. A change is guarded by the version that was looked at, so nothing is lost that somebody else changes meanwhile.

import type { Action, Store as Place, Product } from "../../domain/model.ts";
import type { Mapping } from "../../transfer/mapping.ts";
import { openSeen } from "../../transfer/seen.ts";
import { centsOf, priceOf } from "../money.ts";
import { emptyStore } from "../place.ts";
import { Category, Description, Name, NewId, Nullable, Price, ShortText, Sku } from "../schemas.ts";
import { Type } from "../type.ts";
import {
  type Cells,
  faultFinder,
  type Planned,
  type Refused,
  type RowKind,
  refused,
  type Value,
  type Wish,
} from "./row.ts";

type Fields = Readonly<Record<string, Value>>;

export interface CatalogueWish extends Wish {
  readonly id: string | null;
  readonly fields: Fields;
}

/** What products and stores are to an import. */
interface Noun {
  /** The field that no two rows share. */
  readonly identity: string;
  /** What a new one cannot be without, and what may not be taken away. */
  readonly needed: readonly string[];
  faultOf(values: Fields): string | null;
  find(
    wish: CatalogueWish,
  ): Promise<{ readonly version: number; readonly id: string; readonly fields: Fields } | null>;
  create(id: string | null, fields: Fields): Action;
  change(id: string, fields: Fields, version: number): Action;
}

export function productRows(
  mapping: Mapping,
  source: {
    product(id: string): Promise<Product | null>;
    productBySku(sku: string): Promise<Product | null>;
    newId(): string;
  },
): RowKind<CatalogueWish> {
  return catalogueRows(mapping, {
    identity: "sku",
    needed: ["sku", "name", "price"],
    faultOf: productFault,
    async find({ id, fields }) {
      const product =
        id === null ? await source.productBySku(String(fields["sku"])) : await source.product(id);
      if (product === null) return null;
      const { sku, name, description, category, version } = product;
      const price = priceOf(product.priceCents);
      return { id: product.id, version, fields: { sku, name, description, category, price } };
    },
    create: (id, fields) => ({
      kind: "CreateProduct",
      id: id ?? source.newId(),
      fields: { description: null, category: null, ...inCents(fields) } as never,
    }),
    change: (id, fields, version) => ({
      kind: "ChangeProduct",
      id,
      fields: inCents(fields),
      expected: { version, source: "body" },
    }),
  });
}

export function storeRows(
  mapping: Mapping,
  source: { place(id: string): Promise<Place | null> },
): RowKind<CatalogueWish> {
  return catalogueRows(mapping, {
    identity: "id",
    needed: ["id", "name"],
    faultOf: storeFault,
    async find({ id }) {
      const place = await source.place(id ?? "");
      if (place === null) return null;
      const { name, address, city, country, phone, email, active, version } = place;
      const fields = { name, address, city, country, phone, email, active };
      return { id: place.id, version, fields };
    },
    create: (id, fields) => ({
      kind: "CreateStore",
      id: id ?? "",
      fields: { ...emptyStore, ...fields } as never,
    }),
    change: (id, fields, version) => ({
      kind: "ChangeStore",
      id,
      fields,
      expected: { version, source: "body" },
    }),
  });
}

function catalogueRows({ columns }: Mapping, noun: Noun): RowKind<CatalogueWish> {
  const { identity, needed } = noun;
  const seen = openSeen();

  function check(row: number, cells: Cells): readonly CatalogueWish[] | Refused {
    const cell = (field: string): string => cells[columns.get(field) ?? ""] ?? "";
    const refuse = (code: string, reason: string): Refused => ({ row, code, reason });
    const name = cell(identity);
    if (name === "") return refuse("missing", `it has no ${identity}`);
    const first = seen.add(name, row);
    if (first !== null) return refuse("duplicate", `row ${first} has the same ${identity}`);
    const byId = identity === "id" || cell("id") === "" ? null : seen.add(`id\n${cell("id")}`, row);
    if (byId !== null) return refuse("duplicate", `row ${byId} has the same id`);
    const fields: Record<string, Value> = {};
    for (const field of columns.keys()) {
      const value = cellValue(field, cell(field), needed);
      if (value !== undefined) fields[field] = value;
    }
    const fault = noun.faultOf(fields);
    if (fault !== null) return refuse("validation_failed", fault);
    const { id = null, ...others } = fields;
    return [{ row, part: 0, about: name, id: id === null ? null : String(id), fields: others }];
  }

  async function plan(wish: CatalogueWish): Promise<Planned | Refused | null> {
    const { id, fields } = wish;
    const there = await noun.find(wish);
    if (there === null) {
      const missing = needed.filter((name) => name !== identity && fields[name] === undefined);
      if (missing.length > 0) {
        const why = `it is new, and the row does not say: ${missing.join(", ")}`;
        return refused(wish, "missing", why);
      }
      const set = Object.entries(fields).filter(([, value]) => value !== null);
      const news = set.map(([field, after]) => ({ field, before: null, after }));
      return { change: "create", fields: news, actions: [noun.create(id, fields)] };
    }
    const news = Object.entries(fields).filter(([field, value]) => there.fields[field] !== value);
    if (news.length === 0) return null;
    const changes = news.map(([field, after]) => ({
      field,
      before: there.fields[field] ?? null,
      after,
    }));
    const action = noun.change(there.id, Object.fromEntries(news), there.version);
    return { change: "change", fields: changes, actions: [action] };
  }

  return { check, plan, isMoved: ({ code }) => code === "id_taken" };
}

/** An empty cell takes a field away that a thing may be without, and else says nothing. */
function cellValue(field: string, text: string, needed: readonly string[]): Value | undefined {
  if (field === "active") {
    if (text === "") return undefined;
    if (/^(?:true|yes|1)$/i.test(text)) return true;
    return /^(?:false|no|0)$/i.test(text) ? false : text;
  }
  if (text === "") return needed.includes(field) || field === "id" ? undefined : null;
  if (field !== "price") return text;
  // Spreadsheets of many countries write a comma.
  return /^\d{1,10}(?:[.,]\d{1,2})?$/.test(text) ? Number(text.replace(",", ".")) : text;
}

function inCents({ price, ...fields }: Fields): Readonly<Record<string, Value>> {
  return price === undefined ? fields : { ...fields, priceCents: centsOf(Number(price)) };
}

const productFault = faultFinder({
  id: NewId,
  sku: Sku,
  name: Name,
  price: Price,
  description: Nullable(Description),
  category: Nullable(Category),
});

const detail = Nullable(ShortText);
const storeFault = faultFinder({
  ...{ id: NewId, name: Name },
  ...{ address: detail, city: detail, country: detail, phone: detail, email: detail },
  active: Type.Boolean(),
});
