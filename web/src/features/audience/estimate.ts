interface Interval {
  low: number;
  high: number;
}

/** An estimate to the digits that mean something: 104,213 that may be 2,000 off is 104,000. */
export function about(count: number, { low, high }: Interval): number {
  const unsure = (high - low) / 2;
  const power = (n: number) => (n < 1 ? 1 : 10 ** Math.floor(Math.log10(n)));
  const step = Math.min(power(unsure), power(count));
  return Math.round(count / step) * step;
}
