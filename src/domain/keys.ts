// What has to be loaded before a command can be decided. A rule may look at nothing that is not named
// here; the tests' database loads no more, so that what is forgotten is found out.

import { unreachable } from "../lib/assert.ts";
import type { Command, Reservation } from "./model.ts";
import { type RowKey, rowKey } from "./slice.ts";

/** What must be loaded for a batch. Rows of the named reservations come on top: `addReservationKeys`. */
export interface Keys {
  readonly products: Set<string>;
  readonly stores: Set<string>;
  readonly rows: Map<RowKey, { readonly productId: string; readonly storeId: string }>;
  readonly reservations: Set<string>;
  readonly groups: Set<string>;
  readonly skus: Set<string>;
  readonly customers: Set<string>;
  /** Products of which every row is needed (they are to be archived). */
  readonly wholeProducts: Set<string>;
  /** Stores whose total quantity decides (they are to be archived). */
  readonly storeUse: Set<string>;
  /** How many due holds of any row are to be expired. */
  due: number;
}

/** Everything that deciding `commands` may look at, apart from kept answers. */
export function keysOf(commands: readonly Command[]): Keys {
  const keys: Keys = {
    products: new Set(),
    stores: new Set(),
    rows: new Map(),
    reservations: new Set(),
    groups: new Set(),
    skus: new Set(),
    customers: new Set(),
    wholeProducts: new Set(),
    storeUse: new Set(),
    due: 0,
  };
  for (const command of commands) addKeys(keys, command);
  return keys;
}

function addKeys(keys: Keys, command: Command): void {
  switch (command.kind) {
    case "CreateProduct":
    case "ChangeProduct":
      keys.products.add(command.id);
      if (command.fields.sku !== undefined) keys.skus.add(command.fields.sku);
      return;
    case "ArchiveProduct":
      keys.products.add(command.id);
      keys.wholeProducts.add(command.id);
      return;
    case "CreateStore":
    case "ChangeStore":
      keys.stores.add(command.id);
      return;
    case "ArchiveStore":
      keys.stores.add(command.id);
      keys.storeUse.add(command.id);
      return;
    case "ChangeStock":
      return needRow(keys, command.change.productId, command.change.storeId);
    case "SetStock":
      return needRow(keys, command.productId, command.storeId);
    case "TransferStock":
      needRow(keys, command.productId, command.fromStoreId);
      return needRow(keys, command.productId, command.toStoreId);
    case "BatchStock":
      for (const change of command.changes) needRow(keys, change.productId, change.storeId);
      return;
    case "Reserve":
      keys.customers.add(command.customerId);
      for (const line of command.lines) {
        needRow(keys, line.productId, line.storeId);
        if (line.idBrought) keys.reservations.add(line.reservationId);
      }
      return;
    case "Confirm":
    case "Cancel":
    case "Extend":
      (command.holds.kind === "group" ? keys.groups : keys.reservations).add(command.holds.id);
      return;
    case "ExpireDue":
      keys.due += command.limit;
      return;
    default:
      unreachable(command);
  }
}

/** Rows, products and stores of loaded reservations belong to the slice too. */
export function addReservationKeys(
  keys: Keys,
  reservations: Iterable<Pick<Reservation, "productId" | "storeId">>,
): void {
  for (const { productId, storeId } of reservations) needRow(keys, productId, storeId);
}

function needRow(keys: Keys, productId: string, storeId: string): void {
  keys.products.add(productId);
  keys.stores.add(storeId);
  keys.rows.set(rowKey(productId, storeId), { productId, storeId });
}
