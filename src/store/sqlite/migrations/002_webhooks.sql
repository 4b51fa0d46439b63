-- Where events are sent to. `types` and `stores` are JSON lists, or "*". A secret is kept as it is: each delivery is
-- signed with it. `cursor` is the seq up to which all is dealt with; `attempts` failed ones since, of the next.
CREATE TABLE webhooks (
  n                 INTEGER PRIMARY KEY,
  id                TEXT    NOT NULL UNIQUE,
  url               TEXT    NOT NULL,
  description       TEXT,
  types             TEXT    NOT NULL,
  stores            TEXT    NOT NULL,
  secret            TEXT    NOT NULL,
  old_secret        TEXT,
  old_secret_until  INTEGER,
  state             TEXT    NOT NULL CHECK (state IN ('active', 'paused', 'parked', 'gone')),
  cursor            INTEGER NOT NULL CHECK (cursor >= 0),
  attempts          INTEGER NOT NULL DEFAULT 0,
  due_at            INTEGER NOT NULL DEFAULT 0,
  trouble           TEXT,
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL
) STRICT;

-- The last attempts of each; `id` is in the order of time.
CREATE TABLE webhook_deliveries (
  webhook_id   TEXT    NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  id           TEXT    NOT NULL,
  seq          INTEGER,
  event_id     TEXT    NOT NULL,
  event_type   TEXT    NOT NULL,
  at           INTEGER NOT NULL,
  duration_ms  INTEGER NOT NULL,
  status       INTEGER,
  error        TEXT,
  PRIMARY KEY (webhook_id, id)
) STRICT, WITHOUT ROWID;

-- Of many instances one delivers: who, and until when.
CREATE TABLE webhook_lease (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  holder  TEXT    NOT NULL,
  until   INTEGER NOT NULL
) STRICT;
