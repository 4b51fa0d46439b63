// An import from its first row to its last: in batches, so that any file needs the memory of one; looked at only, or done
// with a journal. What is refused of a row goes to the error file, and the others are done.

import type { Record } from "../../transfer/records.ts";
import { Failure } from "../command.ts";
import type { Progress } from "../progress.ts";
import { type Importer, isRefused, type Order, type Refused, type Wish } from "./importer.ts";
import {
  type Begin,
  doneBatch,
  type Journal,
  nothingDone,
  type Progressed,
  type Tally,
  tallied,
} from "./journal.ts";
import type { RefusalFile } from "./refusals.ts";

const batchRows = 1_000;
/** The service keeps idempotency keys for 24 hours at least; an hour less, for clocks. */
export const keysKnownMs = 23 * 3_600_000;

interface Checked<W> {
  readonly wishes: readonly W[];
  readonly refused: readonly Refused[];
  /** Rows that say nothing. */
  readonly same: number;
}

/** What an import would do; `show` is told each row that it would change or refuse. */
export async function dryRun<W extends Wish, O extends Order>(
  records: AsyncIterable<Record>,
  importer: Importer<W, O>,
  told: {
    readonly show: (orders: readonly O[], refused: readonly Refused[]) => void;
    readonly refusals: RefusalFile | null;
    readonly progress: Progress;
  },
): Promise<Tally> {
  let tally = nothingDone;
  for await (const batch of batchesOf(records)) {
    const checked = checkAll(batch, importer);
    const plan = await importer.plan(checked.wishes);
    const refused = byRow([...checked.refused, ...plan.refused]);
    told.show(plan.orders, refused);
    told.refusals?.add(refused, batch);
    const created = plan.orders.filter(({ kind }) => kind === "create").length;
    tally = {
      created: tally.created + created,
      changed: tally.changed + plan.orders.length - created,
      same: tally.same + plan.same + checked.same,
      refused: tally.refused + refused.length,
    };
    told.progress.seen(batch.length);
  }
  return tally;
}

/** Does it, from where the journal says that it is. */
export async function applyAll<W extends Wish, O extends Order>(
  records: AsyncIterable<Record>,
  importer: Importer<W, O>,
  work: {
    readonly id: string;
    readonly journal: Journal;
    readonly known: Progressed;
    readonly refusals: RefusalFile;
    readonly progress: Progress;
    readonly now: () => number;
  },
): Promise<Tally> {
  const { id, journal, known, refusals, progress, now } = work;
  let { tally } = known;
  for await (const batch of batchesOf(records)) {
    // Also of rows that are done: those to come may be the same again.
    const checked = checkAll(batch, importer);
    const to = batch.at(-1)?.row ?? 0;
    if (to <= known.to) {
      refusals.add(
        batch.flatMap(({ row }) => known.refused.get(row) ?? []),
        batch,
      );
    } else {
      const isOpen = known.open !== null && known.open.to === to;
      const begin = isOpen
        ? stillKnown(known.open, importer, now)
        : await beginOf(checked, batch, importer, id, now);
      if (!isOpen) journal.write(begin);
      const results = await importer.apply(begin.orders as readonly O[], begin.key);
      const done = doneBatch(begin, results);
      journal.write(done);
      refusals.add(done.refused, batch);
      tally = tallied(tally, done, begin.orders);
    }
    progress.seen(batch.length);
  }
  return tally;
}

async function beginOf<W extends Wish, O extends Order>(
  checked: Checked<W>,
  batch: readonly Record[],
  importer: Importer<W, O>,
  id: string,
  now: () => number,
): Promise<Begin> {
  const plan = await importer.plan(checked.wishes);
  const [from, to] = [batch[0]?.row ?? 0, batch.at(-1)?.row ?? 0];
  return {
    step: "begin",
    at: new Date(now()).toISOString(),
    to,
    key: `import-${id}-${from}-${to}`,
    orders: plan.orders,
    same: plan.same + checked.same,
    refused: [...checked.refused, ...plan.refused],
  };
}

function stillKnown(
  begin: Begin,
  { isGuarded }: Pick<Importer<Wish, Order>, "isGuarded">,
  now: () => number,
): Begin {
  if (isGuarded || now() - Date.parse(begin.at) < keysKnownMs) return begin;
  throw new Failure(
    `the batch up to row ${begin.to} was begun at ${begin.at} and broke off; the service no longer knows whether it was done. Look at the history of one of its rows (reference ${begin.key.slice(0, 19)}), and import what is missing from a file of its own.`,
  );
}

function checkAll<W extends Wish, O extends Order>(
  batch: readonly Record[],
  importer: Importer<W, O>,
): Checked<W> {
  const wishes: W[] = [];
  const refused: Refused[] = [];
  let same = 0;
  for (const { row, cells, fault } of batch) {
    const checked =
      fault === null ? importer.check(row, cells) : { row, code: "unreadable", reason: fault };
    if (!Array.isArray(checked)) refused.push(checked as Refused);
    else if (checked.length === 0) same += 1;
    else wishes.push(...checked);
  }
  return { wishes, refused, same };
}

function byRow(refused: readonly Refused[]): Refused[] {
  return refused.filter(isRefused).toSorted((a, b) => a.row - b.row);
}

async function* batchesOf(records: AsyncIterable<Record>): AsyncGenerator<Record[]> {
  let batch: Record[] = [];
  for await (const record of records) {
    batch.push(record);
    if (batch.length === batchRows) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
