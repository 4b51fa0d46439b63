// Takes an import back: the service does, by what its log says, also what an import did that broke off. What is not
// allowed any more is named, and the rest is done; what is in its way may be gone when it is asked for again.

import type { Client, ImportLine } from "../../../sdk/src/client.ts";
import { must } from "../../lib/assert.ts";
import { isoTime, now } from "../../lib/clock.ts";
import { pause } from "../../lib/waiting.ts";
import { exitCodes, Failure } from "../command.ts";
import { openProgress } from "../progress.ts";
import { type Kept, keep, keptAs } from "./kept.ts";
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
  if (!isApplied) {
    const what = changesOf(kept);
    process.stdout.write(`import ${id}${what}. Nothing was undone; to do it, add --apply\n`);
    return exitCodes.done;
  }
  // What is undone in part is not gone on with: its rows that were done would be left out.
  const begun = () => kept !== null && keep(folder, { ...kept, state: "undoing" });
  const pass = passes(client, importId, url, begun);
  const first = await pass();
  let { changed, refused } = first;
  // Rows that were on their way when an import broke off are done a moment later.
  let isSettled = kept?.state === "done";
  while (!isSettled) {
    await pause(latePauseMs);
    const late = await pass();
    changed += late.changed;
    refused = late.refused;
    isSettled = late.changed === 0;
  }
  if (kept !== null) keep(folder, { ...kept, state: "undone" });
  const before = first.same > 0 ? `, ${first.same} before` : "";
  process.stdout.write(
    `import ${id}: ${changed} changes undone${before}, ${refused} not, ${isoTime(now())}\n`,
  );
  return refused === 0 ? exitCodes.done : exitCodes.partly;
}

const latePauseMs = 1_000;

function changesOf(kept: Kept | null): string {
  if (kept === null) return "";
  const { kind, state, tally } = kept;
  const least = state === "begun" ? " broke off, and" : "";
  return `${least} changed ${least === "" ? "" : "at least "}${tally.created + tally.changed} ${kind}`;
}

interface Passed {
  readonly changed: number;
  readonly same: number;
  readonly refused: number;
}

/** Each takes back what is there to be taken back; what stays is told once. */
function passes(client: Client, importId: string, url: string, begun: () => void) {
  const told = new Set<string>();
  return async (): Promise<Passed> => {
    const progress = openProgress();
    let seen = 0;
    let end: ImportLine | null = null;
    try {
      for await (const line of client.imports.undo(importId)) {
        if (line.type === "begin") {
          begun();
          progress.begin("undoing", line.rows ?? 0);
        }
        if (line.type === "refused") {
          const text = `row ${line.row}  not undone: ${line.reason}\n`;
          if (!told.has(text)) process.stdout.write(text);
          told.add(text);
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
    const { changed = 0, same = 0, refused = 0, untold = 0 } = last;
    if (untold > 0) {
      process.stdout.write(`${untold} more are not undone that are not listed; undo it again\n`);
    }
    return { changed, same, refused };
  };
}
