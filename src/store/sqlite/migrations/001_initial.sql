-- The first schema. The seed's tables and columns (products, stock, reservations, events, stores) with
-- what the product needs besides. Times are integer UTC milliseconds, prices integer cents, booleans 0/1.
-- STRICT: a value of the wrong type is refused by the database too.
--
-- Indexes are the largest cost of a write after the commit itself, so each one is there for a named
-- query (docs/decisions/0003), partial where it can be. test/contract/plans.sqlite.test.ts holds the plans.

CREATE TABLE products (
  -- Order of creation; lists page by it. An alias of the rowid, so it costs nothing.
  n            INTEGER PRIMARY KEY,
  id           TEXT    NOT NULL UNIQUE,
  sku          TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  description  TEXT,
  category     TEXT,
  price        INTEGER NOT NULL CHECK (price >= 0),
  -- SKU and name, lower case and without accents, for `search`.
  search       TEXT    NOT NULL,
  version      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  archived_at  INTEGER
) STRICT;

-- Product by SKU; and the rule that a SKU is free again once its product is archived.
CREATE UNIQUE INDEX products_by_sku ON products (sku) WHERE archived_at IS NULL;

CREATE TABLE stores (
  n            INTEGER PRIMARY KEY,
  id           TEXT    NOT NULL UNIQUE,
  name         TEXT    NOT NULL,
  address      TEXT,
  city         TEXT,
  country      TEXT,
  phone        TEXT,
  email        TEXT,
  active       INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  version      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  archived_at  INTEGER
) STRICT;

CREATE TABLE stock (
  id             TEXT    NOT NULL,
  product_id     TEXT    NOT NULL REFERENCES products (id),
  store_id       TEXT    NOT NULL REFERENCES stores (id),
  quantity       INTEGER NOT NULL DEFAULT 0 CHECK (quantity >= 0),
  reserved       INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  version        INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  reorder_point  INTEGER CHECK (reorder_point >= 0),
  updated_at     INTEGER NOT NULL,
  CHECK (reserved <= quantity),
  -- The seed's UNIQUE (product_id, store_id) as the table's own tree: a row is one look-up.
  PRIMARY KEY (product_id, store_id)
) STRICT, WITHOUT ROWID;

-- All products of a store. Quantities are not in it, so a sale does not write it.
CREATE INDEX stock_by_store ON stock (store_id, product_id);
-- Low stock by each row's own reorder point: only rows that have one.
CREATE INDEX stock_with_reorder_point ON stock (product_id, store_id) WHERE reorder_point IS NOT NULL;

CREATE TABLE reservations (
  -- Order of creation; lists are newest first by it.
  n                   INTEGER PRIMARY KEY,
  id                  TEXT    NOT NULL UNIQUE,
  product_id          TEXT    NOT NULL,
  store_id            TEXT    NOT NULL,
  customer_id         TEXT    NOT NULL,
  quantity            INTEGER NOT NULL CHECK (quantity > 0),
  -- Not IN (...): for a list of more than two, SQLite fills a temporary tree at every insert (measured:
  -- 2.1 µs an insert instead of 1.2).
  status              TEXT    NOT NULL CHECK (
    status = 'PENDING' OR status = 'CONFIRMED' OR status = 'CANCELLED' OR status = 'EXPIRED'
  ),
  expires_at          INTEGER NOT NULL,
  created_at          INTEGER NOT NULL,
  updated_at          INTEGER,
  group_id            TEXT,
  metadata            TEXT,
  confirmed_quantity  INTEGER CHECK (confirmed_quantity > 0),
  cancel_reason       TEXT,
  retaken_from        TEXT,
  retaken_by          TEXT,
  -- A reservation lives on a stock row. Never ON DELETE CASCADE: a live hold must not vanish.
  FOREIGN KEY (product_id, store_id) REFERENCES stock (product_id, store_id)
) STRICT;

-- The next due hold, and the due holds of the chain (expiry worker).
CREATE INDEX reservations_due ON reservations (expires_at) WHERE status = 'PENDING';
-- Due and pending holds of one row (exact expiry before each decision), and, by its first column, the
-- pick-up list of one store.
CREATE INDEX reservations_pending_by_row ON reservations (store_id, product_id, expires_at)
  WHERE status = 'PENDING';
-- Live holds and units of one customer (limits against hoarding): covering. One customer's
-- reservations, newest first: sorts numbers of this index alone.
CREATE INDEX reservations_by_customer ON reservations (customer_id, status, expires_at, quantity);
-- The reservations of a group.
CREATE INDEX reservations_by_group ON reservations (group_id) WHERE group_id IS NOT NULL;

-- The log. `seq` is gapless and in commit order.
CREATE TABLE events (
  seq             INTEGER PRIMARY KEY,
  id              TEXT    NOT NULL,
  event_type      TEXT    NOT NULL,
  aggregate_id    TEXT    NOT NULL,
  aggregate_type  TEXT    NOT NULL,
  store_id        TEXT    NOT NULL,
  product_id      TEXT,
  actor           TEXT    NOT NULL,
  request_id      TEXT    NOT NULL,
  payload         TEXT    NOT NULL,
  created_at      INTEGER NOT NULL,
  synced          INTEGER NOT NULL DEFAULT 0 CHECK (synced IN (0, 1)),
  synced_at       INTEGER
) STRICT;

-- History and time travel of one row, by seq (the rowid); also finds the reservations of a row.
CREATE INDEX events_by_row ON events (product_id, store_id);

CREATE TABLE log_head (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  log_id  TEXT    NOT NULL,
  epoch   INTEGER NOT NULL CHECK (epoch >= 1),
  seq     INTEGER NOT NULL CHECK (seq >= 0),
  -- Time of the last commit; commits never go back behind it, whatever the system clock does.
  at      INTEGER NOT NULL
) STRICT;

-- Kept answers of idempotency keys. `n` is the order of writing, by which old ones are pruned.
CREATE TABLE idempotency (
  n            INTEGER PRIMARY KEY,
  caller       TEXT    NOT NULL,
  key          TEXT    NOT NULL,
  fingerprint  TEXT    NOT NULL,
  request_id   TEXT    NOT NULL,
  -- The decision as JSON; the HTTP answer is a function of it.
  answer       TEXT    NOT NULL,
  -- The events of the effect, none for a refusal. No two records share an event (I8).
  first_seq    INTEGER,
  last_seq     INTEGER,
  created_at   INTEGER NOT NULL,
  UNIQUE (caller, key)
) STRICT;

-- Totals per store, maintained by each commit: a dashboard must not count ten million rows.
CREATE TABLE store_totals (
  store_id    TEXT    PRIMARY KEY,
  quantity    INTEGER NOT NULL DEFAULT 0,
  reserved    INTEGER NOT NULL DEFAULT 0,
  stock_rows  INTEGER NOT NULL DEFAULT 0,
  low_rows    INTEGER NOT NULL DEFAULT 0,
  pending     INTEGER NOT NULL DEFAULT 0,
  confirmed   INTEGER NOT NULL DEFAULT 0,
  cancelled   INTEGER NOT NULL DEFAULT 0,
  expired     INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Only hashes of secrets are stored. `stores` is a JSON list of ids, or "*".
CREATE TABLE api_keys (
  n             INTEGER PRIMARY KEY,
  id            TEXT    NOT NULL UNIQUE,
  name          TEXT    NOT NULL,
  role          TEXT    NOT NULL CHECK (role IN ('customer', 'channel', 'vendor', 'manager', 'admin')),
  stores        TEXT    NOT NULL,
  hash          BLOB    NOT NULL UNIQUE,
  created_at    INTEGER NOT NULL,
  expires_at    INTEGER,
  last_used_at  INTEGER
) STRICT;

CREATE TABLE sessions (
  hash        BLOB    PRIMARY KEY,
  caller      TEXT    NOT NULL,
  role        TEXT    NOT NULL,
  stores      TEXT    NOT NULL,
  subject     TEXT    NOT NULL,
  key_id      TEXT,
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
