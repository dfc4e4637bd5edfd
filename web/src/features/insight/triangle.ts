// The retention triangle as plain data: what each cell says, how warm it is, what the columns average to.
import type { Cohort, CohortPeriod } from "../../api/types";
import { amountOf } from "../../lib/format";

export const measures = ["retention", "active", "revenue", "cumulative"] as const;
export type Measure = (typeof measures)[number];

export function measureOf(value: string | undefined): Measure {
  return (measures as readonly string[]).includes(value ?? "") ? (value as Measure) : "retention";
}

export function valueOf(period: CohortPeriod, measure: Measure): number {
  switch (measure) {
    case "retention": return period.retention;
    case "active": return period.active;
    case "revenue": return amountOf(period.revenue);
    case "cumulative": return amountOf(period.cumulative_value_per_customer);
  }
}

/** The month of a cohort's period, as "2026-06". */
export function monthOf(cohort: Cohort, index: number): string {
  const date = new Date(cohort.start.slice(0, 7) + "-01T00:00:00Z");
  date.setUTCMonth(date.getUTCMonth() + index);
  return date.toISOString().slice(0, 7);
}

/** The month that is still going on as of the day asked for, so that its figures will rise; null when it is over. */
export function openMonth(cohorts: readonly Cohort[], asOf: string): string | null {
  return cohorts.some((cohort) => (cohort.periods ?? []).some((period) => period.partial)) ? asOf.slice(0, 7) : null;
}

/** The largest value after the first month, which would drown the rest: everyone buys in it. */
export function warmest(cohorts: readonly Cohort[], measure: Measure): number {
  let largest = 0;
  for (const cohort of cohorts) {
    for (const period of cohort.periods ?? []) {
      if (period.index > 0 || measure === "cumulative") largest = Math.max(largest, valueOf(period, measure));
    }
  }
  return largest;
}

/** Each column's average, weighted by the size of the cohorts that are old enough; open months are left out. */
export function averages(cohorts: readonly Cohort[], measure: Measure): (number | null)[] {
  const columns = Math.max(0, ...cohorts.map((c) => (c.periods ?? []).length));
  return Array.from({ length: columns }, (_, index) => {
    let weight = 0;
    let sum = 0;
    for (const cohort of cohorts) {
      const period = (cohort.periods ?? []).find((p) => p.index === index);
      if (!period || period.partial) continue;
      const own = measure === "retention" || measure === "cumulative" ? cohort.size : 1;
      weight += own;
      sum += own * valueOf(period, measure);
    }
    return weight > 0 ? sum / weight : null;
  });
}
