// The shapes of the answers about what is to come, by the names that these screens use. They are the generated ones; where the
// description cannot say that an object may be null, it is said here.
import type { components } from "../../api/schema";
import type { Money } from "../../lib/format";

type S = components["schemas"];
type Nullable<T, K extends keyof T> = Omit<T, K> & { [P in K]: T[P] | null };

/** One sentence in each language. */
export type Sentences = Record<string, string>;

export type Band = "low" | "medium" | "high";

/** What happened to her, what she does, and what she is among. */
export type ReasonKind = "cause" | "sign" | "context";

export type RiskReason = Nullable<Omit<S["ChurnRiskReason"], "kind">, "value_at_risk" | "share_among_all"> & { kind: ReasonKind };
export type Risk = Nullable<Omit<S["ChurnRisk"], "bands" | "reasons" | "markets">, "value_at_risk"> & {
  bands: Nullable<S["ChurnRiskBand"], "value" | "value_at_risk">[] | null;
  reasons: RiskReason[] | null;
  markets: Nullable<S["ChurnRiskMarket"], "value_at_risk">[] | null;
};
export type RiskPerson = Nullable<S["ChurnRiskPerson"], "value" | "value_at_risk">;

export interface RiskPeople {
  people: RiskPerson[] | null;
  next: string;
  total: number;
}

export type ModelRow = Nullable<S["RecordsView"], "drift">;
export type ModelCard = Nullable<S["ChurnCard"], "quality" | "drift">;
export type Reason = S["ChurnReason"];
export type Predictions = Nullable<Omit<S["ChurnPrediction"], "band"> & { band: Band }, "next_order" | "value" | "value_at_risk" | "expected_leaving_day" | "paid_until">;
export type ValueRange = { amount: Money; low: Money | null; high: Money | null };
export type Lever = S["ChurnLever"];
export type WhatIf = S["ChurnWhatIf"];

export type Suggestions = S["SuggestRecommended"];
export type RecommendCard = Nullable<S["SuggestCard"], "quality" | "gain">;
