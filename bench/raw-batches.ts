// The floor under the write path on a file: the rows of a reservation in durable transactions, with all indexes, and
// nothing else: no rules, nothing read, no HTTP, no threads. node bench/raw-batches.ts [batch size] [seconds]
// Prints JSON, as engine.ts does for run.ts.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../src/lib/ids.ts";
import { openForWriting } from "../src/store/sqlite/open.ts";

const batchSize = Number(process.argv[2] ?? 256);
const seconds = Number(process.argv[3] ?? 5);
const folder = mkdtempSync(join(tmpdir(), "onhand-raw-"));
const { db, close } = openForWriting(join(folder, "inventory.db"), Date.now(), newId);

/** Rows that a batch is spread over. */
const rows = 4_000;
const stores = ["A", "B", "C", "D"];
db.exec("PRAGMA foreign_keys = OFF; BEGIN");
const insertStock = db.prepare(
  "INSERT INTO stock (id, product_id, store_id, quantity, updated_at) VALUES (?, ?, ?, 100000000, 0)",
);
for (let row = 0; row < rows; row += 1) insertStock.run(newId(), ...placeOf(row));
db.exec("COMMIT");

function placeOf(row: number): readonly [string, string] {
  return [`p-${Math.floor(row / 4)}`, stores[row % 4] ?? "A"];
}

const updateStock = db.prepare(
  "UPDATE stock SET reserved = reserved + 1, version = version + 1 WHERE product_id = ? AND store_id = ?",
);
const insertReservation = db.prepare(`
  INSERT INTO reservations (id, product_id, store_id, customer_id, quantity, status, expires_at, created_at)
  VALUES (?, ?, ?, ?, 1, 'PENDING', ?, ?)`);
const insertEvent = db.prepare(`
  INSERT INTO events (seq, id, event_type, aggregate_id, aggregate_type, store_id, product_id, actor,
    request_id, payload, created_at)
  VALUES (?, ?, 'reservation.created', ?, 'reservation', ?, ?, 'key:bench', ?, ?, ?)`);
const insertAnswer = db.prepare(`
  INSERT INTO idempotency (caller, key, fingerprint, request_id, answer, first_seq, last_seq, created_at)
  VALUES ('key:bench', ?, ?, ?, ?, ?, ?, ?)`);
// As long as those of the service.
const payload = JSON.stringify({ reservation_id: newId(), note: "x".repeat(250) });
const answer = JSON.stringify({ reservation_id: newId(), note: "x".repeat(340) });
const fingerprint = "f".repeat(43);

let seq = 0;
function insert(at: number): void {
  seq += 1;
  const id = newId();
  const place = placeOf((Math.imul(seq, 2_654_435_761) >>> 0) % rows);
  updateStock.run(...place);
  insertReservation.run(id, ...place, `c-${seq}`, at + 3_600_000, at);
  insertEvent.run(seq, newId(), id, place[1], place[0], `r-${seq}`, payload, at);
  insertAnswer.run(`bench-${seq}`, fingerprint, `r-${seq}`, answer, seq, seq, at);
}

function measure(name: string): void {
  const [before, startedAt, cpuBefore] = [seq, performance.now(), process.cpuUsage()];
  while (performance.now() - startedAt < seconds * 1000) {
    db.exec("BEGIN IMMEDIATE");
    for (let n = 0; n < batchSize; n += 1) insert(Date.now());
    db.exec("COMMIT");
  }
  const count = seq - before;
  const perSecond = (count / (performance.now() - startedAt)) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const microseconds = (user + system) / count;
  process.stdout.write(`${JSON.stringify({ name, perSecond, microseconds })}\n`);
}

measure("(warm-up)");
measure("4,000 rows");
close();
rmSync(folder, { recursive: true, force: true });
