// Loaded into a service before itself: on a signal it copies SQLite's log back into the database, on a
// connection of its own, as the writer does by itself after 16,000 pages. The next commit then begins the log
// anew, over the old one.

import { DatabaseSync } from "node:sqlite";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  process.on("SIGWINCH", () => {
    const db = new DatabaseSync("data/inventory.db");
    db.exec("PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000");
    const { busy, log, checkpointed } = db.prepare("PRAGMA wal_checkpoint(PASSIVE)").get() ?? {};
    db.close();
    process.stderr.write(`checkpointed ${String(busy)} ${String(log)} ${String(checkpointed)}\n`);
  });
}
