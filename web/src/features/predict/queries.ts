import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import type { Scope } from "../../api/status";
import type { Clv, Value } from "../../api/types";

export const valueQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ["value", scope],
    queryFn: ({ signal }): Promise<Value> => answer(api.GET("/v1/value", { params: { query: scope }, signal })),
    placeholderData: keepPreviousData,
  });

// One model serves all markets: it is asked for without one. Another day than the analysis's is fitted anew, so it is kept.
export const clvQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ["clv", scope.as_of ?? ""],
    queryFn: ({ signal }): Promise<Clv> => answer(api.GET("/v1/clv", { params: { query: { as_of: scope.as_of } }, signal })),
    staleTime: 600_000,
  });
