// Prices as people write them, to the cent: "1.234,50" in Spanish, "1,234.50" in English. Nothing is calculated, so no
// cent is lost; what could be meant in two ways is read as the language has it.

import type { Language } from "./i18n.ts";

const most = 10_000_000;

const separators: Readonly<Record<Language, { readonly group: string; readonly decimal: string }>> =
  {
    en: { group: ",", decimal: "." },
    es: { group: ".", decimal: "," },
  };

/** null: it is no price. */
export function priceIn(text: string, of: Language): number | null {
  const plain = text.replace(/[\s€]/g, "");
  const { group, decimal } = separators[of];
  const pattern = new RegExp(
    `^(\\d+|[1-9]\\d{0,2}(?:\\${group}\\d{3})+)(?:\\${decimal}(\\d{1,2}))?$`,
  );
  // The other sign is on many keyboards; before one or two digits it can only mean the decimals.
  const found = pattern.exec(plain) ?? /^(\d+)[.,](\d{1,2})$/.exec(plain);
  if (found === null) return null;
  const whole = (found[1] ?? "").replaceAll(group, "");
  const price = Number(`${whole}.${found[2] ?? "0"}`);
  return price <= most ? price : null;
}

/** As it is written in a field. */
export function priceText(price: number, of: Language): string {
  return new Intl.NumberFormat(of, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    useGrouping: "always",
  }).format(price);
}
