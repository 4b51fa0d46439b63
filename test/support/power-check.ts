// What must be true of a disk after the power was cut: the service opens it, everything that had been
// answered is in the log, once and whole, with its kept answer, and every invariant holds. Says what is not.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { newId, sha256 } from "../../src/lib/ids.ts";
import { auditLog, auditRows } from "../../src/store/sqlite/audit.ts";
import { openForWriting } from "../../src/store/sqlite/open.ts";
import { type DeedKind, deedsAmong, eventTypes } from "./ledger.ts";
import type { Image } from "./power-disk.ts";

export interface Promised {
  /** Statuses by the ids of the requests that had been answered. */
  readonly answered: ReadonlyMap<string, number>;
  /** What a request was: its events are there all or not at all, answered or not. */
  readonly kinds: ReadonlyMap<string, DeedKind>;
}

/** Puts the image into `folder`, which is emptied first, and opens it as a start of the service does. */
export function problemsOf(
  image: Image,
  root: string,
  folder: string,
  promised: Promised,
  random: () => number,
): readonly string[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of image) {
    const there = join(folder, relative(root, path));
    mkdirSync(content === null ? there : dirname(there), { recursive: true });
    if (content !== null) writeFileSync(there, content);
  }
  const database = join(folder, "data", "inventory.db");
  // The memory that was shared may have been written too, as whatever it was.
  if (random() < 0.5 && image.has(join(root, "data"))) {
    const rubbish = Buffer.from(Array.from({ length: 512 }, () => Math.floor(random() * 256)));
    writeFileSync(`${database}-shm`, Buffer.alloc(32_768, rubbish));
  }
  try {
    const { db, close } = openForWriting(database, Date.now(), newId);
    try {
      const secrets = [...image]
        .filter(([path]) => path.startsWith(join(root, "data", "admin.key")))
        .map(([, content]) => sha256(String(content).trim()));
      return [...ofFile(db), ...ofPromises(db, promised), ...ofKey(db, secrets)];
    } finally {
      close();
    }
  } catch (error) {
    return [`it does not open: ${String(error)}`];
  }
}

function ofFile(db: DatabaseSync): string[] {
  const whole = db.prepare("PRAGMA integrity_check(3)").all();
  const said = whole.map((row) => String(row["integrity_check"])).filter((one) => one !== "ok");
  const { findings } = auditRows(db, { after: null, limit: 100_000, eventsMax: null });
  return [
    ...said,
    ...[...findings, ...auditLog(db)].map(({ invariant, detail }) => `${invariant} ${detail}`),
  ];
}

function ofPromises(db: DatabaseSync, { answered, kinds }: Promised): string[] {
  const log = db.prepare("SELECT request_id, event_type FROM events ORDER BY seq").all();
  const typesOf = Map.groupBy(log, (row) => String(row["request_id"]));
  const kept = new Set(
    db
      .prepare("SELECT request_id FROM idempotency")
      .all()
      .map((row) => String(row["request_id"])),
  );
  const problems: string[] = [];
  for (const [id, status] of answered) {
    const count = typesOf.get(id)?.length ?? 0;
    if (status < 300 && count === 0) problems.push(`I9 ${id} was answered ${status} and is lost`);
    if (status >= 300 && count > 0) problems.push(`${id} was answered ${status} and is there`);
    if (!kept.has(id)) problems.push(`I8 the answer of ${id} is not kept`);
  }
  for (const [id, events] of typesOf) {
    const kind = kinds.get(id);
    const found = deedsAmong(events.map((row) => String(row["event_type"]))).join(" ");
    if (kind !== undefined && found !== eventTypes[kind].join(" ")) {
      problems.push(`${id}, a ${kind}, left ${found}`);
    }
  }
  return problems;
}

/** Whoever has the only key can read it, be it under the name that it has before it is in the database. */
function ofKey(db: DatabaseSync, secrets: readonly Buffer[]): string[] {
  const hash = db.prepare("SELECT hash FROM api_keys").get()?.["hash"];
  if (hash === undefined) return [];
  const isThere = hash instanceof Uint8Array && secrets.some((secret) => secret.equals(hash));
  return isThere ? [] : ["there is an admin key, and no file with it"];
}
