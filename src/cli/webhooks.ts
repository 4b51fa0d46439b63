// onhand webhooks: where a running service sends events, for admins. A secret is printed by what makes it, and by nothing
// else. The address is `--to`, for `--url` is the service's.

import type { EventType, NewWebhook, WebhookDelivery } from "../../sdk/src/client.ts";
import { Failure, UsageError } from "./command.ts";
import { type Action, type Asked, actionsCommand, limitOption } from "./remote/actions.ts";
import { limited } from "./remote/limited.ts";

const fields = {
  types: { takes: "TYPES", does: 'such as stock.low,stock.out; "*" for all' },
  stores: { takes: "IDS", does: 'by commas; "*" for all' },
  description: { takes: "TEXT", does: "for people" },
};

function fieldsIn({ clearable, text }: Asked) {
  return {
    // The service says which types there are.
    types: listIn(text("types")) as EventType[] | string | undefined,
    stores: listIn(text("stores")),
    description: clearable("description"),
  };
}

function listIn(text: string | undefined): string[] | string | undefined {
  if (text === undefined || text === "*") return text;
  return text.split(",").map((word) => word.trim());
}

const actions: readonly Action[] = [
  {
    usage: "list",
    does: "all of them: how far each is, and why it failed last",
    options: { limit: limitOption },
    run: ({ client, out, ...asked }) =>
      out.rows(
        limited(asked, (limit) => client.webhooks.list({ limit })),
        ["id", "state", "behind_events", "url", "types", "stores", "last_error"],
      ),
  },
  {
    usage: "get ID",
    does: "one webhook",
    run: async ({ client, out, word }) => out.one(await client.webhooks.get(word(0))),
  },
  {
    usage: "create",
    does: "a new one; its secret is printed this once",
    options: {
      to: { takes: "ADDRESS", does: "needed: https:// and public" },
      ...fields,
      after: { takes: "SEQ", does: "begins behind this event, else at the end of the log" },
    },
    run: async (asked) => {
      const hook = {
        url: asked.needed("to"),
        ...fieldsIn(asked),
        after_seq: asked.number("after"),
      };
      await showSecret(asked, await asked.client.webhooks.create(hook));
    },
  },
  {
    usage: "change ID",
    does: "where it sends, and what",
    options: {
      to: { takes: "ADDRESS", does: "another address" },
      ...fields,
      description: { takes: "TEXT", does: '"" takes it away' },
    },
    run: async (asked) => {
      const changes = { url: asked.text("to"), ...fieldsIn(asked) };
      if (Object.values(changes).every((value) => value === undefined)) {
        throw new UsageError("change needs one of --to, --types, --stores, --description");
      }
      await asked.out.one(await asked.client.webhooks.change(asked.word(0), changes));
    },
  },
  {
    usage: "pause ID",
    does: "sends nothing until it is resumed",
    run: async ({ client, out, word }) =>
      out.one(await client.webhooks.change(word(0), { state: "paused" })),
  },
  {
    usage: "resume ID",
    does: "goes on where it stands, also when it was parked or gone",
    options: {
      after: {
        takes: "SEQ",
        does: "behind this event: over one that fails, or back to have all again",
      },
    },
    run: async ({ client, out, number, word }) =>
      out.one(
        await client.webhooks.change(word(0), { state: "active", after_seq: number("after") }),
      ),
  },
  {
    usage: "rotate ID",
    does: "a new secret, printed this once; the old one signs too for a day",
    options: { "end-old": { does: "ends the old one at once" } },
    run: async (asked) => {
      const how = { end_old: asked.flag("end-old") };
      await showSecret(asked, await asked.client.webhooks.rotateSecret(asked.word(0), how));
    },
  },
  {
    usage: "delete ID",
    does: "ends it, with the record of its deliveries",
    run: ({ client, word }) => client.webhooks.delete(word(0)),
  },
  {
    usage: "test ID",
    does: "sends a test now, and says what became of it",
    run: async (asked) => showDelivery(asked, await asked.client.webhooks.test(asked.word(0))),
  },
  {
    usage: "deliveries ID",
    does: "its last attempts, the newest first",
    options: { limit: limitOption },
    run: ({ client, out, word, ...asked }) =>
      out.rows(
        limited(asked, (limit) => client.webhooks.deliveries(word(0), { limit })),
        ["at", "seq", "event_type", "status", "duration_ms", "delivered", "error"],
      ),
  },
  {
    usage: "redeliver ID SEQ",
    does: "sends one event of the log again, now and out of order",
    run: async (asked) => {
      const seq = Number(asked.word(1));
      if (!Number.isInteger(seq)) throw new UsageError("SEQ is the number of an event");
      await showDelivery(asked, await asked.client.webhooks.redeliver(asked.word(0), seq));
    },
  },
];

async function showSecret({ out }: Asked, hook: NewWebhook): Promise<void> {
  await out.one(hook);
  process.stderr.write(`webhook ${hook.id}; its secret is shown only now\n`);
}

/** A script goes by the exit code. */
async function showDelivery({ out }: Asked, delivery: WebhookDelivery): Promise<void> {
  await out.one(delivery);
  if (!delivery.delivered) throw new Failure(`it was not delivered: ${delivery.error}`);
}

export const webhooks = actionsCommand(
  {
    name: "webhooks",
    about: `For admins. Deliveries are signed with the webhook's secret (docs/webhooks.md). test and redeliver end with 1 where
the receiver did not take it.`,
    examples: [
      "npm run onhand -- webhooks create --to https://erp.example/onhand --types stock.low,stock.out --stores MAD-001",
      "npm run onhand -- webhooks list",
      "npm run onhand -- webhooks test 0192f0c1-6c3e-7a51-9d5b-3f1f7a9b2c10",
      "npm run onhand -- webhooks resume 0192f0c1-6c3e-7a51-9d5b-3f1f7a9b2c10 --after 4711",
    ],
  },
  actions,
);
