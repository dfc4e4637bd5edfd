// Which figures the overview shows, how each is written, and which way is good.
import type { Kpi, KpiFigures, KpiPoint } from "../../api/types";
import { amountOf, changeOf, type Format, type Money } from "../../lib/format";

export interface KpiSpec {
  key: keyof KpiFigures & ("revenue" | "customers" | "average_order_value" | "purchase_frequency" | "repeat_purchase_rate" | "new_customers" | "retained_customers" | "lost_customers" | "retention_rate" | "churn_rate");
  good: "up" | "down";
  write: (f: Format, kpi: KpiFigures) => string;
  exact?: (f: Format, kpi: KpiFigures) => string;
  value: (kpi: KpiFigures) => number | null;
  course?: (point: KpiPoint) => number | null;
  /** One step of the course, as people read it. */
  step: (f: Format, value: number, currency: string) => string;
}

const rate = (key: "retention_rate" | "churn_rate" | "repeat_purchase_rate") => ({
  write: (f: Format, kpi: KpiFigures) => f.percent(kpi[key], 1),
  value: (kpi: KpiFigures) => kpi[key],
  step: (f: Format, value: number) => f.percent(value, 1),
});
const count = (key: "customers" | "new_customers" | "retained_customers" | "lost_customers") => ({
  write: (f: Format, kpi: KpiFigures) => f.int(kpi[key]),
  value: (kpi: KpiFigures) => kpi[key],
  step: (f: Format, value: number) => f.int(value),
});
const money = (key: "revenue" | "average_order_value") => ({
  value: (kpi: KpiFigures) => amountOf(kpi[key]),
  exact: (f: Format, kpi: KpiFigures) => f.money(kpi[key]),
  step: (f: Format, value: number, currency: string) => f.moneyNumber(value, currency),
});

export const kpiSpecs: readonly KpiSpec[] = [
  { key: "revenue", good: "up", ...money("revenue"), write: (f, kpi) => f.moneyShort(kpi.revenue), course: (p) => amountOf(p.revenue) },
  { key: "customers", good: "up", ...count("customers"), course: (p) => p.customers },
  { key: "average_order_value", good: "up", ...money("average_order_value"), write: (f, kpi) => f.moneyWhole(kpi.average_order_value), course: (p) => amountOf(p.average_order_value) },
  { key: "purchase_frequency", good: "up", write: (f, kpi) => f.decimal(kpi.purchase_frequency, 2), value: (kpi) => kpi.purchase_frequency, step: (f, value) => f.decimal(value, 2), course: (p) => (p.customers ? p.orders / p.customers : null) },
  { key: "repeat_purchase_rate", good: "up", ...rate("repeat_purchase_rate"), course: (p) => p.repeat_purchase_rate },
  { key: "new_customers", good: "up", ...count("new_customers"), course: (p) => p.new_customers },
  { key: "retained_customers", good: "up", ...count("retained_customers"), course: (p) => p.retained_customers },
  { key: "lost_customers", good: "down", ...count("lost_customers") },
  { key: "retention_rate", good: "up", ...rate("retention_rate"), course: (p) => p.retention_rate },
  { key: "churn_rate", good: "down", ...rate("churn_rate"), course: (p) => (p.retention_rate === null ? null : 1 - p.retention_rate) },
];

export function changeIn(spec: KpiSpec, kpi: Kpi): number | null {
  return kpi.previous ? changeOf(spec.value(kpi), spec.value(kpi.previous)) : null;
}

/** How many figures moved the good way, and how many the other; what hardly moved counts as neither. */
export function balance(kpi: Kpi): { better: number; worse: number } {
  const moves = kpiSpecs.map((spec) => (spec.good === "up" ? 1 : -1) * (changeIn(spec, kpi) ?? 0));
  return { better: moves.filter((move) => move > 0.005).length, worse: moves.filter((move) => move < -0.005).length };
}

export const trends = ["revenue", "customers", "orders", "average_order_value", "retention_rate"] as const;
export type Trend = (typeof trends)[number];

export function trendOf(value: string | undefined): Trend {
  return (trends as readonly string[]).includes(value ?? "") ? (value as Trend) : "revenue";
}

export function pointValue(point: KpiPoint, trend: Trend): number | null {
  const value: Money | number | null = point[trend];
  return typeof value === "object" && value !== null ? amountOf(value) : value;
}

/** What a course says: its peak, and how its second half stands against the first. */
export function readCourse(points: readonly KpiPoint[], trend: Trend): { peak: KpiPoint; halves: number | null } | null {
  const known = points.filter((p) => pointValue(p, trend) !== null);
  const first = known[0];
  if (!first) return null;
  const peak = known.reduce((best, p) => ((pointValue(p, trend) ?? 0) > (pointValue(best, trend) ?? 0) ? p : best), first);
  const middle = Math.floor(known.length / 2);
  const mean = (part: KpiPoint[]) => part.reduce((sum, p) => sum + (pointValue(p, trend) ?? 0), 0) / part.length;
  return { peak, halves: known.length >= 4 ? changeOf(mean(known.slice(-middle)), mean(known.slice(0, middle))) : null };
}
