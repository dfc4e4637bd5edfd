// The shapes of the API's answers, by the names that the screens use.
import type { Money } from "../lib/format";

export interface Status {
  version: string; simulated: boolean; currency: string; markets: string[] | null;
  first_day: string | null; last_day: string | null; customers: number; orders: number; lines: number; data_version: number;
  analysis: { as_of: string; finished_at: string; stale: boolean; seconds: number } | null;
  jobs_running: number;
}
export interface KpiFigures {
  from: string; to: string; customers: number; orders: number; revenue: Money; refunds: Money; net_revenue: Money;
  average_order_value: Money; purchase_frequency: number; repeat_purchase_rate: number;
  new_customers: number; returning_customers: number; retained_customers: number; lost_customers: number;
  retention_rate: number | null; churn_rate: number | null; items_per_order: number;
  median_days_between_orders: number | null; one_time_share: number;
}
export interface KpiPoint {
  start: string; customers: number; orders: number; revenue: Money; refunds: Money; net_revenue: Money; new_customers: number;
  retained_customers: number; retention_rate: number | null; average_order_value: Money; repeat_purchase_rate: number;
}
export interface Kpi extends KpiFigures { as_of: string; market: string; previous: KpiFigures | null; series: KpiPoint[] | null; bucket: string }
export interface Finding {
  id: string; kind: string; severity: string; customers: number; money: Money | null; params: Record<string, unknown> | null;
  sentence: string; segment?: string; filter?: Record<string, string> | null;
}
export interface Overview {
  as_of: string; as_of_note?: string; market: string; from: string; to: string; kpi: Kpi;
  expected_value_12m: Money | null; base_alive: number | null; findings: Finding[] | null;
}
export interface RfmCell { r: number; f: number; customers: number; spend: Money; avg_recency_days: number; avg_orders: number }
export interface RfmGroup {
  group: string; customers: number; share: number; spend: Money; spend_share: number; avg_recency_days: number; avg_orders: number; expected_value: Money | null;
}
export interface RfmFlow { from: string; to: string; customers: number }
export interface Rfm {
  as_of: string; method: string; scores: number; cells: RfmCell[] | null; groups: RfmGroup[] | null;
  movement: { from_as_of: string; to_as_of: string; flows: RfmFlow[] | null } | null;
  breaks: { recency_days: number[] | null; orders: number[] | null; spend: Money[] | null };
}
export interface CohortPeriod { index: number; active: number; retention: number; revenue?: Money; cumulative_value_per_customer: Money }
export interface Cohort { start: string; label: string; size: number; periods: CohortPeriod[] | null }
export interface CohortGroup { key: string; size: number; periods: CohortPeriod[] | null }
export interface Cohorts {
  as_of: string; unit: string; by: string; categories: string[] | null; markets: string[] | null; cohorts: Cohort[] | null; groups?: CohortGroup[] | null;
}
export interface Interval { value: number; se: number; lower: number; upper: number; meaning: string; determined: boolean }
export interface TrackingPoint { week: number; day: string; actual_cumulative: number; expected_cumulative: number; actual_weekly: number; expected_weekly: number }
export interface Warning { reason: string; sentence: string; blocking: boolean }
export interface Holdout {
  calibrate_until: string; until: string; expected: number; actual: number; mae: number; rmse: number;
  by_frequency: { x: string; customers: number; actual_mean: number; expected_mean: number }[] | null; tracking: TrackingPoint[] | null;
}
export interface Candidate {
  model: string; log_likelihood: number; holdout_log_likelihood: number; mae: number; rmse: number; chosen: boolean; warnings: Warning[] | null;
}
export interface Clv {
  model: string; unit: string; as_of: string; parameters: Record<string, number>; intervals: Record<string, Interval> | null; log_likelihood: number;
  customers: number; repeat_customers: number;
  spend: { p: number; q: number; v: number; log_likelihood: number; intervals: Record<string, Interval> | null } | null;
  holdout: Holdout | null; histogram: { orders: string; actual: number; expected: number }[] | null;
  candidates: Candidate[] | null; warnings: Warning[] | null;
}
export interface ValueRow { key: string; customers: number; expected_value: Money | null; past: Money }
export interface Value {
  as_of: string; total_expected_12m: Money | null; past_total: Money;
  distribution: { from: Money; to: Money; customers: number; value: Money }[] | null;
  pareto: { share_customers: number; share_value: number }[] | null; top_decile_share: number;
  by_past: boolean; customers: number;
  by_group: ValueRow[] | null; by_market: ValueRow[] | null; by_lifecycle: ValueRow[] | null;
}
export interface CustomerRow {
  id: string; name: string; market: string; orders: number; spend: Money; refunds: Money; average_order_value: Money;
  first_order_at: string; last_order_at: string; days_since_last: number; p_alive: number | null; p_no_order_90d: number | null;
  expected_orders: number | null; expected_value: Money | null; rfm: string; group: string; lifecycle: string;
}
export interface CustomerPage { items: CustomerRow[] | null; total: number; next: string }
export interface OrderItem { product: string; name: string; category: string; quantity: number; amount: Money }
export interface Order {
  id: string; at: string; day: string; kind: string; amount: Money; base: Money; lines: number; market: string; channel: string;
  promised_day: string | null; delivered_day: string | null; late_days: number | null; items: OrderItem[] | null;
}
export interface Trait { name: string; value: unknown; unit: string; kind: string; label: string }
export interface TimelineEntry { at: string; day: string; kind: string; title: string; money: Money | null; days: number }
export interface Customer extends CustomerRow {
  email: string; phone: string; currency: string; traits: Trait[] | null;
  interval: { level: number; orders_lower: number; orders_upper: number; value_lower: Money | null; value_upper: Money | null } | null;
  group_before: string; next_order_at: string | null; next_order_if_any: string | null;
  p_alive_history: { day: string; p_alive: number; p_no_order_90d: number }[] | null;
  orders_list: Order[] | null; orders_total: number; timeline: TimelineEntry[] | null;
  summary: { kind: string; params: Record<string, unknown> | null; sentence: string } | null;
}
export interface Segment {
  slug: string; name: string; description: string; rule: unknown; sentence: string; customers: number; spend: Money;
  expected_value: Money | null; share: number; change_30d: number | null;
}
export interface Segments { as_of: string; items: Segment[] | null }
export interface Overlap { items: { slug: string; customers: number; jaccard: number }[] | null }
export interface ImportResult {
  import: number; name: string; lines_read: number; lines_accepted: number; orders: number; customers: number; refund_lines: number;
  set_aside: Record<string, number> | null; rejects_file: string; already_present: number; revenue: Money; refunds: Money;
  first_day: string; last_day: string; seconds: number; lines_per_s: number; currency: string; notes: string[] | null;
}
export interface ImportRecord extends ImportResult { state: string; started_at: string; finished_at: string | null; problem: string }
export interface Problem {
  type: string; title: string; status: number; detail: string; next?: string; code: string;
  where?: { file?: string; line?: number; column?: string; field?: string; value?: string };
  errors?: { location?: string; message: string; value?: unknown }[] | null;
}
export interface Job {
  id: string; kind: string; state: string; stage: string; done: number; total: number; unit: string; rows: number; rate_per_s: number; remaining_s: number;
  started_at?: string; finished_at?: string; problem?: Problem | null; result?: ImportResult | null;
}
export interface Jobs { items: Job[] | null }
export interface ImportOptions {
  columns?: Record<string, string>; date_format?: string; tz?: string; currency?: string; decimal_comma?: boolean | null;
  market?: string; sheet?: string; delimiter?: string; header?: boolean | null;
}
export interface PreviewColumn { index: number; header: string; role: string; by: string; samples: string[] | null; note?: string }
export interface PreviewProblem { reason: string; column?: string; line?: number; value?: string; sentence: string; next?: string; fatal: boolean }
export interface Preview {
  name: string; format: string; bytes: number; encoding: string; delimiter: string; has_header: boolean; shape: string;
  columns: PreviewColumn[] | null; roles_missing: string[] | null; date_format: string; timezone: string; currency: string; currency_by: string;
  decimal_comma: boolean;
  sample: { line: number; customer: string; order: string; at: string; kind: string; product: string; product_name: string; category: string; quantity: string; amount: Money; market: string; outcome: string }[] | null;
  totals: {
    lines_read: number; lines_accepted: number; orders: number; customers: number; refund_lines: number; set_aside: Record<string, number> | null;
    first_day: string; last_day: string; revenue: Money; refunds: Money; complete: boolean;
  };
  problems: PreviewProblem[] | null; notes: string[] | null;
}
