interface Interval {
  low: number;
  high: number;
}

/** An estimate to the digits that mean something: 104,213 that may be 2,000 off is 104,000. */
export function about(count: number, { low, high }: Interval): number {
  const unsure = (high - low) / 2;
  const step = unsure < 1 ? 1 : 10 ** Math.floor(Math.log10(unsure));
  return Math.round(count / step) * step;
}
