// Spanish and English: by the browser at first, then as the person has chosen. Each page has its words in a file of its
// own, both languages side by side, so that neither can miss one: `wordsOf` does not compile where the two differ.

import i18next from "i18next";
import LanguageDetector from "i18next-browser-languagedetector";
import { initReactI18next, useTranslation } from "react-i18next";

export const languages = { en: "English", es: "Español" } as const;
export type Language = keyof typeof languages;

type Texts = Readonly<Record<string, string>>;

export interface Words<Keys extends string> {
  readonly name: string;
  readonly en: Readonly<Record<Keys, string>>;
  readonly es: Readonly<Record<Keys, string>>;
}

let tables = 0;

/** Places in a text are `{{name}}`; `key_one` and `key_other` are told apart by a value `count`. */
export function wordsOf<const English extends Texts>(
  en: English,
  es: Readonly<Record<keyof English & string, string>>,
): Words<keyof English & string> {
  tables += 1;
  return { name: `words-${tables}`, en, es };
}

export async function startI18n(): Promise<void> {
  await i18next
    .use(LanguageDetector)
    .use(initReactI18next)
    .init({
      fallbackLng: "en",
      supportedLngs: Object.keys(languages),
      nonExplicitSupportedLngs: true,
      load: "languageOnly",
      resources: {},
      detection: { order: ["localStorage", "navigator"], lookupLocalStorage: "onhand-language" },
      // React escapes: texts are never HTML.
      interpolation: { escapeValue: false },
      keySeparator: false,
      nsSeparator: false,
    });
  document.documentElement.lang = language();
  i18next.on("languageChanged", () => {
    document.documentElement.lang = language();
  });
}

export function language(): Language {
  return i18next.resolvedLanguage === "es" || i18next.language.startsWith("es") ? "es" : "en";
}

export async function changeLanguage(to: Language): Promise<void> {
  await i18next.changeLanguage(to);
}

/** Values for the places in a text. */
export type Values = Readonly<Record<string, string | number>>;

/** A key, or what `_one` and `_other` have in common. */
export type Said<Keys extends string> = Keys | (Keys extends `${infer Stem}_other` ? Stem : never);

export type Say<Keys extends string> = (key: Said<Keys>, values?: Values) => string;

/** The words of a page in the language of now; the page is drawn again when that changes. */
export function useWords<Keys extends string>(words: Words<Keys>): Say<Keys> {
  for (const code of ["en", "es"] as const) {
    if (!i18next.hasResourceBundle(code, words.name)) {
      i18next.addResourceBundle(code, words.name, words[code]);
    }
  }
  const { t } = useTranslation(words.name);
  return (key, values = {}) => t(key as string, written(values));
}

/** Numbers as the language writes them; `count` as it is, for the choice of a plural. */
function written(values: Values): Values {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === "number" && name !== "count" ? formatNumber(value) : value,
  ]);
  return Object.fromEntries(entries);
}

/** Made once: making one costs more than all the numbers of a page. */
const numberFormats = {
  en: new Intl.NumberFormat("en", { useGrouping: true }),
  es: new Intl.NumberFormat("es", { useGrouping: true }),
};

export function formatNumber(value: number): string {
  return numberFormats[language()].format(value);
}

export function formatMoney(value: number): string {
  return new Intl.NumberFormat(language(), { style: "currency", currency: "EUR" }).format(value);
}

export function formatTime(iso: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "short", timeStyle: "medium" }).format(
    new Date(iso),
  );
}

/** Hours and minutes. */
export function formatClock(at: number): string {
  return new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** The time alone where it was today. */
export function formatWhen(iso: string): string {
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  const parts = isToday
    ? ({ timeStyle: "medium" } as const)
    : ({ dateStyle: "short", timeStyle: "short" } as const);
  return new Intl.DateTimeFormat(language(), parts).format(at);
}
