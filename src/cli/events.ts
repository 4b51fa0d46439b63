// onhand events: the log of a running service, by pages, live, and again to a Redis stream.

import type { EventType, OnhandEvent } from "../../sdk/src/client.ts";
import { UsageError } from "./command.ts";
import { type Action, actionsCommand, limitOption } from "./remote/actions.ts";
import { limited } from "./remote/limited.ts";
import { tail } from "./remote/tail.ts";

const filters = {
  type: { takes: "TYPE", does: "such as stock.updated" },
  store: { takes: "ID", does: "of this store" },
  product: { takes: "ID", does: "of this product" },
};

const actions: readonly Action[] = [
  {
    usage: "list",
    does: "the log, the oldest first",
    options: {
      after: { takes: "SEQ", does: "behind this event" },
      ...filters,
      limit: limitOption,
    },
    run: ({ client, out, ...asked }) =>
      out.rows(
        limited(
          asked,
          (limit): AsyncIterable<OnhandEvent> =>
            client.events.list({
              after: asked.number("after"),
              type: asked.text("type") as EventType | undefined,
              store_id: asked.text("store"),
              product_id: asked.text("product"),
              limit,
            }),
        ),
        ["seq", "occurred_at", "type", "store_id", "product_id", "actor"],
      ),
  },
  {
    usage: "tail",
    does: "live, until Ctrl-C; reconnects and misses nothing",
    options: {
      after: { takes: "PLACE", does: "behind this event: SEQ or EPOCH.SEQ; 0 for all" },
      "place-file": { takes: "FILE", does: "keeps the place there, and goes on from it" },
      ...filters,
      limit: { takes: "N", does: "ends after so many" },
    },
    run: tail,
  },
  {
    usage: "replay",
    does: "publishes a part of the log again, to a Redis stream",
    options: {
      stream: { takes: "NAME", does: "needed" },
      from: { takes: "SEQ", does: "needed" },
      to: { takes: "SEQ", does: "needed" },
      type: filters.type,
      store: filters.store,
    },
    run: async ({ client, out, ...asked }) => {
      const [from, to] = ["from", "to"].map((name) => Number(asked.needed(name)));
      if (from === undefined || to === undefined || !Number.isInteger(from + to)) {
        throw new UsageError("--from and --to are numbers of events");
      }
      const range = {
        stream: asked.needed("stream"),
        from_seq: from,
        to_seq: to,
        type: asked.text("type") as EventType | undefined,
        store_id: asked.text("store"),
      };
      await out.one(await client.events.replay(range));
    },
  },
];

export const events = actionsCommand(
  {
    name: "events",
    about: "Callers see the events of their stores and those of the whole chain.",
    examples: [
      "npm run onhand -- events tail --store MAD-001",
      "npm run -s onhand -- events tail --after 0 --json --place-file erp.place | node consume.js",
      "npm run onhand -- events list --type stock.transferred --limit 20",
      "npm run onhand -- events replay --stream for-search --from 1 --to 5000",
    ],
  },
  actions,
);
