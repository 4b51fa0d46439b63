// An event of a row in a person's words.

import type { OnhandEvent } from "@onhand/client";
import { useWords, wordsOf } from "../i18n.ts";
import { reasonWords } from "../words/reasons.ts";

const words = wordsOf(
  {
    created: "Taken in",
    changed: "Changed",
    reorder: "Reorder point {{point}}",
    reorderGone: "Reorder point taken away",
    sent: "To {{store}}",
    got: "From {{store}}",
    held: "{{units}} held for {{customer}}",
    sold: "{{units}} handed over to {{customer}}",
    cancelled: "Reservation of {{customer}} cancelled",
    expired: "Reservation of {{customer}} expired",
    extended: "Reservation of {{customer}} extended",
    low: "Down to the reorder point: {{units}} available",
    out: "Nothing available",
    back: "Available again: {{units}}",
  },
  {
    created: "Incorporado",
    changed: "Cambio",
    reorder: "Punto de pedido {{point}}",
    reorderGone: "Punto de pedido eliminado",
    sent: "A {{store}}",
    got: "De {{store}}",
    held: "Reserva de {{units}} para {{customer}}",
    sold: "Entrega de {{units}} a {{customer}}",
    cancelled: "Reserva de {{customer}} cancelada",
    expired: "Reserva de {{customer}} caducada",
    extended: "Reserva de {{customer}} prolongada",
    low: "En el punto de pedido: {{units}} disponibles",
    out: "Nada disponible",
    back: "Disponible de nuevo: {{units}}",
  },
);

export interface Happening {
  readonly what: string;
  readonly why: string | null;
  readonly note: string | null;
}

export function useHappened(event: OnhandEvent, storeName: (storeId: string) => string): Happening {
  const say = useWords(words);
  const sayReason = useWords(reasonWords);
  const only = (what: string): Happening => ({ what, why: null, note: null });
  switch (event.type) {
    case "stock.created":
    case "stock.updated": {
      const { reason, note = null } = event.payload;
      const point = "reorder_point" in event.payload ? event.payload.reorder_point : undefined;
      const { before, after } = event.payload.stock;
      const isOnlyPoint = point !== undefined && before.quantity === after.quantity;
      const saysPoint = point === null ? say("reorderGone") : say("reorder", { point: point ?? 0 });
      if (isOnlyPoint) return { what: saysPoint, why: null, note };
      const what = say(event.type === "stock.created" ? "created" : "changed");
      const why = sayReason(reason);
      return { what, why: point === undefined ? why : `${why} · ${saysPoint}`, note };
    }
    case "stock.transferred": {
      const { direction, other_store_id, reason, note = null } = event.payload;
      const store = storeName(other_store_id);
      return {
        what: say(direction === "out" ? "sent" : "got", { store }),
        why: sayReason(reason),
        note,
      };
    }
    case "reservation.created": {
      const { quantity: units, customer_id: customer } = event.payload;
      return only(say("held", { units, customer }));
    }
    case "reservation.confirmed": {
      const { confirmed_quantity: units, customer_id: customer } = event.payload;
      return only(say("sold", { units, customer }));
    }
    case "reservation.cancelled": {
      const { customer_id: customer, reason: note = null } = event.payload;
      return { what: say("cancelled", { customer }), why: null, note };
    }
    case "reservation.expired":
      return only(say("expired", { customer: event.payload.customer_id }));
    case "reservation.extended":
      return only(say("extended", { customer: event.payload.customer_id }));
    case "stock.low":
      return only(say("low", { units: event.payload.available }));
    case "stock.out":
      return only(say("out"));
    case "stock.back":
      return only(say("back", { units: event.payload.available }));
    default:
      // A newer service may tell what this console does not know.
      return only(event.type);
  }
}
