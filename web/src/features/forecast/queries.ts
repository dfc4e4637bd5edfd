import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import type { components } from "../../api/schema";
import type { Scope } from "../../api/status";

type S = components["schemas"];
export type Forecast = Omit<S["InsightForecast"], "backtest" | "left_out"> & { backtest: S["InsightBacktest"] | null; left_out: S["InsightForecastPast"] | null };

export const kpis = ["revenue", "orders", "active_customers", "new_customers", "average_order_value"] as const;
export const units = ["day", "week", "month"] as const;
export type ForecastKpi = (typeof kpis)[number];
export type Unit = (typeof units)[number];

export function kpiOf(value: string | undefined): ForecastKpi {
  return (kpis as readonly string[]).includes(value ?? "") ? (value as ForecastKpi) : "revenue";
}

export function unitOf(value: string | undefined): Unit {
  return (units as readonly string[]).includes(value ?? "") ? (value as Unit) : "week";
}

export const forecastQuery = (scope: Scope, kpi: ForecastKpi, unit: Unit) =>
  queryOptions({
    queryKey: ["forecast", scope, kpi, unit],
    queryFn: ({ signal }): Promise<Forecast> => answer(api.GET("/v1/kpis/{kpi}/forecast", { params: { path: { kpi }, query: { ...scope, unit } }, signal })) as Promise<Forecast>,
    placeholderData: keepPreviousData,
  });
