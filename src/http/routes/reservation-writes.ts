// Writing reservations: hold units (one line, or a basket of lines, all or none), sell them, let them
// go, hold them longer. Each is one command; the domain decides. What is asked here is only whether the
// caller may ask: a customer for itself, everyone else in its own stores. A reservation that the caller
// may not see is not there, which the domain says through `visibleTo`.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ReserveLine } from "../../domain/model.ts";
import { must } from "../../lib/assert.ts";
import { reservationLinesMax, ttlSecondsDefault } from "../../limits.ts";
import type { HttpDeps } from "../deps.ts";
import {
  businessOf,
  businessOfLines,
  CancelBody,
  ExtendBody,
  neededTtlMs,
  openHoldCodes,
  ttlFields,
  ttlMsOf,
} from "../holds.ts";
import { issued } from "../idempotency.ts";
import { type ReplyOf, sendOutcome } from "../outcome.ts";
import { groupAnswer, reservationAnswer } from "../present.ts";
import { invalidField, ProblemError } from "../problem.ts";
import { type Caller, mustOwnStore, visibility } from "../roles.ts";
import { route } from "../route.ts";
import {
  Body,
  CustomerId,
  GroupAnswer,
  Id,
  Metadata,
  NewId,
  OneOf,
  Parts,
  ReservationAnswer,
  ReservationUnits,
} from "../schemas.ts";
import { type Static, Type } from "../type.ts";
import { metadataText } from "../values.ts";

const ReserveLineBody = Body({ product_id: Id, store_id: Id, quantity: ReservationUnits });

/**
 * Two forms in one shape, told apart by the presence of `lines`: with `oneOf` a mistake in either would
 * be answered with the mistakes of both.
 */
const ReserveBody = Type.Object(
  {
    product_id: Type.Optional(Id),
    store_id: Type.Optional(Id),
    quantity: Type.Optional(ReservationUnits),
    id: Type.Optional(NewId),
    lines: Type.Optional(
      Type.Array(ReserveLineBody, { minItems: 1, maxItems: reservationLinesMax }),
    ),
    customer_id: CustomerId,
    ...ttlFields,
    metadata: Type.Optional(Metadata),
  },
  {
    additionalProperties: false,
    description:
      "Either product_id, store_id and quantity, or lines. Without ttl units are held for 600 s.",
    if: { required: ["lines"] },
    else: { required: ["product_id", "store_id", "quantity"] },
  },
);
type ReserveRequest = FastifyRequest & { readonly body: Static<typeof ReserveBody> };

/** Documents both answers. It never serialises: the handler sends text, made by the shape that fits. */
const ReservedAnswer = Type.Unsafe<unknown>({ oneOf: [ReservationAnswer, GroupAnswer] });

const ConfirmBody = Body({
  quantity: Type.Optional(ReservationUnits),
  if_expired: Type.Optional(
    OneOf(["refuse", "retake"], "What to do where it has expired; retake: sell if still there."),
  ),
});

const writing = { method: "POST", tag: "reservations" } as const;
const reservationId = Parts({ id: Id });

export function reservationWrites(app: FastifyInstance, deps: HttpDeps): void {
  reserveRoute(app, deps);
  confirmRoute(app, deps);
  cancelRoute(app, deps);
  extendRoute(app, deps);
}

function reserveRoute(app: FastifyInstance, deps: HttpDeps): void {
  route(app, {
    ...writing,
    url: "/api/v1/reservations",
    scope: "reservation:create",
    id: "createReservation",
    summary: "Holds units for a customer: one product, or a basket of lines, all or none",
    schema: { body: ReserveBody, response: { 201: ReservedAnswer } },
    codes: [
      "product_not_found",
      "store_not_found",
      "store_inactive",
      "id_taken",
      "lifetime_exceeded",
      "customer_limit_reached",
      "insufficient_stock",
    ],
    handler: (request, reply) =>
      request.body.lines === undefined
        ? reserveOne(deps, request, reply)
        : reserveBasket(deps, request, reply, request.body.lines),
  });
}

async function reserveOne(
  { execute, newId }: HttpDeps,
  request: ReserveRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { caller, body } = request;
  const line = lineOf(body, body.id, newId);
  mustReserve(caller, body.customer_id, [line]);
  request.business = {
    operation: "reserve",
    store_id: line.storeId,
    product_id: line.productId,
    quantity: line.quantity,
  };
  const outcome = await execute({
    ...issued(request),
    kind: "Reserve",
    groupId: null,
    customerId: body.customer_id,
    ttlMs: ttlMsOf(body) ?? ttlMsDefault,
    metadata: metadataText(body.metadata),
    lines: [line],
  });
  return sendOutcome(request, reply, outcome, "reservation", reserved);
}

const ttlMsDefault = ttlSecondsDefault * 1_000;

async function reserveBasket(
  { execute, newId }: HttpDeps,
  request: ReserveRequest,
  reply: FastifyReply,
  asked: readonly Static<typeof ReserveLineBody>[],
): Promise<FastifyReply> {
  const { caller, body } = request;
  for (const name of ["product_id", "store_id", "quantity", "id"] as const) {
    if (body[name] !== undefined) throw invalidField(`/${name}`, "must not stand beside lines");
  }
  const lines = asked.map((one) => lineOf(one, undefined, newId));
  mustReserve(caller, body.customer_id, lines);
  request.business = businessOfLines("reserve", lines);
  const outcome = await execute({
    ...issued(request),
    kind: "Reserve",
    groupId: newId(),
    customerId: body.customer_id,
    ttlMs: ttlMsOf(body) ?? ttlMsDefault,
    metadata: metadataText(body.metadata),
    lines,
  });
  return sendOutcome(request, reply, outcome, "group", reservedGroup);
}

interface Line {
  readonly product_id?: string;
  readonly store_id?: string;
  readonly quantity?: number;
}

function lineOf(line: Line, broughtId: string | undefined, newId: () => string): ReserveLine {
  return {
    reservationId: broughtId ?? newId(),
    idBrought: broughtId !== undefined,
    productId: must(line.product_id, "the schema asks for it"),
    storeId: must(line.store_id, "the schema asks for it"),
    quantity: must(line.quantity, "the schema asks for it"),
  };
}

function mustReserve(caller: Caller, customerId: string, lines: readonly ReserveLine[]): void {
  if (caller.role === "customer" && customerId !== caller.subject) {
    throw new ProblemError("forbidden", "You may reserve for yourself only.", {
      facts: { customer_id: customerId },
    });
  }
  for (const { storeId } of lines) mustOwnStore(caller, storeId);
}

const json = "application/json; charset=utf-8";
// The framework compiles each once and finds it again by the object.
const reservationShape = { ...ReservationAnswer };
const groupShape = { ...GroupAnswer };

function reserved({ reservation }: ReplyOf<"reservation">, reply: FastifyReply, at: number) {
  reply.code(201).header("location", `/api/v1/reservations/${reservation.id}`);
  reply.header("content-type", json);
  return reply.serializeInput({ ...reservationAnswer(reservation, at) }, reservationShape);
}

function reservedGroup(group: ReplyOf<"group">, reply: FastifyReply, at: number) {
  reply.code(201).header("location", `/api/v1/reservation-groups/${group.groupId}`);
  reply.header("content-type", json);
  return reply.serializeInput({ ...groupAnswer(group, at) }, groupShape);
}

function changed({ reservation }: ReplyOf<"reservation">, _reply: FastifyReply, at: number) {
  return reservationAnswer(reservation, at);
}

function confirmRoute(app: FastifyInstance, { execute, newId }: HttpDeps): void {
  route(app, {
    ...writing,
    url: "/api/v1/reservations/:id/confirm",
    scope: "reservation:confirm",
    id: "confirmReservation",
    summary: "Sells the held units",
    description:
      "A smaller quantity sells so many and releases the rest. An expired reservation is refused, or, " +
      "with if_expired: retake, its units are taken again and sold as a new reservation.",
    emptyBody: true,
    schema: { params: reservationId, body: ConfirmBody, response: { 200: ReservationAnswer } },
    codes: ["reservation_not_found", ...openHoldCodes, "insufficient_stock"],
    async handler(request, reply) {
      const { caller, params, body } = request;
      request.business = { operation: "confirm" };
      const outcome = await execute({
        ...issued(request),
        kind: "Confirm",
        holds: { kind: "reservation", id: params.id },
        visibleTo: visibility(caller),
        quantity: body.quantity ?? null,
        retakeId: body.if_expired === "retake" ? newId() : null,
      });
      request.business = businessOf("confirm", outcome);
      return sendOutcome(request, reply, outcome, "reservation", changed);
    },
  });
}

function cancelRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    ...writing,
    url: "/api/v1/reservations/:id/cancel",
    scope: "reservation:cancel",
    id: "cancelReservation",
    summary: "Releases the held units",
    emptyBody: true,
    schema: { params: reservationId, body: CancelBody, response: { 200: ReservationAnswer } },
    codes: ["reservation_not_found", "reservation_not_pending", "reservation_expired"],
    async handler(request, reply) {
      const { caller, params, body } = request;
      request.business = { operation: "cancel" };
      const outcome = await execute({
        ...issued(request),
        kind: "Cancel",
        holds: { kind: "reservation", id: params.id },
        visibleTo: visibility(caller),
        reason: body.reason ?? null,
      });
      request.business = businessOf("cancel", outcome);
      return sendOutcome(request, reply, outcome, "reservation", changed);
    },
  });
}

function extendRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    ...writing,
    url: "/api/v1/reservations/:id/extend",
    scope: "reservation:extend",
    id: "extendReservation",
    summary: "Holds the units longer, counted from now",
    description: "Capped to the longest total life; refused where that is used up.",
    schema: { params: reservationId, body: ExtendBody, response: { 200: ReservationAnswer } },
    codes: ["reservation_not_found", ...openHoldCodes, "lifetime_exceeded"],
    async handler(request, reply) {
      const { caller, params, body } = request;
      request.business = { operation: "extend" };
      const outcome = await execute({
        ...issued(request),
        kind: "Extend",
        holds: { kind: "reservation", id: params.id },
        visibleTo: visibility(caller),
        ttlMs: neededTtlMs(body),
      });
      request.business = businessOf("extend", outcome);
      return sendOutcome(request, reply, outcome, "reservation", changed);
    },
  });
}
