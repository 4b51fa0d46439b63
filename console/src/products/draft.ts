// A product as its form has it, in texts, and the way from there to what the service takes.

import type { NewProduct, Product, ProductChanges } from "@onhand/client";
import { language } from "../i18n.ts";
import { priceIn, priceText } from "../price.ts";

export interface Draft {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly price: string;
  readonly description: string;
}

export const fields = ["sku", "name", "category", "price", "description"] as const;
export type Field = (typeof fields)[number];

export function draftOf(product: Product | null): Draft {
  return {
    id: product?.id ?? "",
    sku: product?.sku ?? "",
    name: product?.name ?? "",
    category: product?.category ?? "",
    price: product === null ? "" : priceText(product.price, language()),
    description: product?.description ?? "",
  };
}

export const draftPrice = ({ price }: Draft): number | null => priceIn(price, language());

/** As texts are kept: no space around, and nothing where there is none. */
function stored(draft: Draft) {
  const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());
  return {
    sku: draft.sku.trim(),
    name: draft.name.trim(),
    category: orNull(draft.category),
    price: draftPrice(draft) ?? Number.NaN,
    description: orNull(draft.description),
  };
}

export function newProductOf(draft: Draft): NewProduct {
  const id = draft.id.trim();
  return { ...stored(draft), ...(id === "" ? {} : { id }) };
}

/** What the person has changed, and nothing else: what others change meanwhile in other fields stays theirs. */
export function changesOf(draft: Draft, from: Product): ProductChanges {
  const wanted = stored(draft);
  const changed = fields.filter((field) => wanted[field] !== from[field]);
  return Object.fromEntries(changed.map((field) => [field, wanted[field]]));
}
