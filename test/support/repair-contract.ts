// What a repair promises on either database: what drifted from the log is as the log says, with events on top that
// say who and why; the log as it was is not touched; and what no event can mend is named and left.

import assert from "node:assert/strict";
import { test } from "node:test";
import { auditAll } from "../../src/cli/audit.ts";
import type { DatabaseConfig } from "../../src/config-database.ts";
import { openBeside, openDatabase, repairDatabase } from "../../src/database.ts";
import type { Repairs } from "../../src/store/repairing.ts";
import type { Finding } from "../../src/store/store.ts";
import * as say from "./commands.ts";

type Row = Readonly<Record<string, unknown>>;

/** A copy of what `fill` made, of the test's own. */
export interface Copy {
  readonly database: DatabaseConfig;
  /** Past the checks of the schema. */
  plant(sql: string): Promise<void>;
  read(sql: string): Promise<readonly Row[]>;
}

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
export const open = (database: DatabaseConfig) => openDatabase(database, { limits, notify: false });

export async function fill(database: DatabaseConfig): Promise<void> {
  const store = await open(database);
  const commands = [
    say.createStore("MAD"),
    say.createStore("BCN"),
    say.createProduct("mug"),
    say.changeStock({ amount: 50 }),
    say.changeStock({ storeId: "BCN", amount: 50 }),
    say.setStock({ reorderPoint: 5 }),
    say.reserve("open", 2, { metadata: '{"till":1}' }),
    say.reserve("sold", 3),
    say.reserve("left", 1),
    say.extend("open", 3_600_000),
    say.confirm("sold"),
    say.cancel("left", { reason: "in words" }),
    say.transfer({ quantity: 4 }),
  ];
  for (const { result } of await store.commit(commands)) assert.ok("reply" in result);
  await store.close();
}

async function findingsOf(database: DatabaseConfig): Promise<readonly Finding[]> {
  const store = await openBeside(database);
  try {
    return (await auditAll(store)).findings;
  } finally {
    await store.close();
  }
}

/** Everything that a repair may write to, but the head of the log, which is the last of its events. */
async function see({ read }: Copy) {
  const log = await read("SELECT * FROM events ORDER BY seq");
  const rows = [
    await read("SELECT * FROM stock ORDER BY product_id, store_id"),
    await read("SELECT * FROM reservations ORDER BY id"),
    await read("SELECT * FROM store_totals ORDER BY store_id"),
  ];
  return { log, rows };
}

const row = "product_id = 'mug' AND store_id = 'MAD'";

/** Each with what is said of it. */
const mendable: readonly (readonly [title: string, sql: string, words: RegExp])[] = [
  [
    "more reserved than the holds have",
    `UPDATE stock SET reserved = reserved + 1 WHERE ${row}`,
    /reserved: 3 becomes 2, as the log says/,
  ],
  [
    "another quantity",
    `UPDATE stock SET quantity = quantity - 7 WHERE ${row}`,
    /quantity: 36 becomes 43, as the log says/,
  ],
  [
    "another version",
    `UPDATE stock SET version = version + 5 WHERE ${row}`,
    /version: \d+ becomes \d+, as the log says/,
  ],
  [
    "a hold of other units",
    "UPDATE reservations SET quantity = 9 WHERE id = 'open'",
    /reservation open: PENDING with 9 becomes PENDING with 2/,
  ],
  [
    "a hold that the table says is given up",
    "UPDATE reservations SET status = 'CANCELLED' WHERE id = 'open'",
    /reservation open: CANCELLED with 2 becomes PENDING with 2/,
  ],
  [
    "a hold that is gone",
    "DELETE FROM reservations WHERE id = 'open'",
    /reservation open: missing becomes PENDING with 2/,
  ],
  [
    "a sale that the table says is pending",
    "UPDATE reservations SET status = 'PENDING', confirmed_quantity = NULL WHERE id = 'sold'",
    /reservation sold: PENDING with 3 becomes CONFIRMED with 3/,
  ],
  [
    "a reservation that was given up, and is gone",
    "DELETE FROM reservations WHERE id = 'left'",
    /reservation left: missing becomes CANCELLED with 1/,
  ],
  [
    "totals that count something else",
    "UPDATE store_totals SET quantity = quantity + 1, pending = 0 WHERE store_id = 'MAD'",
    /store MAD: its totals are counted again/,
  ],
  [
    "units that the log itself counts as reserved, and no hold has",
    `INSERT INTO events
       (seq, id, event_type, aggregate_id, aggregate_type, store_id, product_id, actor, request_id,
        payload, created_at)
     SELECT h.seq + 1, 'by-hand', 'stock.updated', s.id, 'stock', 'MAD', 'mug', 'x', 'x',
       '{"stock":{"before":{"quantity":43,"reserved":2},"after":{"quantity":43,"reserved":6},"version":' || (s.version + 1) || '}}', h.at
     FROM log_head h, stock s WHERE s.product_id = 'mug' AND s.store_id = 'MAD';
     UPDATE log_head SET seq = seq + 1;
     UPDATE stock SET reserved = 6, version = version + 1 WHERE ${row};
     UPDATE store_totals SET reserved = reserved + 4 WHERE store_id = 'MAD'`,
    /reserved: the log says 6 and becomes 2, which its holds have/,
  ],
];

const unmendable: readonly (readonly [title: string, sql: string, words: RegExp])[] = [
  [
    "a gap in the log",
    "DELETE FROM events WHERE seq = 1",
    /the log is not edited; restore a backup from before/,
  ],
  [
    "a reservation that ended twice",
    `UPDATE events SET event_type = 'reservation.cancelled', aggregate_id = 'sold'
     WHERE event_type = 'reservation.cancelled'`,
    /is of the reservation sold after it was CONFIRMED/,
  ],
  [
    "an event of the row that is gone",
    "DELETE FROM events WHERE event_type = 'reservation.confirmed'",
    /event \d+ does not go on where the one before it ended/,
  ],
  [
    "a hold that the log does not know",
    `INSERT INTO reservations
       (id, product_id, store_id, customer_id, quantity, status, expires_at, created_at)
     VALUES ('by-hand', 'mug', 'MAD', 'x', 1, 'PENDING', 9999999999999, 1)`,
    /reservation by-hand is PENDING, and the log of the row does not know it/,
  ],
];

const wish = { actor: "user:ann", reason: "ticket 4711" };

export function repairContract(copied: () => Promise<Copy>): void {
  async function broken(sql: string) {
    const copy = await copied();
    const { database, plant } = copy;
    const sound = await see(copy);
    await plant(sql);
    const findings = await findingsOf(database);
    assert.notDeepEqual(findings, [], "the audit finds it");
    const repair = (write: boolean): Promise<Repairs> =>
      repairDatabase(database, { ...wish, findings, write });
    return { copy, database, sound, before: await see(copy), repair };
  }

  for (const [title, sql, words] of mendable) {
    test(`mends ${title}, and says so in the log`, async () => {
      const { copy, database, sound, before, repair } = await broken(sql);
      const proposed = await repair(false);
      assert.match(proposed.done.join("\n"), words);
      assert.deepEqual(await see(copy), before, "a proposal changes nothing");

      assert.deepEqual(await repair(true), { done: proposed.done, left: [] });
      assert.deepEqual(await findingsOf(database), []);
      const after = await see(copy);
      assert.deepEqual(after.log.slice(0, before.log.length), before.log, "the log only grows");
      const news = after.log.slice(before.log.length);
      for (const { event_type: type, actor, payload } of news) {
        assert.deepEqual([type, actor], ["stock.updated", "user:ann"]);
        const { reason, note, quantity_change } = JSON.parse(String(payload));
        assert.deepEqual([reason, note, quantity_change], ["CORRECTION", "ticket 4711", 0]);
      }
      assert.equal(news.length, title.startsWith("totals") ? 0 : 1);
      // What the service works with is as it was before anything was broken, but for versions and times.
      assert.deepEqual(withoutTimes(after.rows), withoutTimes(sound.rows));
    });
  }

  test("leaves a database that goes on as if nothing had been: a hold that was gone is sold", async () => {
    const { database, repair } = await broken("DELETE FROM reservations WHERE id = 'open'");
    await repair(true);
    const store = await open(database);
    const [outcome] = await store.commit([say.confirm("open")]);
    await store.close();
    assert.ok(outcome !== undefined && "reply" in outcome.result);
    assert.deepEqual(await findingsOf(database), []);
  });

  test("gives back what no hold has of a row that was written to since, and says what stays in the log", async () => {
    const { database, plant } = await copied();
    await plant(`UPDATE stock SET reserved = reserved + 4 WHERE ${row}`);
    const store = await open(database);
    await store.commit([say.changeStock({ amount: 1 })]);
    await store.close();
    const findings = await findingsOf(database);
    const { done, left } = await repairDatabase(database, { ...wish, findings, write: true });
    assert.match(done.join("\n"), /reserved: the log says 6 and becomes 2, which its holds have/);
    assert.match(left.join("\n"), /event \d+ begins at other numbers.* stays in the log; count/);
    const invariants = new Set((await findingsOf(database)).map(({ invariant }) => invariant));
    assert.deepEqual([...invariants], ["I3"]);
  });

  for (const [title, sql, words] of unmendable) {
    test(`names ${title}, and leaves it`, async () => {
      const { copy, before, repair } = await broken(sql);
      const { left } = await repair(true);
      assert.match(left.join("\n"), words);
      assert.deepEqual((await see(copy)).log, before.log);
    });
  }
}

/** `metadata` and the order in which rows were stored are in no event: of a reservation that is gone they are lost. */
function withoutTimes(rows: unknown): unknown {
  return JSON.parse(
    JSON.stringify(rows, (name, value: unknown) =>
      ["version", "updated_at", "metadata", "n"].includes(name) ? undefined : value,
    ),
  );
}
