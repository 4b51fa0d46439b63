-- The first schema: the tables and columns of the SQLite adapter, so that a row may be copied as it is and
-- the same statements are asked of both. Times are integer UTC milliseconds, prices integer cents, booleans
-- 0/1. Every text is compared by its bytes (COLLATE "C"), as SQLite does: locks are taken in that order, and
-- lists page by it, whatever the language of the cluster.
--
-- Indexes are the largest cost of a write after the commit itself, so each one is there for a named
-- query (docs/decisions/0003), partial where it can be. test/contract/plans.pg.test.ts holds the plans.
--
-- fillfactor: rows that change all the time leave room beside them, so that a new version of one stays on its
-- page and no index is touched (heap-only tuples).

CREATE TABLE products (
  -- Order of creation; lists page by it.
  n            bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id           text     COLLATE "C" NOT NULL UNIQUE,
  sku          text     COLLATE "C" NOT NULL,
  name         text     COLLATE "C" NOT NULL,
  description  text     COLLATE "C",
  category     text     COLLATE "C",
  price        bigint   NOT NULL CHECK (price >= 0),
  -- SKU and name, lower case and without accents, for `search`.
  search       text     COLLATE "C" NOT NULL,
  version      bigint   NOT NULL,
  created_at   bigint   NOT NULL,
  updated_at   bigint   NOT NULL,
  archived_at  bigint
);

-- Product by SKU; and the rule that a SKU is free again once its product is archived.
CREATE UNIQUE INDEX products_by_sku ON products (sku) WHERE archived_at IS NULL;

CREATE TABLE stores (
  n            bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id           text     COLLATE "C" NOT NULL UNIQUE,
  name         text     COLLATE "C" NOT NULL,
  address      text     COLLATE "C",
  city         text     COLLATE "C",
  country      text     COLLATE "C",
  phone        text     COLLATE "C",
  email        text     COLLATE "C",
  active       smallint NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  version      bigint   NOT NULL,
  created_at   bigint   NOT NULL,
  updated_at   bigint   NOT NULL,
  archived_at  bigint
);

CREATE TABLE stock (
  id             text   COLLATE "C" NOT NULL,
  product_id     text   COLLATE "C" NOT NULL REFERENCES products (id),
  store_id       text   COLLATE "C" NOT NULL REFERENCES stores (id),
  quantity       bigint NOT NULL DEFAULT 0 CHECK (quantity >= 0),
  reserved       bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  version        bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
  reorder_point  bigint CHECK (reorder_point >= 0),
  updated_at     bigint NOT NULL,
  CHECK (reserved <= quantity),
  PRIMARY KEY (product_id, store_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- All products of a store. Quantities are not in it, so a sale does not write it.
CREATE INDEX stock_by_store ON stock (store_id, product_id);
-- Low stock by each row's own reorder point: only rows that have one.
CREATE INDEX stock_with_reorder_point ON stock (product_id, store_id) WHERE reorder_point IS NOT NULL;

CREATE TABLE reservations (
  -- Order of creation; lists are newest first by it.
  n                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id                  text   COLLATE "C" NOT NULL UNIQUE,
  product_id          text   COLLATE "C" NOT NULL,
  store_id            text   COLLATE "C" NOT NULL,
  customer_id         text   COLLATE "C" NOT NULL,
  quantity            bigint NOT NULL CHECK (quantity > 0),
  status              text   COLLATE "C" NOT NULL CHECK (
    status IN ('PENDING', 'CONFIRMED', 'CANCELLED', 'EXPIRED')
  ),
  expires_at          bigint NOT NULL,
  -- When a hold that counts ends; null: it has ended.
  due_at              bigint GENERATED ALWAYS AS (CASE WHEN status = 'PENDING' THEN expires_at END) STORED,
  created_at          bigint NOT NULL,
  updated_at          bigint,
  group_id            text   COLLATE "C",
  metadata            text   COLLATE "C",
  confirmed_quantity  bigint CHECK (confirmed_quantity > 0),
  cancel_reason       text   COLLATE "C",
  retaken_from        text   COLLATE "C",
  retaken_by          text   COLLATE "C",
  -- A reservation lives on a stock row. Never ON DELETE CASCADE: a live hold must not vanish.
  FOREIGN KEY (product_id, store_id) REFERENCES stock (product_id, store_id)
);

-- The next due hold, and the due holds of the chain (expiry worker). On a column of its own, so that only
-- those queries can take it: on expires_at, partial as the next one, the planner likes it for the holds of
-- one row, too, while the table is small, and then goes on reading those of the whole chain.
CREATE INDEX reservations_due ON reservations (due_at) WHERE due_at IS NOT NULL;
-- Due and pending holds of one row (exact expiry before each decision), and, by its first column, the
-- pick-up list of one store.
CREATE INDEX reservations_pending_by_row ON reservations (store_id, product_id, expires_at)
  WHERE status = 'PENDING';
-- Live holds and units of one customer (limits against hoarding). One customer's reservations, newest
-- first: sorts numbers of this index alone.
CREATE INDEX reservations_by_customer ON reservations (customer_id, status, expires_at)
  INCLUDE (quantity, n);
-- The reservations of a group.
CREATE INDEX reservations_by_group ON reservations (group_id) WHERE group_id IS NOT NULL;

-- The log. `seq` is gapless and in commit order.
CREATE TABLE events (
  seq             bigint   PRIMARY KEY,
  id              text     COLLATE "C" NOT NULL,
  event_type      text     COLLATE "C" NOT NULL,
  aggregate_id    text     COLLATE "C" NOT NULL,
  aggregate_type  text     COLLATE "C" NOT NULL,
  store_id        text     COLLATE "C" NOT NULL,
  product_id      text     COLLATE "C",
  actor           text     COLLATE "C" NOT NULL,
  request_id      text     COLLATE "C" NOT NULL,
  payload         text     COLLATE "C" NOT NULL,
  created_at      bigint   NOT NULL,
  synced          smallint NOT NULL DEFAULT 0 CHECK (synced IN (0, 1)),
  synced_at       bigint
);

-- History and time travel of one row, by seq; also finds the reservations of a row.
CREATE INDEX events_by_row ON events (product_id, store_id, seq);

-- The sequencer: one row, the last lock of every commit.
CREATE TABLE log_head (
  id      integer PRIMARY KEY CHECK (id = 1),
  log_id  text    COLLATE "C" NOT NULL,
  epoch   bigint  NOT NULL CHECK (epoch >= 1),
  seq     bigint  NOT NULL CHECK (seq >= 0),
  -- Time of the last commit; commits never go back behind it, whatever the system clock does.
  at      bigint  NOT NULL
) WITH (fillfactor = 10);

-- Kept answers of idempotency keys. `n` is the order of writing, by which old ones are pruned.
CREATE TABLE idempotency (
  n            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  caller       text   COLLATE "C" NOT NULL,
  key          text   COLLATE "C" NOT NULL,
  fingerprint  text   COLLATE "C" NOT NULL,
  request_id   text   COLLATE "C" NOT NULL,
  -- The decision as JSON; the HTTP answer is a function of it.
  answer       text   COLLATE "C" NOT NULL,
  -- The events of the effect, none for a refusal. No two records share an event (I8).
  first_seq    bigint,
  last_seq     bigint,
  created_at   bigint NOT NULL,
  UNIQUE (caller, key)
);

-- Totals per store, maintained by each commit: a dashboard must not count ten million rows.
CREATE TABLE store_totals (
  store_id    text   COLLATE "C" PRIMARY KEY,
  quantity    bigint NOT NULL DEFAULT 0,
  reserved    bigint NOT NULL DEFAULT 0,
  stock_rows  bigint NOT NULL DEFAULT 0,
  low_rows    bigint NOT NULL DEFAULT 0,
  pending     bigint NOT NULL DEFAULT 0,
  confirmed   bigint NOT NULL DEFAULT 0,
  cancelled   bigint NOT NULL DEFAULT 0,
  expired     bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);

-- Only hashes of secrets are stored. `stores` is a JSON list of ids, or "*".
CREATE TABLE api_keys (
  n             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id            text   COLLATE "C" NOT NULL UNIQUE,
  name          text   COLLATE "C" NOT NULL,
  role          text   COLLATE "C" NOT NULL
    CHECK (role IN ('customer', 'channel', 'vendor', 'manager', 'admin')),
  stores        text   COLLATE "C" NOT NULL,
  hash          bytea  NOT NULL UNIQUE,
  created_at    bigint NOT NULL,
  expires_at    bigint,
  last_used_at  bigint
);

CREATE TABLE sessions (
  hash        bytea  PRIMARY KEY,
  caller      text   COLLATE "C" NOT NULL,
  role        text   COLLATE "C" NOT NULL,
  stores      text   COLLATE "C" NOT NULL,
  subject     text   COLLATE "C" NOT NULL,
  key_id      text   COLLATE "C",
  created_at  bigint NOT NULL,
  expires_at  bigint NOT NULL
);
