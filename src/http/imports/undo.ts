// Takes an import back by what the log says it did: with changes of their own, since the log is never edited. What is not
// allowed any more (units that are sold or held, a product that somebody changed since) is named, and the rest is done.
// What was taken back already is not taken back again, whenever it is asked for.

import { digest } from "../../lib/ids.ts";
import { together } from "../../lib/together.ts";
import { importCommandsAtOnce, importRowsAtOnce } from "../../limits.ts";
import { type LogEvent, type Store, wholeLog } from "../../store/store.ts";
import type { Execute } from "../deps.ts";
import { codeOf, refusalOf } from "../refusal.ts";
import { allows, type Caller } from "../roles.ts";
import { catalogueBack, type Payload, type StoresBefore, stockBack } from "./back.ts";
import { requestIdOf } from "./import-id.ts";
import type { Refused } from "./row.ts";
import { patiently, type Tally } from "./run.ts";

export interface Undoing {
  readonly store: Store;
  readonly execute: Execute;
  readonly caller: Caller;
  readonly traceparent: string | null;
  readonly importId: string;
  /** When it can have begun at the earliest, UTC ms. */
  readonly since: number;
  readonly begun: (changes: number) => void;
  readonly refused: (refused: Refused) => void;
  readonly progress: (tally: Readonly<Tally>) => void;
  readonly mustStop: () => boolean;
}

/** Answers whether it came to its end. */
export async function undoImport(undoing: Undoing, tally: Tally): Promise<boolean> {
  const { store, since } = undoing;
  const { seq: head } = await store.head();
  const after = await seqBefore(store, since, head);
  const { changes, undone, storesBefore } = await survey(undoing, after, head);
  if (undoing.mustStop()) return false;
  undoing.begun(changes);
  for await (const events of eventsOf(undoing, after, head)) {
    const left = events.filter((event) => isOf(event, undoing));
    if (undoing.mustStop()) return false;
    const fates = await together(left, importCommandsAtOnce, (event) =>
      undone.has(event.seq) ? "same" : undoOne(event, undoing, storesBefore),
    );
    for (const fate of fates) {
      tally.rows += 1;
      if (fate === "same") tally.same += 1;
      else if (fate === "changed") tally.changed += 1;
      else {
        tally.refused += 1;
        undoing.refused(fate);
      }
    }
    if (left.length > 0) undoing.progress(tally);
  }
  return true;
}

const undoable: ReadonlySet<string> = new Set([
  "stock.created",
  "stock.updated",
  "product.created",
  "product.updated",
  "store.created",
  "store.updated",
]);

/** An admin may undo what others imported. */
function isOf({ type, actor, requestId }: LogEvent, { caller, importId }: Undoing): boolean {
  return (
    undoable.has(type) &&
    requestId.startsWith(requestIdOf("import", importId, "")) &&
    (caller.role === "admin" || actor === caller.actor)
  );
}

/** How much there is to do, what of it is done, and what the stores in it were before. */
async function survey(undoing: Undoing, after: number, head: number) {
  const undone = new Set<number>();
  const storesIn = new Map<string, number>();
  const mark = requestIdOf("undo", undoing.importId, "");
  let changes = 0;
  for await (const events of eventsOf(undoing, after, head)) {
    for (const event of events) {
      const { requestId, type, storeId } = event;
      if (requestId.startsWith(mark)) undone.add(Number(requestId.slice(mark.length)));
      if (!isOf(event, undoing)) continue;
      changes += 1;
      if (type === "store.updated") storesIn.set(storeId, event.seq);
    }
  }
  const storesBefore = await fieldsBefore(undoing, storesIn);
  return { changes, undone, storesBefore };
}

/**
 * `stores` says at which event each was changed. The log has no list of a store's own events: where stores were
 * changed it is read from its beginning.
 */
async function fieldsBefore(
  undoing: Undoing,
  stores: ReadonlyMap<string, number>,
): Promise<StoresBefore> {
  const fields = new Map<string, Payload>();
  if (stores.size === 0) return fields;
  for await (const events of eventsOf(undoing, 0, Math.max(...stores.values()))) {
    for (const { seq, type, storeId, payload } of events) {
      if (type.startsWith("store.") && seq < (stores.get(storeId) ?? 0))
        fields.set(storeId, JSON.parse(payload));
    }
  }
  return fields;
}

/** Ends early where all has to. */
async function* eventsOf(
  { store, caller, mustStop }: Pick<Undoing, "store" | "caller" | "mustStop">,
  after: number,
  head: number,
): AsyncGenerator<readonly LogEvent[]> {
  const filter = { ...wholeLog, stores: caller.stores };
  let from = after;
  while (from < head && !mustStop()) {
    const { items, scanned } = await store.events({
      ...filter,
      after: from,
      limit: importRowsAtOnce,
    });
    yield items.filter(({ seq }) => seq <= head);
    from = scanned;
  }
}

/** Time does not go back along the log. */
async function seqBefore({ events }: Store, time: number, head: number): Promise<number> {
  let [low, high] = [0, head];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const { items } = await events({ ...wholeLog, after: middle - 1, limit: 1 });
    if ((items[0]?.occurredAt ?? Number.POSITIVE_INFINITY) < time) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function undoOne(
  event: LogEvent,
  { store, execute, caller, importId, traceparent }: Undoing,
  storesBefore: StoresBefore,
): Promise<"changed" | "same" | Refused> {
  const row = Number(event.requestId.slice(requestIdOf("import", importId, "").length));
  const about = event.type.startsWith("stock.")
    ? `${event.productId} at ${event.storeId}`
    : event.aggregateId;
  const refuse = (code: string, why: string): Refused => ({
    row,
    code,
    reason: `${about}: ${why}`,
  });
  const isStock = event.type.startsWith("stock.");
  if (!allows(caller, isStock ? "stock:write" : "catalog:write")) {
    return refuse("forbidden", `the role ${caller.role} may not undo this`);
  }
  const action = isStock
    ? await stockBack(event, store, caller)
    : await catalogueBack(event, store, storesBefore);
  if (action === null) return "same";
  if (typeof action === "string") return refuse("not_undone", action);
  const requestId = requestIdOf("undo", importId, event.seq);
  const fingerprint = digest(requestId);
  for (let round = 1; ; round += 1) {
    // Everybody's key: two who undo the same at once are not to take it back twice.
    const once = { caller: "undo", key: `${requestId}-${round}`, fingerprint };
    const { result, replayed } = await patiently(() =>
      execute({ actor: caller.actor, requestId, once, traceparent, ...action }),
    );
    if ("reply" in result) return "changed";
    // What was refused then may be allowed by now.
    if (replayed && round < roundsMax) continue;
    return refuse(codeOf(result.rejection), refusalOf(result.rejection).detail);
  }
}

/** How often what was refused is tried again, in the time that keys are known. */
const roundsMax = 100;
