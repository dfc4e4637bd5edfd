import { useCallback } from "react";

import { useFormat } from "../../i18n/use";
import type { Band, Sentences } from "./shapes";

/** Picks what the server said in the reader's language. */
export function useSaid(): (said: Sentences | null | undefined) => string {
  const { language } = useFormat();
  return useCallback((said) => said?.[language] || said?.en || "", [language]);
}

/** A band's colour, as a CSS variable. */
export const bandToken: Record<Band, string> = { low: "--good", medium: "--series-4", high: "--bad" };

export const bandTone: Record<Band, "good" | "warn" | "bad"> = { low: "good", medium: "warn", high: "bad" };
