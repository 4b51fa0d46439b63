// A worker thread for tests of lib/thread.ts: it answers what it is asked, or fails as it is told to.

import { workerData } from "node:worker_threads";
import { assert } from "../../src/lib/assert.ts";
import { OperatingError } from "../../src/lib/operating-error.ts";
import { serveThread } from "../../src/lib/thread.ts";

serveThread(() => {
  if (workerData?.fails === true) {
    throw new OperatingError("the file is in use", { retryable: false });
  }
  const order: unknown[] = [];
  const closed = workerData?.closed;
  return {
    methods: {
      start: () => workerData,
      echo: (...values: readonly unknown[]) => values,
      note: (value: unknown) => order.push(value),
      noted: () => order,
      busy: (): never => {
        throw new OperatingError("the database is busy", {
          retryable: true,
          cause: new Error("errcode 5"),
        });
      },
      bug: () => assert(false, "a sum went wrong"),
      odd: (): never => {
        throw Object.assign(new RangeError("too far"), { code: "E_FAR", at: 7, undo: () => 0 });
      },
      uncloneable: () => () => undefined,
      exit: () => process.exit(3),
      throwLater: () => {
        setImmediate(() => {
          throw new Error("out of order");
        });
      },
    },
    close() {
      if (closed !== undefined) Atomics.store(new Int32Array(closed), 0, order.length);
    },
  };
});
