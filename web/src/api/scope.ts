import { useSearch } from "@tanstack/react-router";

import type { Scope } from "./status";

/** The market and the as-of day that the address names; every question carries them. */
export function useScope(): Scope {
  const { market, as_of } = useSearch({ strict: false });
  return { ...(market ? { market } : {}), ...(as_of ? { as_of } : {}) };
}
