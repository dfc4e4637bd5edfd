// Arithmetic on local days ("2026-06-30"), which know no hour and no zone.

const dayMs = 86_400_000;

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day + "T00:00:00Z") + days * dayMs).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to.slice(0, 10) + "T00:00:00Z") - Date.parse(from.slice(0, 10) + "T00:00:00Z")) / dayMs);
}

/** Today where the reader sits; used for nothing but "how long ago". */
export function now(): number {
  return Date.now();
}
