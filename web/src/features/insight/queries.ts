import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import type { Scope } from "../../api/status";
import type { Cohorts, Overview, Rfm, Value } from "../../api/types";

export const overviewQuery = (scope: Scope, days: number) =>
  queryOptions({
    queryKey: ["overview", scope, days],
    queryFn: ({ signal }): Promise<Overview> => answer(api.GET("/v1/overview", { params: { query: { ...scope, days } }, signal })),
    placeholderData: keepPreviousData,
  });

export const rfmQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ["rfm", scope],
    queryFn: ({ signal }): Promise<Rfm> => answer(api.GET("/v1/rfm", { params: { query: scope }, signal })),
    placeholderData: keepPreviousData,
  });

/** The same answer that the value screen asks for, under the same key. */
export const valueQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ["value", scope],
    queryFn: ({ signal }): Promise<Value> => answer(api.GET("/v1/value", { params: { query: scope }, signal })),
    placeholderData: keepPreviousData,
  });

export const cohortsQuery = (scope: Scope, by: "none" | "market" | "category", category?: string) =>
  queryOptions({
    queryKey: ["cohorts", scope, by, category ?? ""],
    queryFn: ({ signal }): Promise<Cohorts> => answer(api.GET("/v1/cohorts", { params: { query: { ...scope, by, category } }, signal })),
    placeholderData: keepPreviousData,
  });
