// A shop for tests of reservations and stock: the stores MAD and BCN, OLD that is closed, and as many
// products as a test asks for, so that no test finds another's units.

import assert from "node:assert/strict";
import type { Reservation, Stock } from "../../src/domain/model.ts";
import { newId } from "../../src/lib/ids.ts";
import { type Answer, type Call, openTestApp, type TestApp, type TestAppOptions } from "./app.ts";
import { change, madridFields, mugFields } from "./commands.ts";
import { until } from "./until.ts";

export interface Shop extends TestApp {
  /** A new product with so many units in each store; answers its id. */
  product(units: Readonly<Record<string, number>>): Promise<string>;
  row(productId: string, storeId?: string): Promise<Stock>;
  /** Units of a product in MAD for "ann", unless said otherwise. */
  reserve(over: object, call?: Call): Promise<Answer>;
  /** A reservation that has expired, in the past or in a moment. */
  expired(productId: string, over?: Partial<Reservation>): Promise<string>;
  /** Nothing that the service promises about rows and log is broken. */
  mustBeSound(): Promise<void>;
}

export async function openShop(options: TestAppOptions = {}): Promise<Shop> {
  const world = await openTestApp(options);
  const { given, store } = world;
  try {
    await given(
      { kind: "CreateStore", id: "MAD", fields: madridFields },
      { kind: "CreateStore", id: "BCN", fields: { ...madridFields, name: "Barcelona" } },
      { kind: "CreateStore", id: "OLD", fields: { ...madridFields, active: false } },
    );
  } catch (error) {
    await world.close();
    throw error;
  }
  return {
    ...world,
    async product(units) {
      const id = newId();
      await given({ kind: "CreateProduct", id, fields: { ...mugFields, sku: id } });
      for (const [storeId, amount] of Object.entries(units)) {
        const made = {
          productId: id,
          storeId,
          mode: "initial",
          amount,
          reason: "INITIAL",
        } as const;
        await given({ kind: "ChangeStock", change: change(made) });
      }
      return id;
    },
    async row(productId, storeId = "MAD") {
      const row = await store.stock(productId, storeId);
      assert.ok(row, "the row is there");
      return row;
    },
    reserve: (over, call = {}) =>
      world.call("POST", "/reservations", {
        ...call,
        body: { store_id: "MAD", quantity: 1, customer_id: "ann", ...over },
      }),
    async expired(productId, over = {}) {
      const { id = newId(), storeId = "MAD", customerId = "ann", quantity = 1 } = over;
      await given({
        kind: "Reserve",
        groupId: over.groupId ?? null,
        customerId,
        ttlMs: 1,
        metadata: null,
        lines: [{ reservationId: id, idBrought: false, productId, storeId, quantity }],
      });
      const made = await store.reservation(id);
      await until(() => Date.now() > (made?.expiresAt ?? 0), "the hold is over");
      return id;
    },
    async mustBeSound() {
      const rows = await store.auditRows({ after: null, limit: 10_000, eventsMax: null });
      assert.deepEqual([rows.next, rows.findings], [null, []]);
      assert.deepEqual(await store.auditLog(), []);
    },
  };
}

/** A field of an answer that is text. */
export function textOf(body: Readonly<Record<string, unknown>>, field: string): string {
  const value = body[field];
  assert.ok(typeof value === "string", `${field} is text`);
  return value;
}

/** A field of an answer that is a list of objects. */
export function listOf(
  body: Readonly<Record<string, unknown>>,
  field = "items",
): readonly Record<string, unknown>[] {
  const value = body[field];
  assert.ok(Array.isArray(value), `${field} is a list`);
  return value;
}

export function idsOf(body: Readonly<Record<string, unknown>>, field = "items"): string[] {
  return listOf(body, field).map((one) => textOf(one, "id"));
}

/** Refused with this status and code, and at least these facts. */
export function assertProblem(
  answer: Answer,
  status: number,
  code: string,
  facts: Readonly<Record<string, unknown>> = {},
): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
  assert.partialDeepStrictEqual(answer.body, { status, code, ...facts });
}

/** Not valid because of one field, named by its path. */
export function assertInvalid(answer: Answer, path: string): void {
  assertProblem(answer, 400, "validation_failed");
  assert.deepEqual(
    listOf(answer.body, "errors").map((one) => one["path"]),
    [path],
  );
}
