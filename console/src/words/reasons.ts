// Why stock changed, as people say it.

import { wordsOf } from "../i18n.ts";

export const reasonWords = wordsOf(
  {
    RESTOCK: "Goods received",
    SALE: "Sale",
    RETURN: "Customer return",
    DAMAGE: "Damaged",
    SHRINKAGE: "Lost or stolen",
    COUNT: "Count",
    CORRECTION: "Correction",
    TRANSFER: "Transfer",
    INITIAL: "First stock",
    OTHER: "Other",
  },
  {
    RESTOCK: "Mercancía recibida",
    SALE: "Venta",
    RETURN: "Devolución de cliente",
    DAMAGE: "Dañado",
    SHRINKAGE: "Pérdida o robo",
    COUNT: "Recuento",
    CORRECTION: "Corrección",
    TRANSFER: "Traslado",
    INITIAL: "Existencias iniciales",
    OTHER: "Otro",
  },
);
