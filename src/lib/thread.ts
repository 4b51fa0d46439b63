// Calls into a worker thread: one message out, one back, begun in the order of arrival by the thread's own
// event loop. An error crosses with its message, stack and plain fields; a thread that ends
// fails everything that waits for it, and everything after, and its owner is told if nobody asked it to.

import { parentPort, Worker } from "node:worker_threads";
import { OperatingError } from "./operating-error.ts";

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ThrownFields };

type ThrownFields = Readonly<Record<string, unknown>> & { readonly message: string };

export interface Thread {
  call(method: string, args: readonly unknown[]): Promise<unknown>;
  /** Resolves with the reason when the thread ends though nobody closed it; never, when it was closed. */
  readonly ended: Promise<Error>;
  /** Asks the thread to end; calls before it are answered first. */
  close(): Promise<void>;
}

/**
 * Starts `file` as a thread; resolves when it serves, rejects with what it threw while starting. It may
 * load its modules before it can begin: it is told to when `after` resolves, and ended when that rejects.
 */
export async function openThread(
  file: URL,
  workerData: unknown,
  after?: Promise<unknown>,
): Promise<Thread> {
  const worker = new Worker(file, { workerData });
  const waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  const unexpected = Promise.withResolvers<Error>();
  let lastId = 0;
  let closing = false;
  let ended: Error | null = null;
  const failAll = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
    if (!closing) unexpected.resolve(ended);
  };
  // Crossing over, an error lost its class: those who wait are to be told of the machine, not of a bug.
  worker.on("error", (error: Error) => failAll(revived(thrownFields(error))));
  worker.on("exit", () =>
    failAll(new OperatingError(`the thread ${file.pathname} has ended`, { retryable: false })),
  );
  worker.on("message", (answer: Answer) => {
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) call?.reject(revived(answer.error));
    else call?.resolve(answer.value);
  });
  const call = (method: string, args: readonly unknown[]): Promise<unknown> => {
    if (ended !== null) return Promise.reject(ended);
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, method, args } satisfies Call);
    });
  };
  try {
    await after;
    await call("ready", []);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    call,
    ended: unexpected.promise,
    async close() {
      closing = true;
      try {
        if (ended === null) await call("close", []);
      } finally {
        await worker.terminate();
      }
    },
  };
}

/** The thread's side: `start` builds the methods; what it throws is the answer to the first call. */
export function serveThread(
  start: () => {
    readonly methods: Readonly<Record<string, (...args: never[]) => unknown>>;
    readonly close: () => void | Promise<void>;
  },
): void {
  const port = parentPort;
  if (port === null) throw new Error("this file runs as a worker thread");
  let served: ReturnType<typeof start> | null = null;
  function run({ method, args }: Call): unknown {
    served ??= start();
    if (method === "close") return served.close();
    if (method === "ready") return undefined;
    const called = served.methods[method] as ((...all: readonly unknown[]) => unknown) | undefined;
    if (called === undefined) throw new Error(`no method ${method} in this thread`);
    return called(...args);
  }
  port.on("message", (call: Call) => {
    const { id } = call;
    const succeed = (value: unknown): void => {
      port.postMessage({ id, value } satisfies Answer);
    };
    const fail = (error: unknown): void => {
      port.postMessage({ id, error: thrownFields(error) } satisfies Answer);
    };
    try {
      const value = run(call);
      // What need not be waited for is answered in the same turn.
      if (value instanceof Promise) value.then(succeed, fail);
      else succeed(value);
    } catch (error) {
      fail(error);
    }
  });
}

function thrownFields(error: unknown): ThrownFields {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  // Plain fields only: what cannot cross would keep the error itself from crossing.
  const plain = Object.entries(error).filter(([, value]) => plainTypes.has(typeof value));
  return { ...Object.fromEntries(plain), name, message, stack };
}

const plainTypes = new Set(["string", "number", "boolean", "bigint"]);

/** The error as the thread threw it: an operating error keeps its kind, others their stack and fields. */
function revived(fields: ThrownFields): Error {
  const { message, name, stack, retryable, ...others } = fields;
  if (name === "OperatingError") {
    return new OperatingError(message, { retryable: retryable === true });
  }
  return Object.assign(new Error(message), { ...others, name, stack });
}
