// The content of a large database, as statements that SQLite and PostgreSQL understand alike but for four words
// (`Dialect`). Everything is a function of a row's number, so nothing is looked up and nothing sorted:
//
//   the log    stores, products, stock rows, then round after round: a hold on each stock row, then its end
//   a round    ten of them; in the last, every tenth hold is still pending
//   holds end  by their round: six are sold, three cancelled, one has expired
//   time       even steps; a round takes half a day, and the last one ends when the database is filled
//
// The kept answers are those of the last round. `onhand verify` finds nothing on it: test/load/fill.test.ts.

import { stores, units } from "./shop.ts";

export interface Size {
  readonly rows: number;
  readonly reservations: number;
}

export interface Dialect {
  /** A table expression of the numbers 0 … count - 1, in a column `i`. */
  readonly numbers: (count: number) => string;
  /** A number as hexadecimal digits, so many. */
  readonly hex: (number: string, digits: number) => string;
  /** Milliseconds as the API writes times. */
  readonly iso: (ms: string) => string;
  readonly text: (number: string) => string;
}

export interface Step {
  readonly what: string;
  readonly sql: string;
}

const roundMs = 12 * 3_600_000;
const lifeMs = 24 * 3_600_000;
export const rounds = 10;
const endings = "CASE WHEN k < 6 THEN 'CONFIRMED' WHEN k < 9 THEN 'CANCELLED' ELSE 'EXPIRED' END";

export function eventsOf({ rows, reservations }: Size): number {
  return stores.length + rows / stores.length + rows + 2 * reservations - rows / 10;
}

/** The statements, in order, of a database that has its tables and nothing in them. */
export function fillSteps(size: Size, now: number, d: Dialect): readonly Step[] {
  const { rows } = size;
  if (size.reservations !== rows * rounds || rows % 40 !== 0) {
    throw new Error(`reservations are ${rounds} for each row, and rows a multiple of 40`);
  }
  const products = rows / stores.length;
  const events = eventsOf(size);
  const first = { products: stores.length, stock: stores.length + products };
  const holds = first.stock + rows;
  const startedAt = now - rounds * roundMs;

  const storeOf = (row: string): string =>
    `CASE ${row} % 4 ${stores.map((id, n) => `WHEN ${n} THEN '${id}'`).join(" ")} END`;
  const productOf = (row: string): string => `'p-' || ${d.text(`(${row}) / 4`)}`;
  // A double has room for the product.
  const at = (seq: string): string => `${startedAt} + (${seq}) * ${rounds * roundMs} / ${events}`;
  /** As UUIDv7: time first, so that an index grows at its end. The four digits tell kinds apart. */
  const id = (seq: string, kind: string): string => {
    const time = d.hex(at(seq), 12);
    return `substr(${time}, 1, 8) || '-' || substr(${time}, 9, 4) || '-7${kind}-8000-' || ${d.hex(seq, 12)}`;
  };
  const object = (fields: Readonly<Record<string, string>>): string =>
    `'{' || ${Object.entries(fields)
      .map(([name, value], n) => `'${n === 0 ? "" : ","}"${name}":' || ${value}`)
      .join(" || ")} || '}'`;
  const quoted = (text: string): string => `'"' || ${text} || '"'`;
  const numbers = (quantity: string, reserved: string): string =>
    object({ quantity: d.text(quantity), reserved: d.text(reserved) });
  const stock = (before: string, after: string, version: string): string =>
    object({ before, after, version: d.text(version) });

  const eventColumns =
    "seq, id, event_type, aggregate_id, aggregate_type, store_id, product_id, actor, request_id, payload, created_at";
  const event = (seq: string, columns: readonly string[]): string =>
    `${seq}, ${id(seq, "000")}, ${columns.join(", ")}, ${at(seq)}`;

  // Of the hold on row i in round k: how often the row was held before, and what was sold of it.
  const held = `k * ${2 * rows}`;
  const createdSeq = `(${holds} + ${held} + i + 1)`;
  const endedSeq =
    `(${holds} + ${held} + ${rows} + 1 + ` +
    `CASE WHEN k = ${rounds - 1} THEN i - i / 10 - 1 ELSE i END)`;
  const isPending = `(k = ${rounds - 1} AND i % 10 = 0)`;
  const soldBefore = "CASE WHEN k < 6 THEN k ELSE 6 END";
  const quantity = `(${units} - ${soldBefore})`;
  const reservationId = id(createdSeq, "001");
  const expiresAt = `CASE WHEN k = 9 AND i % 10 <> 0 THEN ${at(endedSeq)} ELSE ${at(createdSeq)} + ${lifeMs} END`;
  const customer = `'c-' || ${d.text(createdSeq)}`;
  const row = `(${d.numbers(rows)}) AS row`;
  const round = (k: number): string => `(SELECT i, ${k} AS k FROM ${row}) AS hold`;
  const told = {
    reservation_id: quoted(reservationId),
    quantity: "'1'",
    customer_id: quoted(customer),
    expires_at: quoted(d.iso(expiresAt)),
  };

  const createdEvents = (k: number): string => `
    INSERT INTO events (${eventColumns})
    SELECT ${event(createdSeq, [
      "'reservation.created'",
      reservationId,
      "'reservation'",
      storeOf("i"),
      productOf("i"),
      "'key:fill'",
      customer,
      object({
        ...told,
        stock: stock(numbers(quantity, "0"), numbers(quantity, "1"), "2 * k + 2"),
      }),
    ])}
    FROM ${round(k)} ORDER BY i`;
  const extraOf = (k: number): Readonly<Record<string, string>> =>
    k < 6 ? { confirmed_quantity: "'1'", released_quantity: "'0'" } : {};
  const endedEvents = (k: number): string => `
    INSERT INTO events (${eventColumns})
    SELECT ${event(endedSeq, [
      `'reservation.${k < 6 ? "confirmed" : k < 9 ? "cancelled" : "expired"}'`,
      reservationId,
      "'reservation'",
      storeOf("i"),
      productOf("i"),
      k < 9 ? "'key:fill'" : "'system:expiry'",
      customer,
      object({
        ...told,
        ...extraOf(k),
        stock: stock(
          numbers(quantity, "1"),
          numbers(`${quantity} - ${k < 6 ? 1 : 0}`, "0"),
          "2 * k + 3",
        ),
      }),
    ])}
    FROM ${round(k)} WHERE NOT ${isPending} ORDER BY i`;
  const reservations = (k: number): string => `
    INSERT INTO reservations (id, product_id, store_id, customer_id, quantity, status, expires_at,
      created_at, updated_at, confirmed_quantity)
    SELECT ${reservationId}, ${productOf("i")}, ${storeOf("i")}, ${customer}, 1,
      CASE WHEN ${isPending} THEN 'PENDING' ELSE ${endings} END, ${expiresAt}, ${at(createdSeq)},
      CASE WHEN ${isPending} THEN NULL ELSE ${at(endedSeq)} END,
      CASE WHEN k < 6 THEN 1 END
    FROM ${round(k)} ORDER BY i`;
  const reply = object({
    reply: object({
      kind: "'\"reservation\"'",
      reservation: object({
        id: quoted(reservationId),
        productId: quoted(productOf("i")),
        storeId: quoted(storeOf("i")),
        customerId: quoted(customer),
        quantity: "'1'",
        status: "'\"PENDING\"'",
        expiresAt: d.text(expiresAt),
        createdAt: d.text(at(createdSeq)),
        updatedAt: "'null'",
        groupId: "'null'",
        metadata: "'null'",
        confirmedQuantity: "'null'",
        cancelReason: "'null'",
        retakenFrom: "'null'",
        retakenBy: "'null'",
      }),
    }),
  });

  const catalogue: readonly Step[] = [
    {
      what: "stores",
      sql: `
        INSERT INTO stores (id, name, active, version, created_at, updated_at)
        SELECT ${storeOf("i")}, ${storeOf("i")}, 1, 1, ${at("i + 1")}, ${at("i + 1")}
        FROM (${d.numbers(stores.length)}) AS row ORDER BY i`,
    },
    {
      what: "events of stores",
      sql: `
        INSERT INTO events (${eventColumns})
        SELECT ${event("(i + 1)", [
          "'store.created'",
          storeOf("i"),
          "'store'",
          storeOf("i"),
          "NULL",
          "'key:fill'",
          "'fill'",
          object({
            name: quoted(storeOf("i")),
            address: "'null'",
            city: "'null'",
            country: "'null'",
            phone: "'null'",
            email: "'null'",
            active: "'true'",
            version: "'1'",
          }),
        ])}
        FROM (${d.numbers(stores.length)}) AS row ORDER BY i`,
    },
    {
      what: "products",
      sql: `
        INSERT INTO products (id, sku, name, price, search, version, created_at, updated_at)
        SELECT ${productOf("4 * i")}, 'SKU-' || ${productOf("4 * i")}, 'Product ' || ${productOf("4 * i")}, 950,
          'sku-' || ${productOf("4 * i")} || ' product ' || ${productOf("4 * i")}, 1,
          ${at(`(${first.products} + i + 1)`)}, ${at(`(${first.products} + i + 1)`)}
        FROM (${d.numbers(products)}) AS row ORDER BY i`,
    },
    {
      what: "events of products",
      sql: `
        INSERT INTO events (${eventColumns})
        SELECT ${event(`(${first.products} + i + 1)`, [
          "'product.created'",
          productOf("4 * i"),
          "'product'",
          "'*'",
          productOf("4 * i"),
          "'key:fill'",
          "'fill'",
          object({
            sku: quoted(`'SKU-' || ${productOf("4 * i")}`),
            name: quoted(`'Product ' || ${productOf("4 * i")}`),
            description: "'null'",
            category: "'null'",
            price: "'9.5'",
            version: "'1'",
          }),
        ])}
        FROM (${d.numbers(products)}) AS row ORDER BY i`,
    },
  ];
  const stockSeq = `(${first.stock} + i + 1)`;
  const lastOf = `CASE WHEN i % 10 = 0 THEN ${2 * rounds} ELSE ${2 * rounds + 1} END`;
  const stockSteps: readonly Step[] = [
    {
      what: "stock",
      sql: `
        INSERT INTO stock (id, product_id, store_id, quantity, reserved, version, updated_at)
        SELECT ${id(stockSeq, "002")}, ${productOf("i")}, ${storeOf("i")}, ${units - 6},
          CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END, ${lastOf}, ${now}
        FROM ${row} ORDER BY ${productOf("i")}, ${storeOf("i")}`,
    },
    {
      what: "events of stock",
      sql: `
        INSERT INTO events (${eventColumns})
        SELECT ${event(stockSeq, [
          "'stock.created'",
          id(stockSeq, "002"),
          "'stock'",
          storeOf("i"),
          productOf("i"),
          "'key:fill'",
          "'fill'",
          object({
            quantity_change: `'${units}'`,
            reason: "'\"INITIAL\"'",
            stock: stock(numbers("0", "0"), numbers(String(units), "0"), "1"),
          }),
        ])}
        FROM ${row} ORDER BY i`,
    },
  ];
  const holdSteps = Array.from({ length: rounds }, (_, k): readonly Step[] => [
    { what: `holds, round ${k + 1}`, sql: reservations(k) },
    { what: `events of holds, round ${k + 1}`, sql: createdEvents(k) },
    { what: `events of their ends, round ${k + 1}`, sql: endedEvents(k) },
  ]);
  return [
    ...catalogue,
    ...stockSteps,
    ...holdSteps.flat(),
    {
      what: "kept answers",
      sql: `
        INSERT INTO idempotency (caller, key, fingerprint, request_id, answer, first_seq, last_seq, created_at)
        SELECT 'key:fill', ${d.hex(`(i * 40503) % ${rows}`, 12)} || '-' || ${d.text("i")}, '${"f".repeat(43)}',
          ${customer}, ${reply}, ${createdSeq}, ${createdSeq}, ${at(createdSeq)}
        FROM ${round(rounds - 1)} ORDER BY i`,
    },
    {
      what: "totals",
      sql: `
        INSERT INTO store_totals (store_id, quantity, reserved, stock_rows, low_rows, pending, confirmed, cancelled, expired)
        SELECT s.store_id, s.quantity, s.reserved, s.n, 0, r.pending, r.confirmed, r.cancelled, r.expired
        FROM (SELECT store_id, sum(quantity) AS quantity, sum(reserved) AS reserved, count(*) AS n
            FROM stock GROUP BY store_id) AS s
          JOIN (SELECT store_id, sum(CASE status WHEN 'PENDING' THEN 1 ELSE 0 END) AS pending,
              sum(CASE status WHEN 'CONFIRMED' THEN 1 ELSE 0 END) AS confirmed,
              sum(CASE status WHEN 'CANCELLED' THEN 1 ELSE 0 END) AS cancelled,
              sum(CASE status WHEN 'EXPIRED' THEN 1 ELSE 0 END) AS expired
            FROM reservations GROUP BY store_id) AS r ON r.store_id = s.store_id`,
    },
    { what: "head", sql: `UPDATE log_head SET seq = ${events}, at = ${now}` },
  ];
}
