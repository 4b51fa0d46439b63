// What the audit of the log asks, one statement per question: each selects what breaks an invariant, as
// a sentence. On a sound database every one of them answers nothing. Sorting is left to PostgreSQL, which
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
      LIMIT $1`,
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
      LIMIT $1`,
  },
];

// One sort by id brings a reservation and all that the log says of its life together.
const reservationLives: Check = {
  invariant: "I5",
  sql: `
    SELECT format('reservation %s: %s, and the log says created %s, confirmed %s, cancelled %s, expired %s times',
      id, CASE sum(stored) WHEN 1 THEN 'is ' || max(status) ELSE 'is not stored' END,
      sum(created), sum(confirmed), sum(cancelled), sum(expired))
    FROM (
      SELECT id, status, 1 AS stored, 0 AS created, 0 AS confirmed, 0 AS cancelled, 0 AS expired
      FROM reservations
      UNION ALL
      SELECT aggregate_id, NULL, 0, (event_type = 'reservation.created')::integer,
        (event_type = 'reservation.confirmed')::integer,
        (event_type = 'reservation.cancelled')::integer,
        (event_type = 'reservation.expired')::integer
      FROM events WHERE aggregate_type = 'reservation') lives
    GROUP BY id
    HAVING sum(stored) <> 1 OR sum(created) <> 1
      OR sum(confirmed) <> (max(status) = 'CONFIRMED')::integer
      OR sum(cancelled) <> (max(status) = 'CANCELLED')::integer
      OR sum(expired) <> (max(status) = 'EXPIRED')::integer
    LIMIT $1`,
};

const transfers: Check = {
  invariant: "I6",
  sql: `
    SELECT format('transfer %s: has %s events where 2 belong to it, and moves %s units in sum',
      transfer, count(*), sum(moved))
    FROM (
      SELECT payload::json ->> 'transfer_id' AS transfer,
        (payload::json #>> '{stock,after,quantity}')::bigint
          - (payload::json #>> '{stock,before,quantity}')::bigint AS moved
      FROM events WHERE event_type = 'stock.transferred') halves
    GROUP BY transfer HAVING count(*) <> 2 OR sum(moved) IS DISTINCT FROM 0
    LIMIT $1`,
};

const logOrder: readonly Check[] = [
  {
    invariant: "I7",
    sql: `
      SELECT format('the log has %s events from %s to %s, and its head is %s',
        events, first, last, head)
      FROM (
        SELECT (SELECT count(*) FROM events) AS events, (SELECT min(seq) FROM events) AS first,
          (SELECT max(seq) FROM events) AS last, (SELECT seq FROM log_head) AS head) log
      WHERE events IS DISTINCT FROM head OR coalesce(first, 1) <> 1
        OR coalesce(last, 0) IS DISTINCT FROM head
      LIMIT $1`,
  },
  {
    invariant: "I7",
    sql: `
      SELECT format('the log has nothing between %s and %s', earlier, seq)
      FROM (SELECT seq, lag(seq, 1, 0::bigint) OVER (ORDER BY seq) AS earlier FROM events) log
      WHERE seq <> earlier + 1
      LIMIT $1`,
  },
  {
    // Time travel and the bounds of a history find their place in the log by halving: they rest on this.
    invariant: "I7",
    sql: `
      SELECT format('event %s: its time %s lies before that of the event before it, %s',
        seq, created_at, earlier)
      FROM (SELECT seq, created_at, lag(created_at) OVER (ORDER BY seq) AS earlier FROM events) log
      WHERE created_at < earlier
      LIMIT $1`,
  },
];

const keptAnswers: readonly Check[] = [
  {
    // From the table: the subquery has no order and a column that is in no index, so that the one which
    // forbids it is not read instead.
    invariant: "I8",
    sql: `
      SELECT format('idempotency key %s of %s: has %s answers where one is kept',
        key, caller, count(created_at))
      FROM (SELECT caller, key, created_at FROM idempotency OFFSET 0) answers
      GROUP BY caller, key HAVING count(created_at) > 1
      LIMIT $1`,
  },
  {
    invariant: "I8",
    sql: `
      SELECT format('idempotency key %s of %s: its events %s to %s are not in the log',
        key, caller, first_seq, last_seq)
      FROM idempotency
      WHERE (first_seq IS NULL) <> (last_seq IS NULL) OR first_seq > last_seq
        OR first_seq < 1 OR last_seq > (SELECT seq FROM log_head)
      LIMIT $1`,
  },
  {
    invariant: "I8",
    sql: `
      SELECT format('idempotency key %s of %s: its events from %s belong to another key too, up to %s',
        key, caller, first_seq, reached)
      FROM (
        SELECT caller, key, first_seq, max(last_seq) OVER (
          ORDER BY first_seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
        FROM idempotency WHERE first_seq IS NOT NULL) effects
      WHERE first_seq <= reached
      LIMIT $1`,
  },
];

const salesInTime: Check = {
  // One that was taken again is made and sold in the same instant.
  invariant: "I10",
  sql: `
    SELECT format('reservation %s: was confirmed at %s and its hold ended at %s',
      id, updated_at, expires_at)
    FROM reservations
    WHERE status = 'CONFIRMED' AND CASE WHEN retaken_from IS NULL
      THEN updated_at IS NULL OR updated_at >= expires_at
      ELSE updated_at IS DISTINCT FROM created_at END
    LIMIT $1`,
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
    SELECT store_id, sum(quantity)::bigint, sum(reserved)::bigint, count(*),
      count(*) FILTER (WHERE quantity - reserved <= reorder_point)
    FROM stock GROUP BY store_id`,
  reservations: `
    SELECT store_id, count(*) FILTER (WHERE status = 'PENDING'),
      count(*) FILTER (WHERE status = 'CONFIRMED'), count(*) FILTER (WHERE status = 'CANCELLED'),
      count(*) FILTER (WHERE status = 'EXPIRED')
    FROM reservations GROUP BY store_id`,
} as const;
