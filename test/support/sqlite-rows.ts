// A database file for tests of the SQLite reads, filled row by row in a way that keeps every invariant,
// so that a test can say what is there in a few words and an audit can be shown what it must find. It
// writes plain SQL, not through the service: what is read is judged without what writes. Time goes on
// by a second with each event.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from "node:sqlite";
import type { ReservationStatus } from "../../src/domain/model.ts";
import { searchText, text } from "../../src/store/rows.ts";
import { repositoryRoot } from "./source-tree.ts";

type Values = Record<string, SQLInputValue>;

export interface Hold {
  readonly id: string;
  readonly product: string;
  readonly store: string;
  readonly customer?: string;
  readonly quantity?: number;
  readonly group?: string;
  readonly ttlMs?: number;
}

export interface Rows {
  readonly db: DatabaseSync;
  readonly path: string;
  /** Time of the last event. */
  now(): number;
  /** The last event's number. */
  seq(): number;
  product(id: string, fields?: { name?: string; sku?: string; category?: string }): void;
  changeProduct(id: string, name: string): void;
  archiveProduct(id: string): void;
  place(id: string, fields?: { name?: string }): void;
  changePlace(id: string, fields: { active?: boolean; archived?: boolean; name?: string }): void;
  /** Makes the stock row where there is none. */
  receive(product: string, store: string, units: number): void;
  reorderAt(product: string, store: string, point: number): void;
  transfer(id: string, product: string, from: string, to: string, units: number): void;
  hold(hold: Hold): void;
  extend(id: string, expiresAt: number): void;
  end(id: string, status: Exclude<ReservationStatus, "PENDING">): void;
  run(sql: string, ...bound: SQLInputValue[]): void;
  close(): void;
}

const firstTime = Date.UTC(2026, 0, 1);

/** The schema in a new file, without a row but the log's head. */
export function emptyFile(): { readonly db: DatabaseSync; readonly path: string; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), "onhand-rows-"));
  const path = join(folder, "inventory.db");
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  const migrations = join(repositoryRoot, "src/store/sqlite/migrations");
  for (const name of readdirSync(migrations).sort()) {
    db.exec(readFileSync(join(migrations, name), "utf8"));
  }
  db.prepare("INSERT INTO log_head VALUES (1, 'log', 1, 0, ?)").run(firstTime);
  return {
    db,
    path,
    close() {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Writes events and the rows that they are about, one change at a time. */
interface Pen {
  now: number;
  seq: number;
  readonly run: Rows["run"];
  readonly get: (
    sql: string,
    ...bound: SQLInputValue[]
  ) => Readonly<Record<string, SQLOutputValue>> | undefined;
  readonly insert: (table: string, values: Values) => void;
  readonly event: (type: string, about: About, payload: object) => void;
}

interface About {
  readonly id: string;
  readonly store: string;
  readonly product: string | null;
}

function openPen(db: DatabaseSync): Pen {
  const made = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const found = made.get(sql) ?? db.prepare(sql);
    made.set(sql, found);
    return found;
  };
  const insert = (table: string, values: Values): void => {
    const names = Object.keys(values);
    const places = names.map(() => "?").join(", ");
    statement(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${places})`).run(
      ...Object.values(values),
    );
  };
  const pen: Pen = {
    now: firstTime,
    seq: 0,
    run(sql, ...bound) {
      statement(sql).run(...bound);
    },
    get: (sql, ...bound) => statement(sql).get(...bound),
    insert,
    event(type, { id, store, product }, payload) {
      pen.seq += 1;
      insert("events", {
        seq: pen.seq,
        id: `event-${pen.seq}`,
        event_type: type,
        aggregate_id: id,
        aggregate_type: type.slice(0, type.indexOf(".")),
        store_id: store,
        product_id: product,
        actor: "key:test",
        request_id: `request-${pen.seq}`,
        payload: JSON.stringify(payload),
        created_at: pen.now,
      });
      pen.run("UPDATE log_head SET seq = ?, at = ?", pen.seq, pen.now);
    },
  };
  return pen;
}

function count({ run }: Pen, store: string, column: string, by: number): void {
  run(
    `INSERT INTO store_totals (store_id, ${column}) VALUES (?, ?)
     ON CONFLICT (store_id) DO UPDATE SET ${column} = ${column} + excluded.${column}`,
    store,
    by,
  );
}

function lowAt({ get }: Pen, product: string, store: string): number {
  const row = get(
    `SELECT reorder_point IS NOT NULL AND quantity - reserved <= reorder_point AS low
     FROM stock WHERE product_id = ? AND store_id = ?`,
    product,
    store,
  );
  return Number(row?.["low"] ?? 0);
}

interface Change {
  readonly quantity: number;
  readonly reserved: number;
  /** null: stock.created or stock.updated, as it is. */
  readonly type: string | null;
  readonly payload: object;
  /** What the event is about where it is not the row. */
  readonly id?: string;
}

/** One change of a row: the row, its event, the totals. */
function change(pen: Pen, product: string, store: string, by: Change): void {
  const low = lowAt(pen, product, store);
  const row = pen.get(
    "SELECT id, quantity, reserved, version FROM stock WHERE product_id = ? AND store_id = ?",
    product,
    store,
  );
  const [quantity, reserved] = [Number(row?.["quantity"] ?? 0), Number(row?.["reserved"] ?? 0)];
  const after = { quantity: quantity + by.quantity, reserved: reserved + by.reserved };
  const version = Number(row?.["version"] ?? 0) + 1;
  const rowId = `stock-${product}-${store}`;
  pen.run(
    `INSERT INTO stock (id, product_id, store_id, quantity, reserved, version, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET quantity = excluded.quantity,
       reserved = excluded.reserved, version = excluded.version, updated_at = excluded.updated_at`,
    rowId,
    product,
    store,
    after.quantity,
    after.reserved,
    version,
    pen.now,
  );
  count(pen, store, "quantity", by.quantity);
  count(pen, store, "reserved", by.reserved);
  if (row === undefined) count(pen, store, "stock_rows", 1);
  count(pen, store, "low_rows", lowAt(pen, product, store) - low);
  pen.event(
    by.type ?? (row === undefined ? "stock.created" : "stock.updated"),
    { id: by.id ?? rowId, store, product },
    { ...by.payload, stock: { before: { quantity, reserved }, after, version } },
  );
}

type Catalog = Pick<Rows, "product" | "changeProduct" | "archiveProduct" | "place" | "changePlace">;

function catalogRows(pen: Pen): Catalog {
  const { run, get, insert, event } = pen;
  const tellProduct = (id: string, type: string): void => {
    const row = get(
      `SELECT sku, name, description, category, price / 100.0 AS price, version
       FROM products WHERE id = ?`,
      id,
    );
    event(type, { id, store: "*", product: id }, { ...row });
  };
  const tellPlace = (id: string, type: string): void => {
    const row = get("SELECT name, active, version FROM stores WHERE id = ?", id);
    event(type, { id, store: id, product: null }, { ...row, active: row?.["active"] === 1 });
  };
  return {
    product(id, { name = `Product ${id}`, sku = `SKU-${id}`, category } = {}) {
      pen.now += 1000;
      insert("products", {
        id,
        sku,
        name,
        category: category ?? null,
        price: 1999,
        search: searchText(`${sku}\n${name}`),
        version: 1,
        created_at: pen.now,
        updated_at: pen.now,
      });
      tellProduct(id, "product.created");
    },
    changeProduct(id, name) {
      pen.now += 1000;
      const sql =
        "UPDATE products SET name = ?, version = version + 1, updated_at = ? WHERE id = ?";
      run(sql, name, pen.now, id);
      tellProduct(id, "product.updated");
    },
    archiveProduct(id) {
      pen.now += 1000;
      run("UPDATE products SET archived_at = ?, version = version + 1 WHERE id = ?", pen.now, id);
      tellProduct(id, "product.archived");
    },
    place(id, { name = `Store ${id}` } = {}) {
      pen.now += 1000;
      insert("stores", { id, name, version: 1, created_at: pen.now, updated_at: pen.now });
      tellPlace(id, "store.created");
    },
    changePlace(id, { active, archived, name }) {
      pen.now += 1000;
      if (active !== undefined)
        run("UPDATE stores SET active = ? WHERE id = ?", Number(active), id);
      if (name !== undefined) run("UPDATE stores SET name = ? WHERE id = ?", name, id);
      if (archived) run("UPDATE stores SET archived_at = ? WHERE id = ?", pen.now, id);
      tellPlace(id, archived ? "store.archived" : "store.updated");
    },
  };
}

function stockRows(pen: Pen): Pick<Rows, "receive" | "reorderAt" | "transfer"> {
  return {
    receive(product, store, units) {
      pen.now += 1000;
      const payload = { reason: "RESTOCK" };
      change(pen, product, store, { quantity: units, reserved: 0, type: null, payload });
    },
    reorderAt(product, store, point) {
      pen.now += 1000;
      const low = lowAt(pen, product, store);
      const sql = "UPDATE stock SET reorder_point = ? WHERE product_id = ? AND store_id = ?";
      pen.run(sql, point, product, store);
      count(pen, store, "low_rows", lowAt(pen, product, store) - low);
      const payload = { reorder_point: point };
      change(pen, product, store, { quantity: 0, reserved: 0, type: "stock.updated", payload });
    },
    transfer(id, product, from, to, units) {
      pen.now += 1000;
      const ends = [
        { store: from, quantity: -units, direction: "out" },
        { store: to, quantity: units, direction: "in" },
      ];
      for (const { store, quantity, direction } of ends) {
        const payload = { transfer_id: id, quantity: units, direction };
        change(pen, product, store, { quantity, reserved: 0, type: "stock.transferred", payload });
      }
    },
  };
}

function reservationRows(pen: Pen): Pick<Rows, "hold" | "extend" | "end"> {
  const { run, get, insert, event } = pen;
  const held = (id: string) => {
    const row = get("SELECT product_id, store_id, quantity FROM reservations WHERE id = ?", id);
    return {
      product: text(row?.["product_id"]),
      store: text(row?.["store_id"]),
      quantity: Number(row?.["quantity"]),
    };
  };
  return {
    hold({ id, product, store, customer = "customer-1", quantity = 1, group, ttlMs = 600_000 }) {
      pen.now += 1000;
      insert("reservations", {
        id,
        product_id: product,
        store_id: store,
        customer_id: customer,
        quantity,
        status: "PENDING",
        expires_at: pen.now + ttlMs,
        created_at: pen.now,
        group_id: group ?? null,
      });
      count(pen, store, "pending", 1);
      const [type, payload] = ["reservation.created", { reservation_id: id }];
      change(pen, product, store, { quantity: 0, reserved: quantity, type, payload, id });
    },
    extend(id, expiresAt) {
      pen.now += 1000;
      const sql = "UPDATE reservations SET expires_at = ?, updated_at = ? WHERE id = ?";
      run(sql, expiresAt, pen.now, id);
      const { product, store } = held(id);
      event("reservation.extended", { id, store, product }, { reservation_id: id });
    },
    end(id, status) {
      pen.now += 1000;
      const { product, store, quantity } = held(id);
      const sold = status === "CONFIRMED" ? quantity : 0;
      run(
        "UPDATE reservations SET status = ?, updated_at = ?, confirmed_quantity = ? WHERE id = ?",
        status,
        pen.now,
        status === "CONFIRMED" ? sold : null,
        id,
      );
      const word = status.toLowerCase();
      count(pen, store, "pending", -1);
      count(pen, store, word, 1);
      const [type, payload] = [`reservation.${word}`, { reservation_id: id }];
      change(pen, product, store, { quantity: -sold, reserved: -quantity, type, payload, id });
    },
  };
}

export function openRows(): Rows {
  const file = emptyFile();
  const pen = openPen(file.db);
  return {
    db: file.db,
    path: file.path,
    now: () => pen.now,
    seq: () => pen.seq,
    ...catalogRows(pen),
    ...stockRows(pen),
    ...reservationRows(pen),
    run: pen.run,
    close: file.close,
  };
}
