-- Where events are sent to. `types` and `stores` are JSON lists, or "*". A secret is kept as it is: each delivery is
-- signed with it. `cursor` is the seq up to which all is dealt with; `attempts` failed ones since, of the next.
CREATE TABLE webhooks (
  n                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id                text   COLLATE "C" NOT NULL UNIQUE,
  url               text   COLLATE "C" NOT NULL,
  description       text   COLLATE "C",
  types             text   COLLATE "C" NOT NULL,
  stores            text   COLLATE "C" NOT NULL,
  secret            text   COLLATE "C" NOT NULL,
  old_secret        text   COLLATE "C",
  old_secret_until  bigint,
  state             text   COLLATE "C" NOT NULL
    CHECK (state IN ('active', 'paused', 'parked', 'gone')),
  cursor            bigint NOT NULL CHECK (cursor >= 0),
  attempts          bigint NOT NULL DEFAULT 0,
  due_at            bigint NOT NULL DEFAULT 0,
  trouble           text   COLLATE "C",
  created_at        bigint NOT NULL,
  updated_at        bigint NOT NULL
) WITH (fillfactor = 50);

-- The last attempts of each; `id` is in the order of time.
CREATE TABLE webhook_deliveries (
  webhook_id   text   COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  id           text   COLLATE "C" NOT NULL,
  seq          bigint,
  event_id     text   COLLATE "C" NOT NULL,
  event_type   text   COLLATE "C" NOT NULL,
  at           bigint NOT NULL,
  duration_ms  bigint NOT NULL,
  status       bigint,
  error        text   COLLATE "C",
  PRIMARY KEY (webhook_id, id)
);

-- Of many instances one delivers: who, and until when.
CREATE TABLE webhook_lease (
  id      integer PRIMARY KEY CHECK (id = 1),
  holder  text   COLLATE "C" NOT NULL,
  until   bigint NOT NULL
);
