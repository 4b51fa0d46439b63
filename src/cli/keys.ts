// onhand keys: API keys without the API, for the first key, a lost key and scripts. Works on a file that
// a service has open; the service sees the change with the next request. Where a running service is named, by
// --url or ONHAND_URL, it is asked instead.

import { parseArgs } from "node:util";
import { clientConfigFromEnvironment, configFromEnvironment } from "../config.ts";
import { openBeside } from "../database.ts";
import { isoTime, now } from "../lib/clock.ts";
import { newId, newSecret, sha256 } from "../lib/ids.ts";
import { keyKnownMs, pageLimitMax, sessionKnownMs } from "../limits.ts";
import type { After, ApiKey, Store } from "../store/store.ts";
import { type CliCommand, UsageError } from "./command.ts";
import { daysOf, roleOf, storesFor } from "./grant.ts";
import { formHelp } from "./output.ts";
import { runAction } from "./remote/actions.ts";
import { connectionHelp } from "./remote/connect.ts";
import { keyActions } from "./remote/keys.ts";

export const keys: CliCommand = {
  help: `Usage: npm run onhand -- keys create --name NAME --role ROLE [--stores ID,ID|*] [--days N]
       npm run onhand -- keys list
       npm run onhand -- keys revoke KEY_ID

Roles: customer, channel (a shop's back end), vendor (stock of its stores), manager (transfers, batch),
admin (everything). channel, vendor and manager need their stores, or "*"; the others have all of them.
The secret is shown once; only its hash is stored.
When the command has answered, a running service refuses the key too.

It works on the database of DATABASE_URL, with no key. Where --url or ONHAND_URL names a running service, it asks that
instead, with the key of an admin:
${connectionHelp}${formHelp}
Examples:
  npm run onhand -- keys create --name web-shop --role channel --stores "*"
  npm run onhand -- keys create --name till-madrid --role vendor --stores MAD-001 --days 365
  npm run onhand -- keys list --url https://stock.example.com --key-file admin.key
`,
  async run(args) {
    const isRemote = args.some((arg) => arg === "--url" || arg.startsWith("--url="));
    if (isRemote || clientConfigFromEnvironment().url !== null) {
      return runAction("keys", keyActions, args);
    }
    const [action, ...rest] = args;
    const config = configFromEnvironment();
    const store = await openBeside(config.database);
    try {
      if (action === "create") return await create(store, rest);
      if (action === "list") return await list(store);
      if (action === "revoke") {
        const sessionsShared = config.redis !== null && config.database.kind === "postgres";
        return await revoke(store, rest, sessionsShared);
      }
    } finally {
      await store.close();
    }
    throw new UsageError("keys create, keys list or keys revoke?");
  },
};

async function create(store: Pick<Store, "addKey">, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      name: { type: "string" },
      role: { type: "string" },
      stores: { type: "string" },
      days: { type: "string" },
    },
  });
  const name = values.name?.trim() ?? "";
  if (!/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(name)) {
    throw new UsageError("--name needs 1 to 100 printable characters");
  }
  const role = roleOf(values.role);
  const days = daysOf(values.days);
  const secret = newSecret();
  const at = now();
  const key: ApiKey = {
    id: newId(),
    name,
    role,
    stores: storesFor(values.stores, role),
    createdAt: at,
    expiresAt: days === null ? null : at + days * 86_400_000,
    lastUsedAt: null,
  };
  await store.addKey(key, sha256(secret));
  process.stdout.write(`${secret}\n`);
  process.stderr.write(`key ${key.id} (${name}, ${role}); the line above is shown only now\n`);
  return 0;
}

async function list(store: Pick<Store, "keys">): Promise<number> {
  let after: After = null;
  do {
    const page = await store.keys({ after, limit: pageLimitMax });
    for (const key of page.items) process.stdout.write(`${line(key)}\n`);
    after = page.next;
  } while (after !== null);
  return 0;
}

function line(key: ApiKey): string {
  const stores = key.stores === "*" ? "all stores" : key.stores.join(",");
  const used = key.lastUsedAt === null ? "never used" : `used ${isoTime(key.lastUsedAt)}`;
  const ends = key.expiresAt === null ? "" : `  expires ${isoTime(key.expiresAt)}`;
  return `${key.id}  ${key.role.padEnd(8)}  ${key.name}  ${stores}  ${used}${ends}`;
}

async function revoke(
  store: Pick<Store, "removeKey">,
  args: readonly string[],
  sessionsShared: boolean,
): Promise<number> {
  const [id] = args;
  if (id === undefined) throw new UsageError("keys revoke needs the id that keys list shows");
  if (!(await store.removeKey(id))) throw new UsageError(`there is no key ${id}`);
  // A running service trusts what it knows of a key this long, and several what they share of its sessions;
  // after that the key is of no use anywhere.
  const ms = Math.max(2 * keyKnownMs, sessionsShared ? sessionKnownMs : 0);
  await new Promise((resolve) => setTimeout(resolve, ms));
  process.stdout.write(`revoked ${id}\n`);
  return 0;
}
