import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import type { Scope } from "../../api/status";
import type { Job } from "../../api/types";
import type { Lever, ModelCard, ModelRow, Predictions, RecommendCard, Risk, RiskPeople, Suggestions, WhatIf } from "./shapes";

export const riskQuery = (scope: Scope, segment?: string) =>
  queryOptions({
    queryKey: ["risk", scope, segment ?? ""],
    queryFn: ({ signal }): Promise<Risk> => answer(api.GET("/v1/risk", { params: { query: { market: scope.market, segment } }, signal })) as Promise<Risk>,
    placeholderData: keepPreviousData,
  });

/** The segments whose people may be looked at by themselves. */
export const crowdsQuery = queryOptions({
  queryKey: ["segments", ""],
  queryFn: ({ signal }) => answer(api.GET("/v1/segments", { signal })),
});

export interface PeopleQuestion {
  market?: string | undefined;
  segment?: string | undefined;
  band?: string | undefined;
  reason?: string | undefined;
  sort?: string | undefined;
  cursor?: string | undefined;
}

export const peopleLimit = 25;

export const riskPeopleQuery = (question: PeopleQuestion) =>
  queryOptions({
    queryKey: ["risk", "people", question],
    queryFn: ({ signal }): Promise<RiskPeople> => answer(api.GET("/v1/risk/people", { params: { query: { ...question, limit: peopleLimit } as never }, signal })) as Promise<RiskPeople>,
    placeholderData: keepPreviousData,
  });

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: async ({ signal }): Promise<ModelRow[]> => ((await answer(api.GET("/v1/models", { signal }))).models ?? []) as ModelRow[],
});

// Each kind has routes of its own; those of churn stand for all.
const pathOf = (kind: string) => `/v1/models/${kind}` as "/v1/models/churn";

export const modelQuery = (kind: string, version?: number) =>
  queryOptions({
    queryKey: ["models", kind, version ?? 0],
    queryFn: ({ signal }): Promise<ModelCard> => answer(api.GET(pathOf(kind), { params: { query: version ? { version } : {} }, signal })) as unknown as Promise<ModelCard>,
    retry: false,
  });

export const recommendCardQuery = queryOptions({
  queryKey: ["models", "recommend"],
  queryFn: ({ signal }): Promise<RecommendCard> => answer(api.GET("/v1/models/recommend", { signal })) as Promise<RecommendCard>,
  retry: false,
});

/** What is set of a definition; what is not is proposed by the orders. */
export interface Asked {
  horizon_days?: number;
  basis?: "orders" | "subscription";
}

/** What was set of the definition that a model stands on, so that training again keeps it. */
export const setOf = (definition: ModelCard["definition"]): Asked => ({
  ...(definition.proposed ? {} : { horizon_days: definition.horizon_days }),
  ...(definition.basis_set && definition.basis ? { basis: definition.basis } : {}),
});

export const startTraining = (kind: string, asked: Asked): Promise<Job> => answer(api.POST(`${pathOf(kind)}/train`, { body: asked })) as Promise<Job>;

export const activate = (kind: string, version: number): Promise<unknown> =>
  answer(api.POST(`${pathOf(kind)}/activate`, { body: { version } }));

export const predictionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["predictions", id],
    queryFn: ({ signal }): Promise<Predictions> => answer(api.GET("/v1/customers/{id}/predictions", { params: { path: { id } }, signal })) as Promise<Predictions>,
    retry: false,
  });

export const leversQuery = queryOptions({
  queryKey: ["models", "churn", "levers"],
  queryFn: async ({ signal }): Promise<Lever[]> => ((await answer(api.GET("/v1/models/churn/levers", { signal }))).levers ?? []) as unknown as Lever[],
  staleTime: 600_000,
  retry: false,
});

export const askWhatIf = (id: string, set: Record<string, number>): Promise<WhatIf> =>
  answer(api.POST("/v1/customers/{id}/what-if", { params: { path: { id } }, body: { set } })) as unknown as Promise<WhatIf>;

export interface SuggestionRules {
  count?: number;
  bought?: "exclude" | "due" | "allow";
  category?: string;
}

export const suggestionsQuery = (id: string, rules?: SuggestionRules) =>
  queryOptions({
    queryKey: ["suggestions", id, rules ?? {}],
    queryFn: ({ signal }): Promise<Suggestions> => answer(api.GET("/v1/customers/{id}/recommendations", { params: { path: { id }, query: rules ?? {} }, signal })),
    placeholderData: keepPreviousData,
    retry: false,
  });

/** Her traits as numbers, by name: where the levers stand. */
export const traitsQuery = (id: string) =>
  queryOptions({
    queryKey: ["foresight", "traits", id],
    queryFn: async ({ signal }): Promise<Record<string, number>> => {
      const customer = await answer(api.GET("/v1/customers/{id}", { params: { path: { id } }, signal }));
      const found: Record<string, number> = {};
      for (const trait of customer.traits ?? []) {
        const value = typeof trait.value === "object" && trait.value !== null && "amount" in trait.value ? Number((trait.value as { amount: string }).amount) : Number(trait.value);
        if (trait.value !== null && trait.value !== "" && Number.isFinite(value)) found[trait.name] = value;
      }
      return found;
    },
  });
