// What the user says about the file's columns, as the options that the API takes.
import type { ImportOptions, Preview } from "../../api/types";

export const roles = [
  "customer", "order", "at", "time", "product", "product_name", "category", "quantity", "price", "amount", "currency", "market", "channel",
  "promised", "delivered", "paid_until", "name", "email", "phone", "coupon", "kind",
] as const;

export type Role = (typeof roles)[number];

/** Gives a column its role. What had the role loses it; "-" tells the server to leave a role unfilled. */
export function withRole(options: ImportOptions, preview: Preview, index: number, role: string): ImportOptions {
  const columns: Record<string, string> = { ...options.columns };
  const before = (preview.columns ?? []).find((column) => column.index === index)?.role;
  for (const [given, at] of Object.entries(columns)) {
    if (at === String(index)) delete columns[given];
  }
  if (before && before !== role) columns[before] = "-";
  if (role) columns[role] = String(index);
  return { ...options, columns };
}

/** Leaves out what is not set, so that the server finds it by looking. */
export function cleaned(options: ImportOptions): ImportOptions {
  const kept: ImportOptions = {};
  if (options.columns && Object.keys(options.columns).length > 0) kept.columns = options.columns;
  if (options.date_format) kept.date_format = options.date_format;
  if (options.tz) kept.tz = options.tz;
  if (options.currency) kept.currency = options.currency;
  if (options.market) kept.market = options.market;
  if (options.decimal_comma !== undefined && options.decimal_comma !== null) kept.decimal_comma = options.decimal_comma;
  if (options.header !== undefined && options.header !== null) kept.header = options.header;
  return kept;
}

/** A reason such as "collect.ambiguous_date" as a key of the catalogue. */
export function reasonKey(reason: string): string {
  return reason.replace(/^.*\./, "");
}
