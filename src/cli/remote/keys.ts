// onhand keys against a running service: the same actions and options as on its database, asked for with the key
// of an admin.

import { isoTime, now } from "../../lib/clock.ts";
import { daysOf, roleOf, storesFor } from "../grant.ts";
import { type Action, limitOption } from "./actions.ts";
import { limited } from "./limited.ts";

export const keyActions: readonly Action[] = [
  {
    usage: "create",
    does: "a new key",
    options: {
      name: { takes: "NAME", does: "needed" },
      role: { takes: "ROLE", does: "needed" },
      stores: { takes: "IDS", does: 'by commas, or "*"' },
      days: { takes: "N", does: "ends after so many" },
    },
    run: async ({ client, out, ...asked }) => {
      const role = roleOf(asked.text("role"));
      const stores = storesFor(asked.text("stores"), role);
      const days = daysOf(asked.text("days"));
      const { key, id, name } = await client.keys.create({
        name: asked.needed("name"),
        role,
        stores: stores === "*" ? stores : [...stores],
        expires_at: days === null ? null : isoTime(now() + days * 86_400_000),
      });
      // As on the database: the secret alone, so that it can go straight to a file.
      await out.line(key);
      process.stderr.write(`key ${id} (${name}, ${role}); the line above is shown only now\n`);
    },
  },
  {
    usage: "list",
    does: "all keys, without their secrets",
    options: { limit: limitOption },
    run: ({ client, out, ...asked }) =>
      out.rows(
        limited(asked, (limit) => client.keys.list({ limit })),
        ["id", "role", "name", "stores", "last_used_at", "expires_at"],
      ),
  },
  {
    usage: "revoke KEY_ID",
    does: "ends a key",
    run: ({ client, word }) => client.keys.delete(word(0)),
  },
];
