// The filters of the customer list, as they stand in the address and as the API takes them.

export const customerFilters = [
  "q", "group", "lifecycle", "segment", "r", "f", "min_p_alive", "max_p_alive", "min_p_no_order_90d", "last_delivery_late", "min_spend", "sort", "order", "page",
] as const;

export type CustomerFilter = (typeof customerFilters)[number];
export type CustomerSearch = { [K in CustomerFilter]?: string };

const narrowing: readonly CustomerFilter[] = ["q", "group", "lifecycle", "segment", "r", "f", "min_p_alive", "max_p_alive", "min_p_no_order_90d", "last_delivery_late", "min_spend"];

/** The filters that make the list shorter, without order and page. */
export function narrowed(search: CustomerSearch): [CustomerFilter, string][] {
  const found: [CustomerFilter, string][] = [];
  for (const key of narrowing) {
    const value = search[key];
    if (value !== undefined && value !== "") found.push([key, value]);
  }
  return found;
}

/** Keeps of a finding's filter what the customer list understands. */
export function asSearch(filter: Record<string, unknown> | null | undefined): CustomerSearch {
  const search: CustomerSearch = {};
  for (const key of customerFilters) {
    const value = filter?.[key];
    if (value !== undefined && value !== null && value !== "") search[key] = String(value);
  }
  return search;
}
