import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import { languages, type Language } from "../lib/format";

const storageKey = "dangol.language";

const catalogues: Record<Language, () => Promise<{ default: unknown }>> = {
  en: () => import("./en.json"),
  ko: () => import("./ko.json"),
  th: () => import("./th.json"),
};

function isLanguage(value: string | null | undefined): value is Language {
  return (languages as readonly (string | null | undefined)[]).includes(value);
}

// A link may say its language (?lang=ko); otherwise the last choice, otherwise the browser's.
function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get("lang");
  if (isLanguage(asked)) return asked;
  const kept = localStorage.getItem(storageKey);
  if (isLanguage(kept)) return kept;
  for (const wanted of navigator.languages) {
    const short = wanted.slice(0, 2);
    if (isLanguage(short)) return short;
  }
  return "en";
}

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, "translation")) return;
  const catalogue = await catalogues[language]();
  i18next.addResourceBundle(language, "translation", catalogue.default);
}

/** Starts the console in the reader's language; only that catalogue is fetched. */
export async function startLanguage(): Promise<void> {
  const language = firstLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await setLanguage(language);
}

export async function setLanguage(language: Language): Promise<void> {
  await load(language);
  localStorage.setItem(storageKey, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}
