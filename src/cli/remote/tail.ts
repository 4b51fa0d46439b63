// onhand events tail: the log live. A lost connection comes back by itself at its place; with --place-file the
// place outlives the process: it is written once the event has been printed, so that an event may be printed
// again after a crash and is never left out.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { EventType, OnhandEvent } from "../../../sdk/src/client.ts";
import { UsageError } from "../command.ts";
import { cellOf } from "../output.ts";
import { atFile } from "../trouble.ts";
import type { Asked } from "./actions.ts";

export async function tail({ client, out, ...asked }: Asked): Promise<void> {
  const file = asked.text("place-file");
  const limit = asked.number("limit") ?? Number.POSITIVE_INFINITY;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  let seen = 0;
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  const subscription = client.events.subscribe({
    after: (await placeIn(file)) ?? asked.text("after"),
    type: asked.text("type") as EventType | undefined,
    store_id: asked.text("store"),
    product_id: asked.text("product"),
    signal: ending.signal,
    async onEvent(event, place) {
      await out.line(out.isTable ? lineOf(event) : JSON.stringify(event));
      if (file !== undefined) await keepPlace(file, place);
      seen += 1;
      if (seen >= limit) end();
    },
    async onReset({ epoch, head_seq }, place) {
      if (file !== undefined) await keepPlace(file, place);
      process.stderr.write(
        `onhand: the log was put back to an older state (epoch ${epoch}, ${head_seq} events): read the state anew\n`,
      );
    },
    onState(change) {
      if (change.state !== "waiting") return;
      const why = change.error === null ? "the connection ended" : change.error.message;
      const seconds = (change.retryInMs / 1000).toFixed(1);
      process.stderr.write(`onhand: ${why} Again in ${seconds} s.\n`);
    },
  });
  const error = await subscription.closed;
  process.off("SIGINT", end);
  process.off("SIGTERM", end);
  if (error instanceof Error) throw error;
  if (error !== null) throw new Error("the subscription ended", { cause: error });
}

/** null: none is kept yet, and `--after` says where to begin. */
async function placeIn(file: string | undefined): Promise<string | null> {
  if (file === undefined || !existsSync(file)) return null;
  const place = (await atFile(file, () => readFileSync(file, "utf8"))).trim();
  if (!/^\d+\.\d+$/.test(place)) throw new UsageError(`${file} holds no place, such as 1.1234`);
  return place;
}

function keepPlace(file: string, place: string): Promise<void> {
  return atFile(file, () => {
    // Whole or not at all, also where the machine stops in between.
    writeFileSync(`${file}.new`, `${place}\n`);
    renameSync(`${file}.new`, file);
  });
}

function lineOf(event: OnhandEvent): string {
  const { seq, occurred_at: at, type, store_id: store, product_id: product, actor } = event;
  const what = product === null ? event.aggregate_id : `${product} at ${store}`;
  return cellOf(`${at}  ${seq}  ${type}  ${what}${changeOf(event)}  ${actor}`);
}

/** What became of the row, for who looks on. */
function changeOf({ payload }: OnhandEvent): string {
  if (!("stock" in payload)) return "";
  const { before, after } = payload.stock;
  const moved = (name: "quantity" | "reserved"): string =>
    before[name] === after[name] ? "" : `  ${name} ${before[name]} → ${after[name]}`;
  return moved("quantity") + moved("reserved");
}
