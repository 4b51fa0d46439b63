// The door of the write path. Commands that arrive while a commit is on its way wait in a queue; the
// next commit takes them all (natural batching: no timer, no delay when idle).
//
// The queue is bounded by number, and by time, since the same number is a moment's work for single holds on a
// fast disk and a minute's for baskets on a slow one. A burst is taken as it comes; when commands have waited for a
// moment, no more are taken than the store has decided within the last second. What has waited too long all the
// same, because the store became slow, is refused when its turn comes. (Requests come through a door that lets in
// less than that, door.ts; this bound holds for whatever comes another way, and where the store slows down.) So nobody
// waits for long, however fast the store is today, and there are full batches for it all the time (taking none until
// the first one is young enough lost: it lets the queue run empty). What the service asks of itself (expiry, a first
// start) is always decided.
//
// A client that goes away changes nothing here: a queued command is decided whole, answered or not.

import type { Command } from "../domain/model.ts";
import { endOfTurn } from "../lib/waiting.ts";
import {
  batchCommandsMax,
  batchRowsMax,
  queueBatchesMin,
  queueBurstMs,
  queueCommandsMax,
  queueWaitMsMax,
  reservationLinesMax,
  roomBatches,
} from "../limits.ts";
import type { Outcome } from "../store/store.ts";
import { type CommitPort, commitBatch, type Settled } from "./batch.ts";

/** The queue is full, or the service is stopping. The client may come again after the given time. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds = 1) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface Executor {
  /** Resolves when the command's transaction is durable. */
  execute(command: Command): Promise<Outcome>;
  queued(): number;
  /** Whether a command that came now would be refused. */
  isFull(): boolean;
  /** For how many commands, of the size of those that came lately, there is room before it has enough to do. */
  room(): number;
  /** Refuses what comes from now on; resolves when all that was accepted is answered. */
  drain(): Promise<void>;
}

export interface ExecutorOptions {
  readonly store: CommitPort;
  /** Batches on their way to the store at once. */
  readonly lanes: number;
  /** Called with each batch's outcomes before they are answered. */
  readonly committed: (outcomes: readonly Outcome[]) => void;
  readonly measure: (commands: number, startedAt: number) => void;
  /** Called with each batch after its commands are answered: which they were, what came of them, from when to when. */
  readonly told?: Told;
  readonly nowMs: () => number;
}

export interface Queued {
  readonly command: Command;
  readonly since: number;
}

export type Told = (
  batch: readonly Queued[],
  settled: readonly Settled[],
  startedAt: number,
  endedAt: number,
) => void;

interface Waiting extends Queued {
  readonly rows: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export function openExecutor(options: ExecutorOptions): Executor {
  let queue: Waiting[] = [];
  let queuedRows = 0;
  const lately = openPace(options.nowMs);
  let running = 0;
  let scheduled = false;
  let draining = false;
  const drained = Promise.withResolvers<void>();

  /** After the current turn of the event loop, so that requests read in one turn share a commit. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    void endOfTurn().then(() => {
      scheduled = false;
      start();
    });
  }

  function start(): void {
    refuseLate();
    while (running < options.lanes && queue.length > 0) {
      const batch = takeBatch(queue);
      queue = queue.slice(batch.length);
      queuedRows -= rowsOf(batch);
      running += 1;
      void run(batch);
    }
  }

  /** What was accepted before a stop is finished, late or not. */
  function refuseLate(): void {
    const earliest = options.nowMs() - queueWaitMsMax;
    const [first] = queue;
    if (draining || first === undefined || first.since >= earliest) return;
    const isInTime = ({ since, command }: Waiting): boolean => since >= earliest || isOurs(command);
    const inTime = queue.filter(isInTime);
    // Where all are late, because the requests of one turn took longer to read than they may wait, the last ones are
    // decided: to refuse them too would leave the store idle, turn after turn.
    const kept = new Set(inTime.length > 0 ? inTime : queue.slice(-batchCommandsMax));
    for (const waiting of queue) {
      if (!kept.has(waiting)) waiting.reject(new OverloadedError("waited too long"));
    }
    queue = [...kept];
    queuedRows = rowsOf(queue);
  }

  async function run(batch: readonly Waiting[]): Promise<void> {
    const startedAt = options.nowMs();
    const settled = await settle(
      batch.map(({ command }) => command),
      startedAt,
    );
    const endedAt = options.nowMs();
    lately.add(batch.length, fullBatches(batch.length, rowsOf(batch)));
    // What has arrived in this turn of the event loop is read first, so that the next commit takes it
    // along; else the store would wait for it while this batch is answered.
    await endOfTurn();
    running -= 1;
    // First the next batch, then the answers of this one: the store works while callers are told.
    start();
    for (const [index, { resolve, reject }] of batch.entries()) {
      const one = settled[index];
      if (one !== undefined && "outcome" in one) resolve(one.outcome);
      else reject(one?.error);
    }
    options.told?.(batch, settled, startedAt, endedAt);
    // Nobody is queued while no lane runs: the next batch has just begun.
    if (draining && running === 0) drained.resolve();
  }

  /** Whatever fails around a commit is its commands' answer: no lane and no caller is lost to it. */
  async function settle(
    commands: readonly Command[],
    startedAt: number,
  ): Promise<readonly Settled[]> {
    try {
      const settled = await commitBatch(options.store, commands, options.committed);
      options.measure(commands.length, startedAt);
      return settled;
    } catch (error) {
      return commands.map(() => ({ error }));
    }
  }

  function isFull(): boolean {
    const [first] = queue;
    if (first === undefined) return false;
    if (queue.length >= queueCommandsMax) return true;
    if (options.nowMs() - first.since <= queueBurstMs) return false;
    return fullBatches(queue.length, queuedRows) >= Math.max(queueBatchesMin, lately.perSecond());
  }

  function room(): number {
    const free = roomBatches - fullBatches(queue.length, queuedRows);
    return Math.floor(free / lately.batchesPerCommand());
  }

  return {
    execute(command) {
      if (draining) return Promise.reject(new OverloadedError("the service is stopping"));
      if (isFull() && !isOurs(command)) {
        return Promise.reject(new OverloadedError("too many commands are waiting"));
      }
      return new Promise((resolve, reject) => {
        const [rows, since] = [rowsTouched(command), options.nowMs()];
        queuedRows += rows;
        queue.push({ command, rows, since, resolve, reject });
        schedule();
      });
    },
    queued: () => queue.length,
    isFull,
    room,
    drain() {
      draining = true;
      if (running === 0 && queue.length === 0) drained.resolve();
      return drained.promise;
    },
  };
}

/** How many of the largest commits that is. */
function fullBatches(commands: number, rows: number): number {
  return Math.max(commands / batchCommandsMax, rows / batchRowsMax);
}

function rowsOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { rows }) => sum + rows, 0);
}

/** What was done in about the last second: what lies further back counts for less and less. */
function openPace(nowMs: () => number) {
  let [commands, batches, at] = [0, 0, nowMs()];
  const left = (): number => Math.exp((at - nowMs()) / 1000);
  return {
    perSecond: () => batches * left(),
    batchesPerCommand: () => (commands > 0 ? batches / commands : 1 / batchCommandsMax),
    add(newCommands: number, newBatches: number) {
      commands = commands * left() + newCommands;
      batches = batches * left() + newBatches;
      at = nowMs();
    },
  };
}

function isOurs({ actor }: Command): boolean {
  return actor.startsWith("system:");
}

/** The longest prefix within the bounds of one commit; at least one command. */
function takeBatch(queue: readonly Waiting[]): readonly Waiting[] {
  let rows = 0;
  let count = 0;
  for (const waiting of queue) {
    rows += waiting.rows;
    if (count > 0 && (count >= batchCommandsMax || rows > batchRowsMax)) break;
    count += 1;
  }
  return queue.slice(0, count);
}

function rowsTouched(command: Command): number {
  if (command.kind === "BatchStock") return command.changes.length;
  if (command.kind === "Reserve") return command.lines.length;
  if ("holds" in command && command.holds.kind === "group") return reservationLinesMax;
  return command.kind === "ExpireDue" ? command.limit : 1;
}
