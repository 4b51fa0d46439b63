// Import of products and stores: what is not there is made, what is there gets the fields that the file has and keeps the
// others. A change is guarded by the version that was looked at.

import type {
  Client,
  NewProduct,
  NewStore,
  ProductChanges,
  StoreChanges,
} from "../../../sdk/src/client.ts";
import { isOnhandError } from "../../../sdk/src/client.ts";
import type { Mapping } from "../../transfer/mapping.ts";
import { openSeen } from "../../transfer/seen.ts";
import {
  type Done,
  type Importer,
  isRefused,
  type Order,
  type Plan,
  type Refused,
  type Result,
  together,
  type Wish,
} from "./importer.ts";

type Value = string | number | boolean | null;
type Fields = Readonly<Record<string, Value>>;

export interface CatalogueWish extends Wish {
  /** null: it is known by its SKU. */
  readonly id: string | null;
  readonly fields: Fields;
}

export interface CatalogueOrder extends Order {
  readonly id: string | null;
  readonly fields: Fields;
  /** What the fields were before a change. */
  readonly before: Fields;
  readonly version: number;
}

interface Thing {
  readonly id: string;
  readonly version: number;
}

interface Calls {
  find(wish: CatalogueWish): Promise<Thing & Fields>;
  create(body: Fields, key: string): Promise<Thing>;
  change(id: string, fields: Fields, version: number, key: string): Promise<Thing>;
  delete(id: string, version: number, key: string): Promise<void>;
}

const atOnce = 32;

/** A field of a cell, or why it is none; undefined where the cell says nothing. */
type Read = (field: string, text: string) => Value | undefined | { readonly fault: string };

export function openCatalogueImport(
  kind: "products" | "stores",
  client: Client,
  mapping: Mapping,
): Importer<CatalogueWish, CatalogueOrder> {
  const calls = callsOf(kind, client);
  const read = kind === "products" ? readProduct : readStore;
  const identity = kind === "products" ? "sku" : "id";
  const seen = openSeen();

  function check(row: number, cells: Readonly<Record<string, string>>) {
    const cell = (field: string): string => cells[mapping.columns.get(field) ?? ""] ?? "";
    const refuse = (code: string, reason: string): Refused => ({ row, code, reason });
    const name = cell(identity);
    if (name === "") return refuse("missing", `it has no ${identity}`);
    const first = seen.add(name, row);
    if (first !== null) return refuse("duplicate", `row ${first} has the same ${identity}`);
    const fields: Record<string, Value> = {};
    for (const field of mapping.columns.keys()) {
      if (field === "id") continue;
      const value = read(field, cell(field));
      if (typeof value === "object" && value !== null) return refuse("invalid", value.fault);
      if (value !== undefined) fields[field] = value;
    }
    return [{ row, id: cell("id") || null, fields }];
  }

  async function planOne(wish: CatalogueWish): Promise<CatalogueOrder | Refused | null> {
    const { row, id, fields } = wish;
    const about = id ?? String(fields["sku"]);
    try {
      const now = await calls.find(wish);
      const news = Object.entries(fields).filter(([name, value]) => now[name] !== value);
      if (news.length === 0) return null;
      const before = Object.fromEntries(news.map(([name]) => [name, now[name] ?? null]));
      const difference = news
        .map(([name, value]) => `${name} ${shown(now[name])} → ${shown(value)}`)
        .join(", ");
      const what = { fields: Object.fromEntries(news), before, version: now.version };
      return { row, kind: "change", about, difference, id: now.id, ...what };
    } catch (error) {
      if (!isOnhandError(error, "product_not_found", "store_not_found")) {
        return refusalOf(error, row, about);
      }
      const missing = (kind === "products" ? ["name", "price"] : ["name"]).filter(
        (name) => fields[name] === undefined,
      );
      if (missing.length > 0) {
        const reason = `${about} is new, and the row does not say: ${missing.join(", ")}`;
        return { row, code: "missing", reason };
      }
      const difference = Object.entries(fields)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => `${name} ${shown(value)}`)
        .join(", ");
      return { row, kind: "create", about, difference, id, fields, before: {}, version: 0 };
    }
  }

  async function plan(wishes: readonly CatalogueWish[]): Promise<Plan<CatalogueOrder>> {
    const found = await together(wishes, atOnce, planOne);
    const orders: CatalogueOrder[] = [];
    const refused: Refused[] = [];
    for (const one of found) {
      if (one === null) continue;
      if (isRefused(one)) refused.push(one);
      else orders.push(one);
    }
    return { orders, refused, same: found.filter((one) => one === null).length };
  }

  const applyOne = async (order: CatalogueOrder, key: string): Promise<Result<CatalogueOrder>> => {
    const { row, id, fields, version, about } = order;
    try {
      const named = order.kind === "create" && id !== null ? { ...fields, id } : fields;
      const made =
        order.kind === "create"
          ? await calls.create(named, `${key}-${row}`)
          : await calls.change(id ?? "", fields, version, `${key}-${row}`);
      return { row, order: { ...order, id: made.id }, version: made.version };
    } catch (error) {
      return refusalOf(error, row, about);
    }
  };

  return {
    check,
    plan,
    apply: (orders, key) => together(orders, atOnce, (order) => applyOne(order, key)),
    isGuarded: true,
  };
}

/** Archives what an import made and puts back what it changed, unless somebody has changed it since. */
export async function undoCatalogue(
  kind: "products" | "stores",
  client: Client,
  done: readonly Done<CatalogueOrder>[],
  key: string,
): Promise<readonly Refused[]> {
  const calls = callsOf(kind, client);
  const refused = await together(done, atOnce, async ({ row, order, version }) => {
    const id = order.id ?? "";
    try {
      if (order.kind === "create") await calls.delete(id, version, `${key}-${row}`);
      else await calls.change(id, order.before, version, `${key}-${row}`);
      return null;
    } catch (error) {
      return refusalOf(error, row, order.about);
    }
  });
  return refused.filter((one) => one !== null);
}

function callsOf(kind: "products" | "stores", client: Client): Calls {
  return kind === "products" ? productCalls(client) : storeCalls(client);
}

function shown(value: Value | undefined): string {
  return value === null || value === undefined ? "nothing" : JSON.stringify(value);
}

/** What the service refuses for this row alone; everything else ends the import, which goes on when it is run again. */
function refusalOf(error: unknown, row: number, about: string): Refused {
  const isOfRow =
    isOnhandError(error) &&
    [400, 404, 409, 412, 422].includes(error.status) &&
    error.code !== "invalid_idempotency_key";
  if (!isOfRow) throw error;
  const facts = "errors" in error.facts ? (error.facts.errors ?? []) : [];
  const more = facts.map(({ path, message }) => ` ${path}: ${message}`).join(";");
  return { row, code: error.code, reason: `${about}: ${error.message}${more}` };
}

function productCalls({ products }: Client): Calls {
  return {
    find: ({ id, fields }) =>
      (id === null ? products.bySku(String(fields["sku"])) : products.get(id)) as Promise<
        Thing & Fields
      >,
    create: (body, idempotencyKey) =>
      products.create(body as unknown as NewProduct, { idempotencyKey }),
    change: (id, fields, ifVersion, idempotencyKey) =>
      products.change(id, fields as ProductChanges, { ifVersion, idempotencyKey }),
    delete: (id, ifVersion, idempotencyKey) => products.delete(id, { ifVersion, idempotencyKey }),
  };
}

function storeCalls({ stores }: Client): Calls {
  return {
    find: ({ id }) => stores.get(id ?? "") as Promise<Thing & Fields>,
    create: (body, idempotencyKey) =>
      stores.create(body as unknown as NewStore, { idempotencyKey }),
    change: (id, fields, ifVersion, idempotencyKey) =>
      stores.change(id, fields as StoreChanges, { ifVersion, idempotencyKey }),
    delete: (id, ifVersion, idempotencyKey) => stores.delete(id, { ifVersion, idempotencyKey }),
  };
}

const readProduct: Read = (field, text) => {
  if (field === "price") {
    if (text === "") return undefined;
    // Spreadsheets of many countries write a comma.
    if (/^\d{1,10}(?:[.,]\d{1,2})?$/.test(text)) return Number(text.replace(",", "."));
    return { fault: `price is a number such as 9.50, not "${text}"` };
  }
  return readText(field, text, ["sku", "name"]);
};

const readStore: Read = (field, text) => {
  if (field === "active") {
    if (text === "") return undefined;
    if (/^(?:true|yes|1)$/i.test(text)) return true;
    if (/^(?:false|no|0)$/i.test(text)) return false;
    return { fault: `active is yes or no, not "${text}"` };
  }
  return readText(field, text, ["name"]);
};

/** An empty cell takes a field away that may be without, and else says nothing. */
function readText(field: string, text: string, needed: readonly string[]): Value | undefined {
  if (text !== "") return text;
  return needed.includes(field) ? undefined : null;
}
