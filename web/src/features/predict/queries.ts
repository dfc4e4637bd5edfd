import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask } from "../../api/client";
import type { Scope } from "../../api/status";
import type { Clv, Value } from "../../api/types";

export const valueQuery = (scope: Scope) =>
  queryOptions({ queryKey: ["value", scope], queryFn: ({ signal }) => ask<Value>("/v1/value", { ...scope }, signal), placeholderData: keepPreviousData });

// One model serves all markets: it is asked for without one. It is fitted anew, so its answer is kept.
export const clvQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ["clv", scope.as_of ?? ""],
    queryFn: ({ signal }) => ask<Clv>("/v1/clv", scope.as_of ? { as_of: scope.as_of } : {}, signal),
    staleTime: 600_000,
  });
