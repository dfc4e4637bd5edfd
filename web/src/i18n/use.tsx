import { Fragment, useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Format, type Language } from "../lib/format";

/** The current language's words. */
export function useWords() {
  return useTranslation().t;
}

export type Words = ReturnType<typeof useWords>;

/** The current language's way of writing numbers, money and time. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  return useMemo(() => new Format((i18n.language || "en") as Language), [i18n.language]);
}

/** A sentence that comes under a key the server names; undefined when the catalogue has none. */
export function useSentence() {
  const { t, i18n } = useTranslation();
  return (key: string, values: Record<string, unknown> = {}): string | undefined =>
    i18n.exists(key, values) ? (t as unknown as (key: string, values: object) => string)(key, values) : undefined;
}

/** A sentence whose <b> parts stand out. Nothing else in the text is read as a tag. */
export function Emphasised({ text }: { text: string }): ReactNode {
  return text.split(/<\/?b>/).map((part, at) => {
    const key = `${at}:${part}`;
    return at % 2 === 1 ? <strong key={key}>{part}</strong> : <Fragment key={key}>{part}</Fragment>;
  });
}

/** The same sentence without its emphasis, for titles and descriptions. */
export function plain(text: string): string {
  return text.replaceAll(/<\/?b>/g, "");
}
