// What the audit of the log asks, one statement per question: each selects what breaks an invariant, as
// a sentence. On a sound database every one of them answers nothing. Sorting is left to SQLite, which
// goes to a temporary file where memory ends. Names are those of GUARANTEES.md.

import type { Check } from "../findings.ts";

const rowsWithoutStock: readonly Check[] = [
  {
    invariant: "I2",
    sql: `
      SELECT format('stock %s at %s: pending reservations hold units of it, and there is no such row',
        product_id, store_id)
      FROM (SELECT DISTINCT product_id, store_id FROM reservations WHERE status = 'PENDING') r
      WHERE NOT EXISTS (
        SELECT 1 FROM stock s WHERE s.product_id = r.product_id AND s.store_id = r.store_id)
      LIMIT ?`,
  },
  {
    invariant: "I3",
    sql: `
      SELECT format('stock %s at %s: the log has events of it, and there is no such row',
        product_id, store_id)
      FROM (
        SELECT DISTINCT product_id, store_id FROM events
        WHERE product_id IS NOT NULL AND store_id <> '*') e
      WHERE NOT EXISTS (
        SELECT 1 FROM stock s WHERE s.product_id = e.product_id AND s.store_id = e.store_id)
      LIMIT ?`,
  },
];

// One sort by id brings a reservation and all that the log says of its life together.
const reservationLives: Check = {
  invariant: "I5",
  sql: `
    SELECT format('reservation %s: %s, and the log says created %d, confirmed %d, cancelled %d, expired %d times',
      id, CASE sum(stored) WHEN 1 THEN 'is ' || max(status) ELSE 'is not stored' END,
      sum(created), sum(confirmed), sum(cancelled), sum(expired))
    FROM (
      SELECT id, status, 1 AS stored, 0 AS created, 0 AS confirmed, 0 AS cancelled, 0 AS expired
      FROM reservations
      UNION ALL
      SELECT aggregate_id, NULL, 0, event_type = 'reservation.created',
        event_type = 'reservation.confirmed', event_type = 'reservation.cancelled',
        event_type = 'reservation.expired'
      FROM events WHERE aggregate_type = 'reservation'
    )
    GROUP BY id
    HAVING sum(stored) <> 1 OR sum(created) <> 1
      OR sum(confirmed) <> (max(status) = 'CONFIRMED')
      OR sum(cancelled) <> (max(status) = 'CANCELLED')
      OR sum(expired) <> (max(status) = 'EXPIRED')
    LIMIT ?`,
};

const transfers: Check = {
  invariant: "I6",
  sql: `
    SELECT format('transfer %s: has %d events where 2 belong to it, and moves %d units in sum',
      transfer, count(*), sum(moved))
    FROM (
      SELECT json_extract(payload, '$.transfer_id') AS transfer,
        json_extract(payload, '$.stock.after.quantity')
          - json_extract(payload, '$.stock.before.quantity') AS moved
      FROM events WHERE event_type = 'stock.transferred')
    GROUP BY transfer HAVING count(*) <> 2 OR sum(moved) IS NOT 0
    LIMIT ?`,
};

const logOrder: readonly Check[] = [
  {
    invariant: "I7",
    sql: `
      SELECT format('the log has %d events from %d to %d, and its head is %d',
        events, first, last, head)
      FROM (
        SELECT (SELECT count(*) FROM events) AS events, (SELECT min(seq) FROM events) AS first,
          (SELECT max(seq) FROM events) AS last, (SELECT seq FROM log_head) AS head)
      WHERE events IS NOT head OR coalesce(first, 1) <> 1 OR coalesce(last, 0) IS NOT head
      LIMIT ?`,
  },
  {
    invariant: "I7",
    sql: `
      SELECT format('the log has nothing between %d and %d',
        (SELECT max(seq) FROM events WHERE seq < e.seq), seq)
      FROM events e
      WHERE seq > 1 AND NOT EXISTS (SELECT 1 FROM events WHERE seq = e.seq - 1)
      LIMIT ?`,
  },
  {
    // Time travel and the bounds of a history find their place in the log by halving: they rest on this.
    invariant: "I7",
    sql: `
      SELECT format('event %d: its time %d lies before that of the event before it, %d',
        seq, created_at, earlier)
      FROM (SELECT seq, created_at, lag(created_at) OVER (ORDER BY seq) AS earlier FROM events)
      WHERE created_at < earlier
      LIMIT ?`,
  },
];

const keptAnswers: readonly Check[] = [
  {
    // From the table, not from the index that forbids it.
    invariant: "I8",
    sql: `
      SELECT format('idempotency key %s of %s: has %d answers where one is kept',
        key, caller, count(*))
      FROM idempotency NOT INDEXED GROUP BY caller, key HAVING count(*) > 1
      LIMIT ?`,
  },
  {
    invariant: "I8",
    sql: `
      SELECT format('idempotency key %s of %s: its events %s to %s are not in the log',
        key, caller, first_seq, last_seq)
      FROM idempotency
      WHERE (first_seq IS NULL) <> (last_seq IS NULL) OR first_seq > last_seq
        OR first_seq < 1 OR last_seq > (SELECT seq FROM log_head)
      LIMIT ?`,
  },
  {
    invariant: "I8",
    sql: `
      SELECT format('idempotency key %s of %s: its events from %d belong to another key too, up to %d',
        key, caller, first_seq, reached)
      FROM (
        SELECT caller, key, first_seq, max(last_seq) OVER (
          ORDER BY first_seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
        FROM idempotency WHERE first_seq IS NOT NULL)
      WHERE first_seq <= reached
      LIMIT ?`,
  },
];

const salesInTime: Check = {
  // One that was taken again is made and sold in the same instant.
  invariant: "I10",
  sql: `
    SELECT format('reservation %s: was confirmed at %d and its hold ended at %d',
      id, updated_at, expires_at)
    FROM reservations
    WHERE status = 'CONFIRMED' AND CASE WHEN retaken_from IS NULL
      THEN updated_at IS NULL OR updated_at >= expires_at
      ELSE updated_at IS NOT created_at END
    LIMIT ?`,
};

export const logChecks: readonly Check[] = [
  ...rowsWithoutStock,
  reservationLives,
  transfers,
  ...logOrder,
  ...keptAnswers,
  salesInTime,
];

/** Per store what the maintained totals say, and what they should, in the order of their columns. */
export const totalsSql = {
  stored: `
    SELECT store_id, quantity, reserved, stock_rows, low_rows, pending, confirmed, cancelled, expired
    FROM store_totals`,
  stock: `
    SELECT store_id, sum(quantity), sum(reserved), count(*),
      sum(reorder_point IS NOT NULL AND quantity - reserved <= reorder_point)
    FROM stock NOT INDEXED GROUP BY store_id`,
  reservations: `
    SELECT store_id, sum(status = 'PENDING'), sum(status = 'CONFIRMED'), sum(status = 'CANCELLED'),
      sum(status = 'EXPIRED')
    FROM reservations NOT INDEXED GROUP BY store_id`,
} as const;
