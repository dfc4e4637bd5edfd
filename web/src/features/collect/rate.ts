// Events a second, from a counter that is read now and then.

export interface Reading {
  /** When it was read, in milliseconds. */
  at: number;
  events: number;
}

/** Null where nothing can be said: at the first reading, or after a restart set the counter back. */
export function rateOf(before: Reading | null, now: Reading): number | null {
  if (!before || now.at <= before.at || now.events < before.events) return null;
  return (now.events - before.events) / ((now.at - before.at) / 1000);
}
