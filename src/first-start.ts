// What is there from the start: the seed's four stores, a small demo catalogue and an admin key. All of
// it goes through the write path like everything else, so the log tells of it and the invariants hold.

import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Executor } from "./commands/execute.ts";
import type { Action, Issued } from "./domain/model.ts";
import type { Rejection } from "./domain/rejection.ts";
import { ensureFolder, flushNames } from "./lib/folders.ts";
import { newId, newSecret, sha256 } from "./lib/ids.ts";
import { OperatingError } from "./lib/operating-error.ts";
import type { Store } from "./store/store.ts";

const issued: Issued = { actor: "system:first-start", requestId: "first-start", once: null };

const stores = [
  ["MAD-001", "Madrid Centro", "Madrid"],
  ["BCN-001", "Barcelona Plaza Catalunya", "Barcelona"],
  ["VAL-001", "Valencia Norte", "Valencia"],
  ["SEV-001", "Sevilla Centro", "Sevilla"],
] as const;

const laptop = "550e8400-e29b-41d4-a716-446655440000";

/** id, SKU, name, category, price in cents, and units per store in the order of `stores`. */
const products = [
  [laptop, "PROD-001", "Laptop HP Pavilion 15", "Laptops", 79_999, [10, 15, 5, 20]],
  [
    "550e8400-e29b-41d4-a716-446655440001",
    "PROD-002",
    "Logitech MX Master 3S wireless mouse",
    "Accessories",
    9_999,
    [25, 30, 15, 40],
  ],
  [
    "550e8400-e29b-41d4-a716-446655440002",
    "PROD-003",
    "Mechanical keyboard RGB",
    "Accessories",
    14_999,
    [12, 18, 8, 15],
  ],
  [
    "550e8400-e29b-41d4-a716-446655440003",
    "PROD-004",
    'LG UltraWide monitor 29"',
    "Monitors",
    29_999,
    [8, 12, 5, 10],
  ],
  [
    "550e8400-e29b-41d4-a716-446655440004",
    "PROD-005",
    "Logitech C920 HD webcam",
    "Accessories",
    8_999,
    [20, 25, 10, 30],
  ],
] as const;

/**
 * The reserved units of the seed's example, as real reservations of a day, where the limits allow them. Their
 * ids are the same in every start: of two instances that begin at once, one makes them.
 */
const holds = [
  ["BCN-001", 2],
  ["VAL-001", 1],
  ["SEV-001", 3],
] as const;

/**
 * On an empty log: the stores, and the demo catalogue where it is wanted. Asked for at once, so that one
 * commit takes all of it: a start that is cut off leaves everything or nothing, never half a catalogue.
 * Demo holds that the configured limits refuse are left out: nobody wants a start to fail for them.
 */
export async function fillEmptyLog(
  store: Pick<Store, "head">,
  execute: Executor["execute"],
  demo: boolean,
  holdMs = 86_400_000,
): Promise<void> {
  const { seq } = await store.head();
  if (seq > 0) return;
  const actions = demo ? [...theStores(), ...theCatalogue(), ...theHolds(holdMs)] : theStores();
  const outcomes = await Promise.all(actions.map((action) => execute({ ...issued, ...action })));
  for (const [index, { result }] of outcomes.entries()) {
    if ("reply" in result || actions[index]?.kind === "Reserve") continue;
    if (isThere.has(result.rejection.code)) continue;
    throw new Error(`the first start was refused: ${JSON.stringify(result.rejection)}`);
  }
}

/** Another instance began at the same time, and was faster. */
const isThere: ReadonlySet<Rejection["code"]> = new Set(["id_taken", "sku_taken", "stock_exists"]);

function theStores(): Action[] {
  return stores.map(([id, name, city]) => {
    const nothing = { address: null, phone: null, email: null };
    const fields = { name, city, country: "España", active: true, ...nothing };
    return { kind: "CreateStore", id, fields };
  });
}

function theCatalogue(): Action[] {
  return products.flatMap(([id, sku, name, category, priceCents, units]): Action[] => [
    { kind: "CreateProduct", id, fields: { sku, name, category, priceCents, description: null } },
    ...stores.map(([storeId], index): Action => {
      const change = {
        productId: id,
        storeId,
        mode: "initial",
        amount: units[index] ?? 0,
        createMissing: true,
        reason: "INITIAL",
        note: null,
        reference: null,
        userId: null,
        expected: null,
      } as const;
      return { kind: "ChangeStock", change };
    }),
  ]);
}

function theHolds(ttlMs: number): Action[] {
  return holds.map(([storeId, quantity]) => ({
    kind: "Reserve",
    groupId: null,
    customerId: `demo-customer-${storeId}`,
    ttlMs,
    metadata: null,
    lines: [
      { reservationId: `demo-${storeId}`, idBrought: true, productId: laptop, storeId, quantity },
    ],
  }));
}

/** The id of the key that came from the environment. */
const environmentKeyId = "environment";
/** That of the one that is made where there is none: of two instances that begin at once, one makes it. */
const firstKeyId = "first-start";

/**
 * Makes sure that somebody can get in. The configuration says what its key is: one that it no longer names
 * is none any more, with its sessions. Without a key from there, a database without any gets one, written
 * once to a file that only its owner can read. Answers the path of that file, if there is one. Of two that do so
 * at once one fails, with what the database says of a key that is there, and finds it when it tries again.
 */
export async function ensureAdminKey(
  store: Pick<Store, "keyByHash" | "keys" | "addKey" | "removeKey">,
  dataDir: string,
  configured: string | null,
  now: number,
): Promise<string | null> {
  const path = join(dataDir, "admin.key");
  if (configured !== null) {
    const found = await store.keyByHash(sha256(configured));
    if (found !== null && found.role !== "admin") {
      throw new OperatingError(
        `ONHAND_ADMIN_KEY is the secret of the key ${found.id} (${found.name}), whose role is ${found.role}. Choose another`,
        { retryable: false },
      );
    }
    if (found?.id !== environmentKeyId) await store.removeKey(environmentKeyId);
    if (found === null) {
      await addAdmin(store, configured, environmentKeyId, "admin-from-environment", now);
    }
    return null;
  }
  await store.removeKey(environmentKeyId);
  const { items } = await store.keys({ after: null, limit: 1 });
  if (items.length > 0) return existsSync(path) ? path : null;
  const secret = newSecret();
  ensureFolder(dataDir);
  // The file first: a key that nobody can read would lock everyone out. Under its own name when the key is
  // there: that of another instance, which was faster, may be in this folder too.
  const draft = `${path}.${newId()}`;
  writeFileSync(draft, `${secret}\n`, { mode: 0o600, flag: "wx", flush: true });
  flushNames(dataDir);
  try {
    await addAdmin(store, secret, firstKeyId, "admin", now);
  } catch (error) {
    // It may have been added, and the answer was lost.
    if ((await store.keyByHash(sha256(secret))) === null) {
      rmSync(draft);
      throw error;
    }
  }
  renameSync(draft, path);
  flushNames(dataDir);
  return path;
}

function addAdmin(
  store: Pick<Store, "addKey">,
  secret: string,
  id: string,
  name: string,
  now: number,
): Promise<void> {
  const key = {
    id,
    name,
    role: "admin",
    stores: "*",
    createdAt: now,
    expiresAt: null,
    lastUsedAt: null,
  } as const;
  return store.addKey(key, sha256(secret));
}
