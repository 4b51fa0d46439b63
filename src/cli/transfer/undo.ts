// Takes an import back: the service does, by what its log says. What is not allowed any more is named, and the rest is
// done.

import type { Client, ImportLine } from "../../../sdk/src/client.ts";
import { must } from "../../lib/assert.ts";
import { isoTime, now } from "../../lib/clock.ts";
import { exitCodes, Failure } from "../command.ts";
import { openProgress } from "../progress.ts";
import { isForgotten, keep, keptAs } from "./kept.ts";
import { brokenOff } from "./told.ts";

export async function undo(
  client: Client,
  { folder, id, url }: { readonly folder: string; readonly id: string; readonly url: string },
  isApplied: boolean,
): Promise<number> {
  const kept = keptAs(folder, id);
  // One that was not made from here is known by the service's own name for it.
  const importId = kept?.importId ?? id;
  if (kept === null && !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) {
    throw new Failure(`there is no import ${id} in ${folder}`);
  }
  if (kept?.state === "undone") throw new Failure(`import ${id} was undone already`);
  if (kept?.state === "begun" && !isForgotten(kept)) {
    throw new Failure(`import ${id} broke off: run it again to its end first, and then undo it`);
  }
  if (!isApplied) {
    const changes =
      kept === null ? "" : ` changed ${kept.tally.created + kept.tally.changed} ${kept.kind}`;
    process.stdout.write(`import ${id}${changes}. Nothing was undone; to do it, add --apply\n`);
    return exitCodes.done;
  }
  const end = await undoAll(client, importId, url);
  const { changed = 0, same = 0, refused = 0 } = end;
  if (kept !== null) keep(folder, { ...kept, state: "undone" });
  const before = same > 0 ? `, ${same} before` : "";
  process.stdout.write(
    `import ${id}: ${changed} changes undone${before}, ${refused} not, ${isoTime(now())}\n`,
  );
  return refused === 0 ? exitCodes.done : exitCodes.partly;
}

async function undoAll(client: Client, importId: string, url: string): Promise<ImportLine> {
  const progress = openProgress();
  let seen = 0;
  let end: ImportLine | null = null;
  try {
    for await (const line of client.imports.undo(importId)) {
      if (line.type === "begin") progress.begin("undoing", line.rows ?? 0);
      if (line.type === "refused") {
        process.stdout.write(`row ${line.row}  not undone: ${line.reason}\n`);
      }
      if (line.type === "progress") {
        progress.seen((line.rows ?? seen) - seen);
        seen = line.rows ?? seen;
      }
      if (line.type === "end") end = line;
    }
  } finally {
    progress.end();
  }
  const last = must(end, "the client takes no answer for whole without it");
  if (last.fault !== null && last.fault !== undefined) throw brokenOff(last.fault, url);
  return last;
}
