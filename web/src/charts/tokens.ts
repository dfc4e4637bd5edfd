// The colours of the page, as a chart needs them: resolved.

const names = [
  "surface", "sunken", "line", "line-strong", "ink", "ink-2", "ink-3", "brand", "good", "warn", "bad",
  "series-1", "series-2", "series-3", "series-4", "series-5", "series-6", "series-7", "series-8", "series-before",
] as const;

export type TokenName = (typeof names)[number];

export interface Tokens {
  of: (variable: string) => string;
  color: Record<TokenName, string>;
  series: string[];
  font: string;
}

export function readTokens(element: Element): Tokens {
  const style = getComputedStyle(element);
  const of = (variable: string) => style.getPropertyValue(variable).trim() || "#888";
  const color = Object.fromEntries(names.map((name) => [name, of(`--${name}`)])) as Record<TokenName, string>;
  const series = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => of(`--series-${n}`));
  return { of, color, series, font: style.fontFamily };
}
