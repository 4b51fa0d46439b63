// Commands for tests, each complete with what most tests do not care about: the product "mug", the
// store "MAD", the customer "ann", a caller who may see everything. A test names what matters to it.

import type {
  Action,
  Command,
  CommandOf,
  Holds,
  Issued,
  ProductFields,
  StockChange,
  StoreFields,
  Visibility,
} from "../../src/domain/model.ts";

export const issued: Issued = { actor: "key:test", requestId: "request-1", once: null };
export const everything: Visibility = { stores: "*", customerId: null };

type Over<Kind extends Action["kind"]> = Partial<
  Issued & Omit<Extract<Action, { kind: Kind }>, "kind">
>;

/** A hold by its id; a group as "group:<id>". */
function holdsOf(name: string): Holds {
  return name.startsWith("group:")
    ? { kind: "group", id: name.slice("group:".length) }
    : { kind: "reservation", id: name };
}

export function change(over: Partial<StockChange> = {}): StockChange {
  return {
    productId: "mug",
    storeId: "MAD",
    mode: "add",
    amount: 1,
    createMissing: true,
    reason: "RESTOCK",
    note: null,
    reference: null,
    userId: null,
    expected: null,
    ...over,
  };
}

export function changeStock(over: Partial<StockChange> = {}): CommandOf<"ChangeStock"> {
  return { ...issued, kind: "ChangeStock", change: change(over) };
}

/** POST /stock/{product}/{store}/adjust: as a change, but the row must be there. */
export function adjust(over: Partial<StockChange> = {}): CommandOf<"ChangeStock"> {
  return changeStock({ createMissing: false, reason: "CORRECTION", ...over });
}

export function batch(
  errorPolicy: "all_or_nothing" | "skip_failed",
  ...changes: readonly Partial<StockChange>[]
): CommandOf<"BatchStock"> {
  return { ...issued, kind: "BatchStock", errorPolicy, changes: changes.map(change) };
}

export function setStock(over: Over<"SetStock"> = {}): CommandOf<"SetStock"> {
  return {
    ...issued,
    kind: "SetStock",
    productId: "mug",
    storeId: "MAD",
    quantity: null,
    reorderPoint: undefined,
    reason: "COUNT",
    note: null,
    expected: null,
    ...over,
  };
}

export function transfer(over: Over<"TransferStock"> = {}): CommandOf<"TransferStock"> {
  return {
    ...issued,
    kind: "TransferStock",
    transferId: "transfer-1",
    productId: "mug",
    fromStoreId: "MAD",
    toStoreId: "BCN",
    quantity: 1,
    reason: "TRANSFER",
    note: null,
    expected: null,
    ...over,
  };
}

export interface Wish {
  readonly id: string;
  readonly idBrought?: boolean;
  readonly productId?: string;
  readonly storeId?: string;
  readonly quantity: number;
}

/** One reservation, its id brought by the caller. */
export function reserve(
  id: string,
  quantity: number,
  over: Over<"Reserve"> & Partial<Omit<Wish, "id" | "quantity">> = {},
): CommandOf<"Reserve"> {
  const { productId = "mug", storeId = "MAD", idBrought = true, ...rest } = over;
  return reserveLines(null, [{ id, quantity, productId, storeId, idBrought }], rest);
}

/** A basket: all of its lines or none. */
export function reserveGroup(
  groupId: string,
  lines: readonly Wish[],
  over: Over<"Reserve"> = {},
): CommandOf<"Reserve"> {
  return reserveLines(groupId, lines, over);
}

function reserveLines(
  groupId: string | null,
  lines: readonly Wish[],
  over: Over<"Reserve">,
): CommandOf<"Reserve"> {
  return {
    ...issued,
    kind: "Reserve",
    groupId,
    customerId: "ann",
    ttlMs: 600_000,
    metadata: null,
    lines: lines.map(({ id, ...line }) => ({
      reservationId: id,
      idBrought: false,
      productId: "mug",
      storeId: "MAD",
      ...line,
    })),
    ...over,
  };
}

export function confirm(name: string, over: Over<"Confirm"> = {}): CommandOf<"Confirm"> {
  const holds = holdsOf(name);
  return {
    ...issued,
    kind: "Confirm",
    holds,
    visibleTo: everything,
    quantity: null,
    retakeId: null,
    ...over,
  };
}

export function cancel(name: string, over: Over<"Cancel"> = {}): CommandOf<"Cancel"> {
  const holds = holdsOf(name);
  return { ...issued, kind: "Cancel", holds, visibleTo: everything, reason: null, ...over };
}

export function extend(
  name: string,
  ttlMs: number,
  over: Over<"Extend"> = {},
): CommandOf<"Extend"> {
  return { ...issued, kind: "Extend", holds: holdsOf(name), visibleTo: everything, ttlMs, ...over };
}

export function expireDue(limit = 1_000): CommandOf<"ExpireDue"> {
  return { ...issued, kind: "ExpireDue", limit };
}

export const mugFields: ProductFields = {
  sku: "MUG-1",
  name: "Mug",
  description: null,
  category: null,
  priceCents: 995,
};

export function createProduct(
  id: string,
  fields: Partial<ProductFields> = {},
): CommandOf<"CreateProduct"> {
  return { ...issued, kind: "CreateProduct", id, fields: { ...mugFields, ...fields } };
}

export function changeProduct(
  id: string,
  fields: Partial<ProductFields>,
  over: Over<"ChangeProduct"> = {},
): CommandOf<"ChangeProduct"> {
  return { ...issued, kind: "ChangeProduct", id, fields, expected: null, ...over };
}

export function archiveProduct(
  id: string,
  over: Over<"ArchiveProduct"> = {},
): CommandOf<"ArchiveProduct"> {
  return { ...issued, kind: "ArchiveProduct", id, expected: null, ...over };
}

export const madridFields: StoreFields = {
  name: "Madrid",
  address: null,
  city: "Madrid",
  country: "España",
  phone: null,
  email: null,
  active: true,
};

export function createStore(
  id: string,
  fields: Partial<StoreFields> = {},
): CommandOf<"CreateStore"> {
  return { ...issued, kind: "CreateStore", id, fields: { ...madridFields, ...fields } };
}

export function changeStore(
  id: string,
  fields: Partial<StoreFields>,
  over: Over<"ChangeStore"> = {},
): CommandOf<"ChangeStore"> {
  return { ...issued, kind: "ChangeStore", id, fields, expected: null, ...over };
}

export function archiveStore(
  id: string,
  over: Over<"ArchiveStore"> = {},
): CommandOf<"ArchiveStore"> {
  return { ...issued, kind: "ArchiveStore", id, expected: null, ...over };
}

/** The command under an idempotency key. */
export function once<C extends Command>(key: string, fingerprint: string, command: C): C {
  return { ...command, once: { caller: "key:test", key, fingerprint } };
}
