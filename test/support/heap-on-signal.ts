// Loaded into a service before its own code (NODE_OPTIONS=--import): on SIGWINCH, which means nothing else to it, it collects its garbage and writes to the
// file that HEAP_FILE names how many bytes of its heap are in use, and how often it has done so. For tests that look for
// what is never given back: memory as the system sees it says little of that.

import { renameSync, writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

// The service refuses settings that it does not know.
const { HEAP_FILE: file } = process.env;
delete process.env["HEAP_FILE"];

if (isMainThread && file !== undefined) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let times = 0;
  process.on("SIGWINCH", () => {
    collect();
    times += 1;
    writeFileSync(`${file}.new`, JSON.stringify({ times, bytes: process.memoryUsage().heapUsed }));
    renameSync(`${file}.new`, file);
  });
}
