// One import as the console follows it: looked at, done, gone on with where it broke off, undone. The file goes to the
// service each time; what comes back line by line is counted here, and of single rows so many kept as can be shown and
// downloaded. It goes on while the person looks at other pages, and whoever leaves the console meanwhile is asked.

import type { ImportLine } from "@onhand/client";
import { useSyncExternalStore } from "react";
import { client } from "../client.ts";
import { serviceNow } from "../service-time.ts";
import { fingerprintOf } from "./fingerprint.ts";
import {
  added,
  forget,
  type Kept,
  keep,
  keptAs,
  makeRoom,
  nothingDone,
  type Tally,
} from "./kept.ts";

export type Kind = "stock" | "products" | "stores";

export interface Wanted {
  readonly kind: Kind;
  readonly file: File;
  readonly storeId: string | null;
  readonly charset: string | undefined;
  readonly columns: Readonly<Record<string, string>>;
}

export type Stage = "choosing" | "looking" | "looked" | "applying" | "done" | "undoing" | "undone";

export interface Run {
  readonly stage: Stage;
  /** What was looked at, and is imported. */
  readonly wanted: Wanted | null;
  /** By which it is known in this browser. */
  readonly name: string;
  /** An import of the same file, begun in this browser; while it is applied, this one. */
  readonly kept: Kept | null;
  readonly begin: ImportLine | null;
  /** What would change; some of it. */
  readonly changes: readonly ImportLine[];
  readonly refused: readonly ImportLine[];
  /** How far it is, and at last what it came to. */
  readonly tally: Tally;
  /** As the look at the file counted them. */
  readonly total: number;
  readonly error: unknown;
}

const fresh: Run = {
  ...{ stage: "choosing", wanted: null, name: "", kept: null, begin: null, changes: [] },
  ...{ refused: [], tally: nothingDone, total: 0, error: null },
};

/** Refused rows that are kept for the download. */
const refusedMax = 20_000;

export class FaultError extends Error {
  override readonly name = "FaultError";
}

let run = fresh;
let abort = new AbortController();
const listeners = new Set<() => void>();

export function useImport(): Run {
  return useSyncExternalStore(listen, () => run);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function isBusy({ stage, error }: Run): boolean {
  return error === null && (stage === "looking" || stage === "applying" || stage === "undoing");
}

const warn = (event: Event): void => event.preventDefault();

function setRun(next: Run): void {
  run = next;
  if (isBusy(run) && run.stage !== "looking") addEventListener("beforeunload", warn);
  else removeEventListener("beforeunload", warn);
  for (const listener of listeners) listener();
}

export function stop(): void {
  abort.abort();
}

export function again(): void {
  setRun(fresh);
}

/** `told`: of each line that is not of a single row, what is to be kept of it. */
async function follow(
  from: Run,
  to: Stage,
  lines: (signal: AbortSignal) => AsyncIterable<ImportLine>,
  told: (line: ImportLine, now: Run) => Run = (_line, now) => now,
): Promise<void> {
  abort = new AbortController();
  const changes = [...from.changes];
  let refused = [...from.refused];
  // Of rows that are not known to be done: whoever goes on is told of them again.
  let unsettled: ImportLine[] = [];
  setRun(from);
  try {
    for await (const line of lines(abort.signal)) {
      if (line.type === "row") changes.push(line);
      else if (line.type === "refused") unsettled.push(line);
      else if (line.type === "begin") {
        if (from.stage === "undoing") refused = [];
        setRun(told(line, { ...run, begin: line, total: line.rows ?? run.total }));
      } else {
        const { fault } = line;
        if (fault !== null && fault !== undefined) throw new FaultError(fault.detail);
        refused.push(...unsettled.slice(0, refusedMax - refused.length));
        unsettled = [];
        const tally = added(from.tally, line);
        const now = { ...run, tally, changes: [...changes], refused: [...refused] };
        setRun(told(line, line.type === "end" ? { ...now, stage: to } : now));
      }
    }
  } catch (error) {
    setRun({ ...run, error });
  }
}

function send(wanted: Wanted, more: object, signal: AbortSignal): AsyncIterable<ImportLine> {
  const { kind, file, storeId, charset, columns } = wanted;
  const named = Object.keys(columns).length === 0 ? {} : { columns };
  const store = kind === "stock" && storeId !== null ? { store_id: storeId } : {};
  const format = /\.(?:jsonl|ndjson)$/i.test(file.name) ? "jsonl" : "csv";
  return client.imports[kind](file, { ...named, ...store, ...more }, { format, charset, signal });
}

export async function look(wanted: Wanted): Promise<void> {
  let print = "";
  async function* lines(signal: AbortSignal) {
    print = await fingerprintOf(wanted.file);
    yield* send(wanted, { mode: "preview" }, signal);
  }
  // The same file with the same columns for the same store is the same import, whoever sends it.
  await follow({ ...fresh, stage: "looking", wanted }, "looked", lines, (line, now) => {
    if (line.type !== "begin") return now;
    const { kind, storeId, charset = "" } = wanted;
    const columns = Object.entries(line.columns ?? {}).map((pair) => pair.join("="));
    const name = [kind, print, storeId ?? "", charset, ...columns.toSorted()].join("|");
    return { ...now, name, kept: keptAs(name) };
  });
}

/** What was looked at, as an import of its own. */
export async function apply(by: string): Promise<void> {
  const { name, begin, tally } = run;
  const other = keptAs(name);
  // Another tab was quicker.
  if (other !== null && other.importId !== run.kept?.importId) {
    setRun({ ...run, kept: other });
    return;
  }
  const at = new Date(serviceNow()).toISOString();
  const importId = begin?.import_id ?? "";
  const kept = { importId, at, by, state: "begun", tally: nothingDone, total: tally.rows } as const;
  await carryOut({ ...run, kept, refused: [] });
}

/** What broke off, now or when this file was imported before: rows that are known to be done are not sent again. */
export async function goOn(): Promise<void> {
  const isOfBefore = run.stage !== "applying";
  await carryOut(isOfBefore ? { ...run, refused: [] } : run);
}

async function carryOut(begun: Run): Promise<void> {
  const { wanted, kept, name } = begun;
  if (wanted === null || kept === null) return;
  const { importId, tally, total } = kept;
  const from: Run = { ...begun, stage: "applying", tally, total, changes: [], error: null };
  const query = { mode: "apply", import_id: importId, after_row: tally.row };
  const lines = async function* (signal: AbortSignal) {
    makeRoom();
    // Before anything is done: whoever has not kept it could not go on with it.
    keep(name, kept);
    yield* send(wanted, query, signal);
  };
  await follow(from, "done", lines, (line, now) => {
    if (line.type === "begin") return now;
    const state = line.type === "end" ? "done" : "begun";
    const next: Kept = { ...kept, state, tally: now.tally };
    keep(name, next);
    return { ...now, kept: next };
  });
}

export async function undo(): Promise<void> {
  const { kept, name } = run;
  if (kept === null) return;
  const from: Run = { ...run, stage: "undoing", tally: nothingDone, refused: [], error: null };
  await follow(
    from,
    "undone",
    (signal) => undoing(kept, signal),
    (line, now) => {
      // What is undone in part is not gone on with: its rows that were done would be left out.
      const next: Kept = { ...kept, state: "undoing" };
      if (line.type === "end") forget(name);
      else keep(name, next);
      return { ...now, begin: run.begin, kept: next };
    },
  );
}

const latePauseMs = 1_000;

/** Rows that were on their way when an import broke off are done a moment later: until nothing is left of them. */
async function* undoing({ importId, state }: Kept, signal: AbortSignal) {
  let isSettled = state === "done";
  for (;;) {
    for await (const line of client.imports.undo(importId, { signal })) {
      const isLast = line.type === "end" && line.fault === null;
      if (isLast && !isSettled) isSettled = line.changed === 0;
      if (!isLast || isSettled) yield line;
      if (isLast && isSettled) return;
    }
    await new Promise((resolve) => setTimeout(resolve, latePauseMs));
  }
}
