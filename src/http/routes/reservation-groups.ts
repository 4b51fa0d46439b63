// Groups: reservations that were made together and are sold, let go or held longer together, all or
// none. A group that the caller may not see the whole of is not there.

import type { FastifyInstance, FastifyReply } from "fastify";
import type { HttpDeps } from "../deps.ts";
import {
  businessOf,
  CancelBody,
  ExtendBody,
  neededTtlMs,
  openHoldCodes,
  seesReservation,
} from "../holds.ts";
import { issued } from "../idempotency.ts";
import { type ReplyOf, sendOutcome } from "../outcome.ts";
import { groupAnswer } from "../present.ts";
import { refusedWith } from "../problem.ts";
import { visibility } from "../roles.ts";
import { route } from "../route.ts";
import { Body, GroupAnswer, Id, Parts } from "../schemas.ts";

const groupIdPart = Parts({ group_id: Id });
const writing = { method: "POST", tag: "reservations" } as const;

export function reservationGroupRoutes(app: FastifyInstance, deps: HttpDeps): void {
  readRoute(app, deps);
  confirmRoute(app, deps);
  cancelRoute(app, deps);
  extendRoute(app, deps);
}

function readRoute(app: FastifyInstance, { store, now }: HttpDeps): void {
  route(app, {
    method: "GET",
    url: "/api/v1/reservation-groups/:group_id",
    scope: "reservation:read",
    tag: "reservations",
    id: "getReservationGroup",
    summary: "The reservations of a group, in the order of their lines",
    schema: { params: groupIdPart, response: { 200: GroupAnswer } },
    codes: ["group_not_found"],
    async handler({ params: { group_id: groupId }, caller }) {
      const reservations = await store.group(groupId);
      if (reservations.length === 0 || !reservations.every((one) => seesReservation(caller, one))) {
        throw refusedWith({ code: "group_not_found", groupId });
      }
      return groupAnswer({ groupId, reservations }, now());
    },
  });
}

function confirmRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    ...writing,
    url: "/api/v1/reservation-groups/:group_id/confirm",
    scope: "reservation:confirm",
    id: "confirmReservationGroup",
    summary: "Sells the held units of the whole group, or of none",
    emptyBody: true,
    schema: { params: groupIdPart, body: Body({}), response: { 200: GroupAnswer } },
    codes: ["group_not_found", ...openHoldCodes],
    async handler(request, reply) {
      request.business = { operation: "confirm" };
      const outcome = await execute({
        ...issued(request),
        kind: "Confirm",
        holds: { kind: "group", id: request.params.group_id },
        visibleTo: visibility(request.caller),
        quantity: null,
        retakeId: null,
      });
      request.business = businessOf("confirm", outcome);
      return sendOutcome(request, reply, outcome, "group", changed);
    },
  });
}

function cancelRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    ...writing,
    url: "/api/v1/reservation-groups/:group_id/cancel",
    scope: "reservation:cancel",
    id: "cancelReservationGroup",
    summary: "Releases the held units of the whole group, or of none",
    emptyBody: true,
    schema: { params: groupIdPart, body: CancelBody, response: { 200: GroupAnswer } },
    codes: ["group_not_found", "reservation_not_pending", "reservation_expired"],
    async handler(request, reply) {
      request.business = { operation: "cancel" };
      const outcome = await execute({
        ...issued(request),
        kind: "Cancel",
        holds: { kind: "group", id: request.params.group_id },
        visibleTo: visibility(request.caller),
        reason: request.body.reason ?? null,
      });
      request.business = businessOf("cancel", outcome);
      return sendOutcome(request, reply, outcome, "group", changed);
    },
  });
}

function extendRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    ...writing,
    url: "/api/v1/reservation-groups/:group_id/extend",
    scope: "reservation:extend",
    id: "extendReservationGroup",
    summary: "Holds the units of the whole group longer, or of none; counted from now",
    description: "Capped to the longest total life; refused where that is used up.",
    schema: { params: groupIdPart, body: ExtendBody, response: { 200: GroupAnswer } },
    codes: ["group_not_found", ...openHoldCodes, "lifetime_exceeded"],
    async handler(request, reply) {
      request.business = { operation: "extend" };
      const outcome = await execute({
        ...issued(request),
        kind: "Extend",
        holds: { kind: "group", id: request.params.group_id },
        visibleTo: visibility(request.caller),
        ttlMs: neededTtlMs(request.body),
      });
      request.business = businessOf("extend", outcome);
      return sendOutcome(request, reply, outcome, "group", changed);
    },
  });
}

function changed(group: ReplyOf<"group">, _reply: FastifyReply, at: number) {
  return groupAnswer(group, at);
}
