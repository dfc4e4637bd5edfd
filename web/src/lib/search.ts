// What is shown is what the address says: filters live in the URL as plain text.

export type SearchText = Record<string, string | undefined>;

/** Reads "?a=1&b=x" as text; "17850" stays "17850" and never becomes a number. */
export function readSearch(text: string): SearchText {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Writes only what is set, so that addresses stay short enough to send to a colleague. */
export function writeSearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === "") continue;
    params.set(key, String(value));
  }
  const text = params.toString();
  return text ? "?" + text : "";
}

/** Keeps the named keys that hold text. */
export function onlyKeys<K extends string>(search: Record<string, unknown>, keys: readonly K[]): { [P in K]?: string } {
  const kept: { [P in K]?: string } = {};
  for (const key of keys) {
    const value = search[key];
    if (typeof value === "string" && value !== "") kept[key] = value;
  }
  return kept;
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** A day in the address, or nothing when it is not one. */
export function dayOf(value: unknown): string | undefined {
  if (typeof value !== "string" || !dayPattern.test(value)) return undefined;
  const parsed = new Date(value + "T00:00:00Z");
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== value ? undefined : value;
}

/** A positive whole number in the address, or the fallback. */
export function countOf(value: unknown, fallback: number): number {
  const parsed = Number(value);
  return Number.isInteger(parsed) && parsed > 0 ? parsed : fallback;
}
