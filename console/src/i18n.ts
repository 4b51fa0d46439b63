// Spanish and English: by the browser at first, then as the person has chosen. Each page has its words in a file of its
// own, both languages side by side, so that neither can miss one: `wordsOf` does not compile where the two differ.

import i18next from "i18next";
import LanguageDetector from "i18next-browser-languagedetector";
import { initReactI18next, useTranslation } from "react-i18next";

export const languages = { en: "English", es: "Español" } as const;
export type Language = keyof typeof languages;

type Texts = Readonly<Record<string, string>>;

export interface Words<Keys extends string> {
  readonly en: Readonly<Record<Keys, string>>;
  readonly es: Readonly<Record<Keys, string>>;
}

export function wordsOf<const English extends Texts>(
  en: English,
  es: Readonly<Record<keyof English & string, string>>,
): Words<keyof English & string> {
  return { en, es };
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

/** Values for the places in a text: `{{name}}`. */
export type Values = Readonly<Record<string, string | number>>;

export type Say<Keys extends string> = (key: Keys, values?: Values) => string;

/** The words of a page in the language of now; the page is drawn again when that changes. */
export function useWords<Keys extends string>(words: Words<Keys>): Say<Keys> {
  // For the drawing again; its own table of words stays empty.
  useTranslation();
  const chosen = words[language()];
  return (key, values) => filled(chosen[key], values);
}

function filled(text: string, values: Values = {}): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_place, name: string) => {
    const value = values[name];
    return typeof value === "number" ? formatNumber(value) : String(value ?? "");
  });
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(language(), { useGrouping: true }).format(value);
}

export function formatMoney(value: number): string {
  return new Intl.NumberFormat(language(), { style: "currency", currency: "EUR" }).format(value);
}

export function formatTime(iso: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "short", timeStyle: "medium" }).format(
    new Date(iso),
  );
}
