// What the service refused, as a person would say it. Every code that a person can meet by working here has words; what
// has none is told in the service's own sentence. Where a field is at fault, its form shows it there.

import { isOnhandError, type OnhandError } from "@onhand/client";
import { useWords, wordsOf } from "./i18n.ts";
import { useStoreName } from "./queries.ts";

const words = wordsOf(
  {
    insufficient_stock: "Only {{available}} left in {{store}}; {{requested}} were asked for.",
    insufficient_none: "Nothing left in {{store}}.",
    quantity_below_reserved:
      "{{reserved}} units are held for customers in {{store}}: the quantity cannot go below that.",
    version_mismatch: "Somebody else was quicker: this has changed since you saw it.",
    reservation_not_pending: "This reservation has ended already.",
    reservation_confirmed: "This reservation was sold already.",
    reservation_cancelled: "This reservation was cancelled already.",
    reservation_expired: "This reservation has expired.",
    store_inactive: "{{store}} is closed for changes.",
    customer_limit_reached: "This customer holds as much as one customer may.",
    product_in_use: "This product still has stock or open reservations.",
    store_in_use: "This store still has stock or open reservations.",
    sku_taken: "Another product has this SKU.",
    id_taken: "This id is in use.",
    stock_exists: "This store has the product already.",
    lifetime_exceeded: "A reservation cannot be held for that long.",
    same_store: "Choose two different stores.",
    product_not_found: "There is no such product any more.",
    store_not_found: "There is no such store any more.",
    stock_not_found: "This store does not have this product.",
    reservation_not_found: "There is no such reservation.",
    group_not_found: "There are no such reservations.",
    key_not_found: "There is no such key any more.",
    webhook_not_found: "There is no such webhook any more.",
    webhook_limit_reached: "There are {{limit}} webhooks, as many as there may be.",
    forbidden: "Your role may not do this here.",
    unauthenticated: "This is no key or token that is known here.",
    rate_limited: "Too many requests; wait a moment.",
    overloaded: "The service is busy. Nothing was changed; try again in a moment.",
    database_unavailable:
      "The service cannot reach its database. Nothing was changed; try again in a moment.",
    no_answer:
      "No answer from the service. It may or may not have been done: try again, it will not be done twice.",
    validation_failed: "Something in the form is not right.",
  },
  {
    insufficient_stock: "Solo quedan {{available}} en {{store}}; se pidieron {{requested}}.",
    insufficient_none: "No queda nada en {{store}}.",
    quantity_below_reserved:
      "Hay {{reserved}} unidades reservadas para clientes en {{store}}: la cantidad no puede ser menor.",
    version_mismatch: "Alguien se adelantó: esto ha cambiado desde que lo vio.",
    reservation_not_pending: "Esta reserva ya terminó.",
    reservation_confirmed: "Esta reserva ya se vendió.",
    reservation_cancelled: "Esta reserva ya se canceló.",
    reservation_expired: "Esta reserva ha caducado.",
    store_inactive: "{{store}} está cerrada para cambios.",
    customer_limit_reached: "Este cliente ya tiene reservado el máximo permitido.",
    product_in_use: "Este producto aún tiene existencias o reservas abiertas.",
    store_in_use: "Esta tienda aún tiene existencias o reservas abiertas.",
    sku_taken: "Otro producto tiene este SKU.",
    id_taken: "Este identificador ya se usa.",
    stock_exists: "Esta tienda ya tiene el producto.",
    lifetime_exceeded: "Una reserva no puede durar tanto.",
    same_store: "Elija dos tiendas distintas.",
    product_not_found: "Ese producto ya no existe.",
    store_not_found: "Esa tienda ya no existe.",
    stock_not_found: "Esta tienda no tiene este producto.",
    reservation_not_found: "No existe esa reserva.",
    group_not_found: "No existen esas reservas.",
    key_not_found: "Esa clave ya no existe.",
    webhook_not_found: "Ese webhook ya no existe.",
    webhook_limit_reached: "Ya hay {{limit}} webhooks, que es el máximo.",
    forbidden: "Su rol no puede hacer esto aquí.",
    unauthenticated: "Esa clave o token no se conoce aquí.",
    rate_limited: "Demasiadas peticiones; espere un momento.",
    overloaded: "El servicio está ocupado. No se cambió nada; inténtelo en un momento.",
    database_unavailable:
      "El servicio no alcanza su base de datos. No se cambió nada; inténtelo en un momento.",
    no_answer:
      "El servicio no respondió. Puede que se haya hecho o no: inténtelo de nuevo, no se hará dos veces.",
    validation_failed: "Algo en el formulario no es correcto.",
  },
);

type Known = keyof typeof words.en;

export type SayRefusal = (error: unknown) => string;

export function useRefusal(): SayRefusal {
  const say = useWords(words);
  const storeName = useStoreName();
  return (error) => {
    if (!isOnhandError(error)) return error instanceof Error ? error.message : String(error);
    const facts = factsOf(error);
    const store = storeName(String(facts["store_id"] ?? ""));
    const sentence = sentenceOf(error.code, facts);
    if (!Object.hasOwn(words.en, sentence)) return error.message;
    return say(sentence as Known, { ...facts, store });
  };
}

/** The code, or a sentence of its own for what a fact makes of it. */
function sentenceOf(code: string, facts: Record<string, string | number>): string {
  if (code === "insufficient_stock" && facts["available"] === 0) return "insufficient_none";
  if (code === "reservation_not_pending") {
    const sentence = `reservation_${String(facts["reservation_status"]).toLowerCase()}`;
    return Object.hasOwn(words.en, sentence) ? sentence : code;
  }
  return code;
}

/** What can stand in a text. */
function factsOf(error: OnhandError): Record<string, string | number> {
  const simple = Object.entries(error.facts).filter(
    (fact): fact is [string, string | number] =>
      typeof fact[1] === "string" || typeof fact[1] === "number",
  );
  return Object.fromEntries(simple);
}

/** What is wrong with which field, by its name: for forms. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!isOnhandError(error, "validation_failed")) return {};
  const found = (error.facts.errors ?? []).map(({ path, message }) => [path.slice(1), message]);
  return Object.fromEntries(found);
}
