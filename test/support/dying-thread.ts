// Loaded before the service's own code (NODE_OPTIONS=--import): ends the thread of the database that
// DIES names, "writer" or "reader", as soon as there is a file `die` in the folder of the service.

import { existsSync } from "node:fs";
import { isMainThread, workerData } from "node:worker_threads";

const part = process.env["DIES"] === "reader" ? "readerOf" : "path";
if (!isMainThread && Object.hasOwn(workerData, part)) {
  setInterval(() => {
    if (existsSync("die")) process.exit(7);
  }, 20);
}
