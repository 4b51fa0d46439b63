// One import from its first row to its last. Rows are looked at some hundreds at a time, so any file needs the memory of
// these, and each is written by ordinary commands under keys that come from the import's id and the row: the same file
// under the same id does nothing twice, so whatever broke off is sent again. Of its commands a few are on their way at
// once, and where the service is busy it waits, so that others are served as if it were not there.

import { OverloadedError } from "../../commands/execute.ts";
import type { Rejection } from "../../domain/rejection.ts";
import { digest } from "../../lib/ids.ts";
import { together } from "../../lib/together.ts";
import { endOfTurn, pause } from "../../lib/waiting.ts";
import {
  importBusyMsMax,
  importCharactersAtOnce,
  importCommandsAtOnce,
  importRowsAtOnce,
} from "../../limits.ts";
import type { Outcome } from "../../store/store.ts";
import type { Record } from "../../transfer/records.ts";
import type { Execute } from "../deps.ts";
import { canonicalJson } from "../idempotency.ts";
import { requestIdOf } from "./import-id.ts";
import {
  isRefused,
  type Planned,
  type Refused,
  type RowKind,
  refusedBy,
  type Wish,
} from "./row.ts";

export interface Tally {
  rows: number;
  created: number;
  changed: number;
  same: number;
  refused: number;
}

export interface Work<W extends Wish> {
  readonly kind: RowKind<W>;
  /** null: it is only looked at. */
  readonly write: Writing | null;
  /** Rows up to this one were done before. */
  readonly afterRow: number;
  readonly told: {
    planned(wish: Wish, planned: Planned): void;
    refused(refused: Refused, record: Record): void;
    progress(tally: Readonly<Tally>, row: number): void;
  };
  /** Asked between batches; what it answers ends the import. */
  readonly mustStop: () => boolean;
}

export interface Writing {
  readonly execute: Execute;
  readonly actor: string;
  readonly traceparent: string | null;
  readonly importId: string;
}

type Done = "created" | "changed" | "same";
type Fate = { readonly done: Done; readonly wish: Wish; readonly planned?: Planned } | Refused;

/** Answers whether all records were read. */
export async function runImport<W extends Wish>(
  records: AsyncIterable<Record>,
  work: Work<W>,
  tally: Tally,
): Promise<boolean> {
  for await (const batch of batchesOf(records)) {
    if (work.mustStop()) return false;
    await work.kind.lookUp?.(batch.map(({ cells }) => cells));
    // Rows that were done are checked all the same: those to come may be about the same.
    const checked = batch.map((record) => ({ record, wishes: wishesOf(record, work.kind) }));
    const left = checked.filter(({ record }) => record.row > work.afterRow);
    const fates = await together(left, importCommandsAtOnce, ({ wishes }) =>
      isRefused(wishes) ? [wishes] : together(wishes, 1, (wish) => fateOf(wish, work)),
    );
    tally.rows += batch.length;
    for (const [at, { record }] of left.entries()) {
      count(tally, fates[at] ?? []);
      for (const fate of fates[at] ?? []) {
        if (isRefused(fate)) work.told.refused(fate, record);
        else if (fate.planned !== undefined) work.told.planned(fate.wish, fate.planned);
      }
    }
    work.told.progress(tally, batch.at(-1)?.row ?? 0);
    // Where none of them needs the database, there would be no other moment for others.
    await endOfTurn();
  }
  return true;
}

/** A row counts once, whatever number of cells it has. */
function count(tally: Tally, fates: readonly Fate[]): void {
  const has = (done: Done): boolean => fates.some((fate) => "done" in fate && fate.done === done);
  if (fates.some(isRefused)) tally.refused += 1;
  else if (has("created")) tally.created += 1;
  else if (has("changed")) tally.changed += 1;
  else tally.same += 1;
}

function wishesOf<W extends Wish>({ row, cells, fault }: Record, kind: RowKind<W>) {
  return fault === null ? kind.check(row, cells) : { row, code: "unreadable", reason: fault };
}

/** How often a row is looked at again that others have changed since. */
const roundsMax = 3;

async function fateOf<W extends Wish>(wish: W, work: Work<W>): Promise<Fate> {
  for (let round = 1; ; round += 1) {
    const planned = await work.kind.plan(wish);
    if (planned === null) return { done: "same", wish };
    if (isRefused(planned)) return planned;
    if (work.write === null) {
      return { done: planned.change === "create" ? "created" : "changed", wish, planned };
    }
    const done = await doAll(wish, planned, round, work.write);
    if (typeof done === "string") return { done, wish };
    if (round === roundsMax || !work.kind.isMoved(done)) return refusedBy(wish, done);
  }
}

/** Answers what it came to, or the refusal of the first that was refused. */
async function doAll(
  wish: Wish,
  { actions, ifCreated }: Planned,
  round: number,
  write: Writing,
): Promise<"created" | "changed" | Rejection> {
  // Of what the row wants, not of what has to be done for it: that depends on when one looks.
  const { actor, traceparent } = write;
  const fingerprint = digest(canonicalJson(wish));
  let isCreated = false;
  const left = [...actions];
  for (const [step, action] of left.entries()) {
    const key = `import-${write.importId}-${wish.row}-${wish.part}-${round}-${step}`;
    // Everybody's key: whoever goes on may have another one than who began, such as a new one in place of an old.
    const once = { caller: "import", key, fingerprint };
    const requestId = requestIdOf("import", write.importId, wish.row);
    const { result } = await patiently(() =>
      write.execute({ actor, requestId, once, traceparent, ...action }),
    );
    if ("rejection" in result) return result.rejection;
    const { reply } = result;
    if (reply.kind === "stock") isCreated ||= reply.created;
    else if (reply.kind === "product") isCreated ||= reply.product.version === 1;
    else if (reply.kind === "store") isCreated ||= reply.store.version === 1;
    if (isCreated && step === 0 && ifCreated !== undefined) left.push(ifCreated);
  }
  return isCreated ? "created" : "changed";
}

const firstWaitMs = 50;

/** Waits while the service is too busy: nothing was done then. */
export async function patiently(run: () => Promise<Outcome>): Promise<Outcome> {
  const endsAt = performance.now() + importBusyMsMax;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(1_000, waitMs * 2)) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof OverloadedError) || performance.now() > endsAt) throw error;
      await pause(waitMs * (0.5 + Math.random()));
    }
  }
}

async function* batchesOf(records: AsyncIterable<Record>): AsyncGenerator<Record[]> {
  let batch: Record[] = [];
  let characters = 0;
  for await (const record of records) {
    batch.push(record);
    characters += record.length;
    if (batch.length === importRowsAtOnce || characters >= importCharactersAtOnce) {
      yield batch;
      batch = [];
      characters = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
