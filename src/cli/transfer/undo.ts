// Takes an import back, by what its journal says it did: with changes of their own, since the log is never edited. What is
// not allowed any more (units that are sold, a product that somebody changed since) is named, and the rest is done.

import type { Client } from "../../../sdk/src/client.ts";
import type { Kind } from "../../transfer/mapping.ts";
import { Failure } from "../command.ts";
import type { Progress } from "../progress.ts";
import { type CatalogueOrder, undoCatalogue } from "./catalogue-orders.ts";
import type { Done, Order, Refused } from "./importer.ts";
import { type Begin, doneIn, entriesIn, openJournal, progressOf } from "./journal.ts";
import { keysKnownMs } from "./run.ts";
import type { StockOrder } from "./stock-orders.ts";
import { undoStock } from "./stock-orders.ts";

interface Undone {
  readonly done: number;
  readonly refused: readonly Refused[];
}

/** How many changes it would take back. */
export async function undoable(
  folder: string,
  id: string,
): Promise<{ kind: Kind; changes: number }> {
  const { head, isEnded, tally } = await progressOf(folder, id);
  if (head === null) throw new Failure(`there is no import ${id} in ${folder}`);
  if (!isEnded) {
    throw new Failure(`import ${id} broke off: run it again to its end first, and then undo it`);
  }
  const before = await progressOf(folder, `${id}.undo`);
  if (before.isEnded) throw new Failure(`import ${id} was undone already`);
  return { kind: head.kind, changes: tally.created + tally.changed };
}

export async function undoAll(
  client: Client,
  { folder, id, kind }: { readonly folder: string; readonly id: string; readonly kind: Kind },
  progress: Progress,
  now: () => number,
): Promise<Undone> {
  const known = await progressOf(folder, `${id}.undo`);
  if (known.open !== null && now() - Date.parse(known.open.at) > keysKnownMs) {
    throw new Failure(
      `undoing the rows up to ${known.open.to} was begun at ${known.open.at} and broke off; the service no longer knows whether it was done. Look at the history of one of its rows.`,
    );
  }
  const journal = openJournal(folder, `${id}.undo`);
  const refused = [...known.refused.values()];
  let count = 0;
  let begin: Begin | null = null;
  for await (const entry of entriesIn(folder, id)) {
    if (entry.step === "begin") begin = entry;
    if (entry.step !== "done" || begin === null) continue;
    const done = doneIn(entry, begin.orders);
    count += done.length;
    progress.seen(done.length);
    if (entry.to <= known.to) continue;
    const { to } = entry;
    const key = `undo-${id}-${to}`;
    const nothing = { orders: [], same: 0, refused: [] };
    if (known.open?.to !== to) {
      journal.write({ step: "begin", at: new Date(now()).toISOString(), to, key, ...nothing });
    }
    const not = await undoOf(client, kind, done, key, id);
    refused.push(...not);
    journal.write({ step: "done", to, same: 0, refused: not, done: [] });
  }
  journal.write({ step: "end", at: new Date(now()).toISOString() });
  return { done: count - refused.length, refused };
}

/** The journal's own words, as whoever wrote them meant them. */
function undoOf(
  client: Client,
  kind: Kind,
  done: readonly Done<Order>[],
  key: string,
  id: string,
): Promise<readonly Refused[]> {
  if (kind === "stock") return undoStock(client, done as readonly Done<StockOrder>[], key, id);
  return undoCatalogue(kind, client, done as readonly Done<CatalogueOrder>[], key);
}
