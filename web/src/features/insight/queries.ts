import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask } from "../../api/client";
import type { Scope } from "../../api/status";
import type { Cohorts, Overview, Rfm } from "../../api/types";

export const overviewQuery = (scope: Scope, days: number) =>
  queryOptions({
    queryKey: ["overview", scope, days],
    queryFn: ({ signal }) => ask<Overview>("/v1/overview", { ...scope, days }, signal),
    placeholderData: keepPreviousData,
  });

export const rfmQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ["rfm", scope],
    queryFn: ({ signal }) => ask<Rfm>("/v1/rfm", { ...scope }, signal),
    placeholderData: keepPreviousData,
  });

export const cohortsQuery = (scope: Scope, by: "none" | "market" | "category", category?: string) =>
  queryOptions({
    queryKey: ["cohorts", scope, by, category ?? ""],
    queryFn: ({ signal }) => ask<Cohorts>("/v1/cohorts", { ...scope, by, category }, signal),
    placeholderData: keepPreviousData,
  });
