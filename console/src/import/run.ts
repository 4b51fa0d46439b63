// One import as this page follows it: looked at, done, gone on with where it broke off, undone. The file goes to the
// service each time; what comes back line by line is counted here, and of single rows so many kept as can be shown and
// downloaded.

import type { ImportLine } from "@onhand/client";
import { useRef, useState } from "react";
import { client } from "../client.ts";

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
  readonly begin: ImportLine | null;
  /** What would change; some of it. */
  readonly changes: readonly ImportLine[];
  readonly refused: readonly ImportLine[];
  /** How far it is, and at last what it came to. */
  readonly tally: ImportLine | null;
  /** As the look at the file counted them. */
  readonly total: number;
  readonly error: unknown;
}

const fresh: Run = {
  ...{ stage: "choosing", begin: null, changes: [], refused: [] },
  ...{ tally: null, total: 0, error: null },
};

/** Refused rows that are kept for the download. */
const keptMax = 20_000;

export class FaultError extends Error {
  override readonly name = "FaultError";
}

export function useImport() {
  const [run, setRun] = useState<Run>(fresh);
  const abort = useRef<AbortController | null>(null);

  async function follow(
    from: Run,
    to: Stage,
    lines: (signal: AbortSignal) => AsyncIterable<ImportLine>,
  ): Promise<void> {
    const controller = new AbortController();
    abort.current = controller;
    let now = from;
    const changes = [...from.changes];
    const refused = [...from.refused];
    setRun(now);
    try {
      for await (const line of lines(controller.signal)) {
        if (line.type === "row") changes.push(line);
        else if (line.type === "refused") {
          if (refused.length < keptMax) refused.push(line);
        } else if (line.type === "begin")
          now = { ...now, begin: line, total: line.rows ?? now.total };
        else now = { ...now, tally: line, changes: [...changes], refused: [...refused] };
        if (line.type === "end") {
          if (line.fault !== null && line.fault !== undefined)
            throw new FaultError(line.fault.detail);
          now = { ...now, stage: to };
        }
        if (line.type !== "row" && line.type !== "refused") setRun(now);
      }
    } catch (error) {
      setRun({ ...now, changes: [...changes], refused: [...refused], error });
    }
  }

  const send = (wanted: Wanted, more: object, signal: AbortSignal) => {
    const { kind, file, storeId, charset, columns } = wanted;
    const named = Object.keys(columns).length === 0 ? {} : { columns };
    const store = kind === "stock" && storeId !== null ? { store_id: storeId } : {};
    const format = /\.(?:jsonl|ndjson)$/i.test(file.name) ? "jsonl" : "csv";
    return client.imports[kind](file, { ...named, ...store, ...more }, { format, charset, signal });
  };

  return {
    run,
    look: (wanted: Wanted) =>
      follow({ ...fresh, stage: "looking" }, "looked", (signal) =>
        send(wanted, { mode: "preview" }, signal),
      ),
    /** Also goes on: rows that were told to be done are not sent again for nothing. */
    apply(wanted: Wanted) {
      const { stage, tally, total, begin } = run;
      const isOn = stage === "applying" && tally !== null;
      const rows = isOn ? total : (tally?.rows ?? 0);
      const from: Run = {
        ...{ ...run, stage: "applying", total: rows, error: null, changes: [] },
        ...(isOn ? {} : { tally: null, refused: [] }),
      };
      const known = { mode: "apply", import_id: begin?.import_id, after_row: isOn ? tally.row : 0 };
      return follow(from, "done", (signal) => send(wanted, known, signal));
    },
    undo() {
      const importId = run.begin?.import_id ?? "";
      const from: Run = { ...run, stage: "undoing", tally: null, refused: [], error: null };
      return follow(from, "undone", (signal) => client.imports.undo(importId, { signal }));
    },
    stop: () => abort.current?.abort(),
    again: () => setRun(fresh),
  };
}
