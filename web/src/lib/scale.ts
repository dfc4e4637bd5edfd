// Where a value stands between nothing and the largest, for colour.

/** A share between 0 and 1; the square root keeps small but real values visible beside a giant. */
export function heatOf(value: number, largest: number): number {
  if (!(largest > 0) || !(value > 0)) return 0;
  return Math.min(1, Math.sqrt(value / largest));
}

/** The same on a straight line, for values that are shares already. */
export function linearHeat(value: number, largest: number): number {
  if (!(largest > 0) || !(value > 0)) return 0;
  return Math.min(1, value / largest);
}
