// Reading reservations. A caller sees those of its stores, a customer its own; what it may not see is
// not there. Lists are newest first; those of a store, and of a product in it, also say how many there
// are in all.

import type { FastifyInstance } from "fastify";
import type { ReservationStatus } from "../../domain/model.ts";
import { pageLimitDefault } from "../../limits.ts";
import { goesByLog, type PageQuery, type ReservationQuery, type Store } from "../../store/store.ts";
import { type CursorKind, cursorKind, pageAnswer } from "../cursor.ts";
import type { HttpDeps } from "../deps.ts";
import { listScope, seesReservation } from "../holds.ts";
import { mustSeeStore } from "../place.ts";
import { reservationAnswer } from "../present.ts";
import { refusedWith } from "../problem.ts";
import { type Caller, seesStore, visibility } from "../roles.ts";
import { route } from "../route.ts";
import {
  Answer,
  CustomerId,
  Id,
  Nullable,
  PageOf,
  Parts,
  paging,
  ReservationAnswer,
  ReservationState,
} from "../schemas.ts";
import { type Static, Type } from "../type.ts";
import { reservationWrites } from "./reservation-writes.ts";

const count = Type.Integer();
const ReservationCountedPage = Answer("ReservationCountedPage", {
  items: Type.Array(ReservationAnswer),
  next_cursor: Nullable(Type.String()),
  count: Type.Integer({ description: "How many there are in all." }),
});
const ReservationStats = Answer("ReservationStats", {
  total: count,
  by_status: Type.Object({ PENDING: count, CONFIRMED: count, CANCELLED: count, EXPIRED: count }),
});

// What the numbers of a list count is told by its name: a cursor of one means nothing in another, and nothing in
// the same with filters that put it in another order.
const listCursors = cursorsOf("reservations");
const pendingCursor = cursorKind("reservations-pending", ["number"]);
const placeCursors = cursorsOf("reservations-of-row");

function cursorsOf(list: string): (filter: Parameters<typeof goesByLog>[0]) => CursorKind {
  const byLog = cursorKind(`${list}-by-log`, ["number"]);
  const byNumber = cursorKind(list, ["number"]);
  return (filter) => (goesByLog(filter) ? byLog : byNumber);
}

export function reservationRoutes(app: FastifyInstance, deps: HttpDeps): void {
  oneRoute(app, deps);
  listRoute(app, deps);
  countedRoutes(app, deps);
  statsRoute(app, deps);
  reservationWrites(app, deps);
}

const reading = { method: "GET", scope: "reservation:read", tag: "reservations" } as const;

function oneRoute(app: FastifyInstance, { store, now }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/reservations/:id",
    id: "getReservation",
    summary: "One reservation",
    schema: { params: Parts({ id: Id }), response: { 200: ReservationAnswer } },
    codes: ["reservation_not_found"],
    async handler({ params: { id }, caller }) {
      const reservation = await store.reservation(id);
      if (reservation === null || !seesReservation(caller, reservation)) {
        throw refusedWith({ code: "reservation_not_found", reservationId: id });
      }
      return reservationAnswer(reservation, now());
    },
  });
}

function listRoute(app: FastifyInstance, { store, now }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/reservations",
    id: "listReservations",
    summary: "Lists reservations, newest first",
    description: "A page may be short, even empty, and still have a next_cursor: go on until null.",
    schema: {
      querystring: Parts({
        ...paging,
        store_id: Type.Optional(Id),
        product_id: Type.Optional(Id),
        customer_id: Type.Optional(CustomerId),
        status: Type.Optional(ReservationState),
      }),
      response: { 200: PageOf("ReservationPage", ReservationAnswer) },
    },
    async handler({ query, caller }) {
      const scope = listScope(caller, query.customer_id ?? null);
      if (scope === null) return { items: [], next_cursor: null };
      const filter = {
        ...scope,
        storeId: query.store_id ?? null,
        productId: query.product_id ?? null,
        status: query.status ?? null,
      };
      const cursor = listCursors(filter);
      const after = cursor.read(query.cursor);
      const limit = query.limit ?? pageLimitDefault;
      const page = await store.reservations({ ...filter, after, limit });
      const at = now();
      return pageAnswer(page, cursor, (one) => reservationAnswer(one, at));
    },
  });
}

function countedRoutes(app: FastifyInstance, { store, now }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/reservations/store/:store_id/pending",
    id: "listPendingReservations",
    summary: "Who is coming to collect: the pending reservations of a store, newest first",
    schema: {
      params: Parts({ store_id: Id }),
      querystring: Parts(paging),
      response: { 200: ReservationCountedPage },
    },
    codes: ["store_not_found"],
    async handler({ params, query, caller }) {
      const after = pendingCursor.read(query.cursor);
      await mustSeeStore(store, caller, params.store_id);
      const { stores, customerId } = visibility(caller);
      const page = { after, limit: query.limit ?? pageLimitDefault };
      const filter = { stores, customerId, storeId: params.store_id, productId: null } as const;
      return countedPage(store, { ...filter, ...page, status: "PENDING" }, pendingCursor, now());
    },
  });

  route(app, {
    ...reading,
    url: "/api/v1/reservations/product/:product_id/store/:store_id",
    id: "listReservationsOfStock",
    summary: "The reservations of a product in a store, newest first",
    schema: {
      params: Parts({ product_id: Id, store_id: Id }),
      querystring: Parts({ ...paging, status: Type.Optional(ReservationState) }),
      response: { 200: ReservationCountedPage },
    },
    codes: ["product_not_found", "store_not_found"],
    async handler({ params, query, caller }) {
      const { product_id: productId, store_id: storeId } = params;
      const { stores, customerId } = visibility(caller);
      const filter = { stores, customerId, storeId, productId, status: query.status ?? null };
      const cursor = placeCursors(filter);
      const after = cursor.read(query.cursor);
      if ((await store.product(productId)) === null) {
        throw refusedWith({ code: "product_not_found", productId });
      }
      await mustSeeStore(store, caller, storeId);
      const page = { after, limit: query.limit ?? pageLimitDefault };
      return countedPage(store, { ...filter, ...page }, cursor, now());
    },
  });
}

async function countedPage(
  store: Store,
  query: ReservationQuery & PageQuery,
  cursor: CursorKind,
  at: number,
): Promise<Static<typeof ReservationCountedPage>> {
  const page = await store.reservations(query);
  const answer = pageAnswer(page, cursor, (one) => reservationAnswer(one, at));
  // Where the page is all there is, it counts itself: the two can then not disagree.
  const isAll = query.after === null && page.next === null;
  return { ...answer, count: isAll ? page.items.length : await store.reservationCount(query) };
}

function statsRoute(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/reservations/stats",
    id: "getReservationStats",
    summary: "How many reservations there are, by status",
    description: "Of the caller's stores; for a customer, of its own reservations.",
    schema: { response: { 200: ReservationStats } },
    handler: async ({ caller }) => statsAnswer(await countsOf(store, caller)),
  });
}

type Counts = Record<ReservationStatus, number>;

async function countsOf(store: Store, caller: Caller): Promise<Counts> {
  const { stores, customerId } = visibility(caller);
  if (customerId !== null) {
    const own = { stores, customerId, storeId: null, productId: null };
    const [PENDING, CONFIRMED, CANCELLED, EXPIRED] = await Promise.all([
      store.reservationCount({ ...own, status: "PENDING" }),
      store.reservationCount({ ...own, status: "CONFIRMED" }),
      store.reservationCount({ ...own, status: "CANCELLED" }),
      store.reservationCount({ ...own, status: "EXPIRED" }),
    ]);
    return { PENDING, CONFIRMED, CANCELLED, EXPIRED };
  }
  const counts: Counts = { PENDING: 0, CONFIRMED: 0, CANCELLED: 0, EXPIRED: 0 };
  for (const { storeId, byStatus } of await store.totals()) {
    if (!seesStore(caller, storeId)) continue;
    counts.PENDING += byStatus.PENDING;
    counts.CONFIRMED += byStatus.CONFIRMED;
    counts.CANCELLED += byStatus.CANCELLED;
    counts.EXPIRED += byStatus.EXPIRED;
  }
  return counts;
}

function statsAnswer(counts: Counts): Static<typeof ReservationStats> {
  const { PENDING, CONFIRMED, CANCELLED, EXPIRED } = counts;
  return { total: PENDING + CONFIRMED + CANCELLED + EXPIRED, by_status: counts };
}
