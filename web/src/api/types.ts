// The shapes of the API's answers, by the names that the screens use. They are the generated ones; where the description
// cannot say that an object may be null, it is said here.
import type { components } from "./schema";

type S = components["schemas"];
type Nullable<T, K extends keyof T> = Omit<T, K> & { [P in K]: T[P] | null };

export type Session = S["AppSession"];
export type Status = Nullable<S["AppStatus"], "analysis" | "first_day" | "last_day" | "log">;
export type KpiFigures = S["InsightFigures"];
export type KpiPoint = S["InsightPoint"];
export type Kpi = Nullable<S["InsightKPI"], "previous">;
export type Finding = S["InsightFinding"];
export type Overview = Nullable<Omit<S["InsightOverview"], "kpi"> & { kpi: Kpi }, "expected_value_12m"> & {
  /** The day of the analysis that findings and forecast are of; it may be an earlier one than that of the figures. */
  analysed_as_of?: string | null;
  analysis_stale?: boolean;
};
export type RfmCell = S["InsightCell"];
export type RfmGroup = Nullable<S["InsightGroupRow"], "expected_value">;
export type Rfm = Omit<S["InsightRFM"], "groups"> & { groups: RfmGroup[] | null };
export type CohortPeriod = S["InsightCohortPeriod"];
export type Cohort = S["InsightCohort"];
export type CohortGroup = S["InsightCohortGroup"];
export type Cohorts = S["InsightCohorts"];
export type Holdout = S["PredictHoldout"];
export type Clv = Nullable<S["PredictReport"], "holdout" | "spend">;
export type ValueRow = Nullable<S["PredictValuePart"], "expected_value">;
export type Value = Nullable<Omit<S["PredictValue"], "by_group" | "by_market" | "by_lifecycle">, "total_expected_12m"> & {
  by_group: ValueRow[] | null;
  by_market: ValueRow[] | null;
  by_lifecycle: ValueRow[] | null;
};
export type CustomerRow = Nullable<S["AudienceCustomer"], "expected_value">;
export type CustomerPage = Omit<S["CustomersOutputBody"], "items"> & { items: CustomerRow[] | null };
export type Order = Nullable<S["ProfileOrder"], "promised_day" | "delivered_day" | "paid_until_day">;
export type Trait = S["ProfileTrait"];
export type TimelineEntry = Nullable<S["ProfileMoment"], "money">;
export type Customer = Nullable<
  Omit<S["ProfilePage"], "orders_list" | "timeline" | "interval">,
  "expected_value" | "next_order_at" | "next_order_if_any"
> & {
  orders_list: Order[] | null;
  timeline: TimelineEntry[] | null;
  interval: Nullable<S["ProfileRange"], "value_lower" | "value_upper"> | null;
};
export type Segment = Nullable<S["AudienceSegmentView"], "expected_value">;
export type Segments = Omit<S["SegmentsOutputBody"], "items"> & { items: Segment[] | null };
export type Overlap = S["OverlapsOutputBody"];
export type Problem = S["Problem"];
export type Job = Omit<S["Job"], "result"> & { result?: unknown };
export type Jobs = S["ListOutputBody"];
export type ImportRecord = S["CollectRecord"];
/** What an import job leaves as its result: a record without its history. */
export type ImportResult = Omit<ImportRecord, "state" | "started_at" | "finished_at" | "problem">;
export type ImportOptions = Omit<S["CollectOptions"], "decimal_comma" | "header"> & { decimal_comma?: boolean | null; header?: boolean | null };
export type PreviewColumn = S["OrdersColumn"];
export type Preview = S["OrdersPreview"];
/** What was assumed or done, as a code with what stands in its sentence. */
export type ImportNote = S["OrdersNote"];
export type Upload = S["CollectUpload"];
