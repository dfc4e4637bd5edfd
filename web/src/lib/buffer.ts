// What of an endless stream is kept, shown and held back while the reader looks.

/** The newest first. `waiting` came while the reader held the stream; `missed` is how many of those no longer fit. */
export interface Buffer<T> {
  shown: T[];
  waiting: T[];
  missed: number;
  held: boolean;
}

export const emptyBuffer: Buffer<never> = { shown: [], waiting: [], missed: 0, held: false };

function merged<T>(newer: readonly T[], older: readonly T[], keyOf: (item: T) => string, keep: number): T[] {
  const seen = new Set<string>();
  const all: T[] = [];
  for (const item of [...newer, ...older]) {
    const key = keyOf(item);
    if (seen.has(key)) continue;
    seen.add(key);
    all.push(item);
    if (all.length >= keep) break;
  }
  return all;
}

/** Takes in what has come, newest first. The same item twice (after a broken line) is one. */
export function arrived<T>(buffer: Buffer<T>, items: readonly T[], keyOf: (item: T) => string, keep: number): Buffer<T> {
  if (items.length === 0) return buffer;
  if (!buffer.held) return { ...buffer, shown: merged(items, buffer.shown, keyOf, keep) };
  const known = new Set([...buffer.waiting, ...buffer.shown].map(keyOf));
  const fresh = items.filter((item) => !known.has(keyOf(item)));
  if (fresh.length === 0) return buffer;
  const waiting = merged(fresh, buffer.waiting, keyOf, keep);
  return { ...buffer, waiting, missed: buffer.missed + Math.max(0, fresh.length + buffer.waiting.length - waiting.length) };
}

export function hold<T>(buffer: Buffer<T>): Buffer<T> {
  return buffer.held ? buffer : { ...buffer, held: true };
}

/** Lets the held back in, and flow again. */
export function release<T>(buffer: Buffer<T>, keyOf: (item: T) => string, keep: number): Buffer<T> {
  return { shown: merged(buffer.waiting, buffer.shown, keyOf, keep), waiting: [], missed: 0, held: false };
}

/** How many are behind the "new" button. */
export function heldBack<T>(buffer: Buffer<T>): number {
  return buffer.waiting.length + buffer.missed;
}
