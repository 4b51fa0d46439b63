// What each index costs a reservation: rows as the write path makes them, inserted in durable
// transactions of 64, with the whole schema and with one index left out, in turn so that a machine whose
// speed drifts drifts for both. Prints the median difference. node bench/indexes.ts [rounds]

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { must } from "../src/lib/assert.ts";
import { newId } from "../src/lib/ids.ts";
import { openForWriting } from "../src/store/sqlite/open.ts";

const rounds = Number(process.argv[2] ?? 7);
const batches = 150;
const batchSize = 64;
const indexes = [
  "reservations_due",
  "reservations_pending_by_row",
  "reservations_by_customer",
  "events_by_row",
];
const folder = mkdtempSync(join(tmpdir(), "onhand-indexes-"));
const payload = JSON.stringify({ reservation_id: newId(), note: "x".repeat(250) });

interface Variant {
  readonly name: string;
  readonly run: () => number;
  readonly microseconds: number[];
}

/** A database without one index, and the function that inserts a round into it: µs of processor time each. */
function variant(name: string): Variant {
  const file = openForWriting(join(folder, `${name}.db`), Date.now(), newId);
  const { db } = file;
  db.exec("PRAGMA foreign_keys = OFF");
  if (name !== "all") db.exec(`DROP INDEX ${name}`);
  const insert = inserter(db);
  const run = (): number => {
    const before = process.cpuUsage();
    for (let batch = 0; batch < batches; batch += 1) {
      db.exec("BEGIN IMMEDIATE");
      for (let line = 0; line < batchSize; line += 1) insert();
      db.exec("COMMIT");
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (batches * batchSize);
  };
  return { name, run, microseconds: [] };
}

function inserter(db: DatabaseSync): () => void {
  const reservation = db.prepare(`
    INSERT INTO reservations (id, product_id, store_id, customer_id, quantity, status, expires_at, created_at)
    VALUES (?, ?, ?, ?, 1, 'PENDING', ?, ?)`);
  const event = db.prepare(`
    INSERT INTO events (id, event_type, aggregate_id, aggregate_type, store_id, product_id, actor,
      request_id, payload, created_at)
    VALUES (?, 'reservation.created', ?, 'reservation', ?, ?, 'key:bench', 'bench', ?, ?)`);
  let made = 0;
  return () => {
    made += 1;
    const id = newId();
    const at = Date.now();
    // 1,000 products in 4 stores, in an order that is not that of the keys; customers at random.
    const product = `p-${(made * 617) % 1000}`;
    const store = `s-${made % 4}`;
    reservation.run(id, product, store, newId().slice(-12), at + 600_000, at);
    event.run(newId(), id, store, product, payload, at);
  };
}

function median(values: readonly number[]): number {
  return must([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)], "a round has run");
}

const whole = variant("all");
const without = indexes.map(variant);
for (const { run } of [whole, ...without]) run();
for (let round = 0; round < rounds; round += 1) {
  for (const one of [whole, ...without]) one.microseconds.push(one.run());
}
process.stdout.write(
  `the rows of a reservation, all indexes: ${median(whole.microseconds).toFixed(1)} µs\n`,
);
for (const { name, microseconds } of without) {
  const saved = whole.microseconds.map((all, round) => all - (microseconds[round] ?? 0));
  process.stdout.write(`${name.padEnd(34)}${median(saved).toFixed(1).padStart(5)} µs\n`);
}
rmSync(folder, { recursive: true, force: true });
