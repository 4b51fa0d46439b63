import assert from "node:assert/strict";
import { test } from "node:test";
import { openRows, type Rows } from "../../../test/support/sqlite-rows.ts";
import type { ApiKey, Session } from "../store.ts";
import { addKey, addSession, prune, removeKey, removeSession, touchKeys } from "./keys.ts";
import { openReads, type Reads } from "./reads.ts";

const hash = (letter: string): Uint8Array => new Uint8Array(32).fill(letter.charCodeAt(0));

function withRows(check: (rows: Rows, reads: Reads) => void): () => void {
  return () => {
    const rows = openRows();
    try {
      check(rows, openReads(rows.db));
    } finally {
      rows.close();
    }
  };
}

const key: ApiKey = {
  id: "k1",
  name: "Till",
  role: "vendor",
  stores: ["A", "B"],
  createdAt: 5,
  expiresAt: null,
  lastUsedAt: null,
};
const session: Session = {
  caller: "key:k1",
  role: "admin",
  stores: "*",
  subject: "Till",
  keyId: "k1",
  createdAt: 5,
  expiresAt: 50,
};

test(
  "a key is found by the hash of its secret, and listed in the order of creation",
  withRows(({ db }, reads) => {
    addKey(db, key, hash("a"));
    addKey(db, { ...key, id: "k0", stores: "*", expiresAt: 9 }, hash("b"));
    assert.deepEqual(reads.keyByHash(hash("a")), key);
    assert.equal(reads.keyByHash(hash("c")), null);
    const first = reads.keys({ after: null, limit: 1 });
    assert.deepEqual(first.items, [key]);
    const second = reads.keys({ after: first.next, limit: 1 });
    assert.deepEqual([second.items[0]?.stores, second.next], ["*", null]);
  }),
);

test(
  "a key that is removed takes its sessions with it, and no others",
  withRows(({ db }, reads) => {
    addKey(db, key, hash("a"));
    addSession(db, session, hash("s"));
    addSession(db, { ...session, keyId: null, stores: ["A"] }, hash("t"));
    assert.deepEqual(reads.sessionByHash(hash("s")), session);
    assert.equal(removeKey(db, "k1"), true);
    assert.equal(removeKey(db, "k1"), false);
    assert.equal(reads.keyByHash(hash("a")), null);
    assert.equal(reads.sessionByHash(hash("s")), null);
    assert.deepEqual(reads.sessionByHash(hash("t"))?.stores, ["A"]);
    removeSession(db, hash("t"));
    assert.equal(reads.sessionByHash(hash("t")), null);
  }),
);

test(
  "the time of a key's last use never goes back",
  withRows(({ db }, reads) => {
    addKey(db, key, hash("a"));
    const lastUse = (at: number) => {
      touchKeys(
        db,
        new Map([
          ["k1", at],
          ["gone", at],
        ]),
      );
      return reads.keyByHash(hash("a"))?.lastUsedAt;
    };
    assert.deepEqual([lastUse(7), lastUse(6), lastUse(8)], [7, 7, 8]);
  }),
);

test(
  "pruning takes the oldest answers and ended sessions, so many at a time, and nothing younger",
  withRows((rows) => {
    for (let at = 1; at <= 10; at += 1) {
      rows.run(
        `INSERT INTO idempotency (caller, key, fingerprint, request_id, answer, created_at)
         VALUES ('c', ?, 'f', 'r', '{}', ?)`,
        `key ${at}`,
        at,
      );
    }
    const left = (): number[] =>
      rows.db
        .prepare("SELECT created_at FROM idempotency ORDER BY n")
        .all()
        .map((row) => Number(row["created_at"]));
    addSession(rows.db, { ...session, expiresAt: 5 }, hash("s"));
    addSession(rows.db, { ...session, expiresAt: 6 }, hash("t"));
    assert.equal(prune(rows.db, 106, 100, 3), 4, "three answers and a session");
    assert.deepEqual(left(), [4, 5, 6, 7, 8, 9, 10]);
    assert.equal(prune(rows.db, 106, 100, 3), 2);
    assert.deepEqual(left(), [6, 7, 8, 9, 10]);
    assert.equal(prune(rows.db, 106, 100, 3), 0);
    assert.equal(prune(rows.db, 199, 100, 3), 4);
  }),
);
