// Who is in which of several sets at once, as an UpSet plot shows it: sizes of the sets, and of their exclusive intersections.

export interface Intersection {
  ids: readonly string[];
  customers: number;
}

export interface UpSet {
  /** The sets, largest first: the rows of the plot. */
  sets: { id: string; customers: number }[];
  /** Exclusive intersections, largest first: the columns. Each customer is in exactly one. */
  columns: { ids: string[]; customers: number }[];
  /** How many columns, and customers in them, no longer fit. */
  left: { columns: number; customers: number };
  total: number;
}

/** Rows and columns in reading order. Equal intersections given twice are added up, empty ones left out. */
export function upSetOf(ids: readonly string[], given: readonly Intersection[], most = 14): UpSet {
  const known = new Set(ids);
  const byKey = new Map<string, { ids: string[]; customers: number }>();
  for (const { ids: own, customers } of given) {
    const kept = ids.filter((id) => own.includes(id));
    if (customers <= 0 || kept.length === 0 || own.some((id) => !known.has(id))) continue;
    const key = kept.join("\n");
    const before = byKey.get(key);
    byKey.set(key, { ids: kept, customers: customers + (before?.customers ?? 0) });
  }
  const all = [...byKey.values()].toSorted((a, b) => b.customers - a.customers || a.ids.length - b.ids.length);
  const sets = ids.map((id) => ({ id, customers: all.filter((column) => column.ids.includes(id)).reduce((sum, column) => sum + column.customers, 0) })).toSorted((a, b) => b.customers - a.customers);
  const over = all.slice(most);
  return {
    sets,
    columns: all.slice(0, most),
    left: { columns: over.length, customers: over.reduce((sum, column) => sum + column.customers, 0) },
    total: all.reduce((sum, column) => sum + column.customers, 0),
  };
}
