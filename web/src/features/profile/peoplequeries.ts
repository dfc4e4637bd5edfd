import { queryOptions } from "@tanstack/react-query";

import { answer, api, done, urlOf } from "../../api/client";
import type { Duplicates, Events, IdentityRules, NewConsent, NewSuppression, RetentionRule } from "../../api/live";

export const eventsAtOnce = 100;

export const timelinePage = (id: string, before?: string, signal?: AbortSignal) =>
  answer(api.GET("/v1/events", { params: { query: { customer: id, fate: "accepted", before, limit: eventsAtOnce } }, ...(signal ? { signal } : {}) })) as Promise<Events>;

export const liveAddress = (id: string) => urlOf("/v1/events/live", { customer: id });

export const mergePreviewQuery = (a: string, b: string) =>
  queryOptions({
    queryKey: ["merge", a, b],
    queryFn: ({ signal }) => answer(api.POST("/v1/merges/preview", { body: { a, b }, signal })),
    enabled: a !== "" && b !== "",
    retry: false,
    staleTime: 0,
  });

export const merge = (a: string, b: string, why: string) => answer(api.POST("/v1/merges", { body: { a, b, why } }));

export const undoMerge = (id: string, why: string) => done(api.POST("/v1/merges/{id}/undo", { params: { path: { id } }, body: { why } }));

/** What the last search found; asked again while one runs. */
export const duplicatesQuery = queryOptions({
  queryKey: ["duplicates"],
  queryFn: ({ signal }): Promise<Duplicates> => answer(api.GET("/v1/duplicates", { signal })),
  refetchInterval: (query) => (query.state.data?.job ? 500 : false),
  staleTime: 0,
});

export const searchDuplicates = () => answer(api.POST("/v1/duplicates/search"));

export const dismissDuplicate = (id: string) => done(api.POST("/v1/duplicates/{id}/dismiss", { params: { path: { id } } }));

export const putConsent = (customer: string, consent: NewConsent) => answer(api.PUT("/v1/customers/{id}/consents", { params: { path: { id: customer } }, body: consent }));

export const suppress = ({ channel, address, reason }: NewSuppression) => done(api.POST("/v1/suppressions", { body: { channel, address, ...(reason ? { reason } : {}) } }));

export const unsuppress = ({ channel, address }: NewSuppression) => done(api.DELETE("/v1/suppressions", { params: { query: { channel, address } } }));

export const exportAddress = (customer: string) => `/v1/customers/${encodeURIComponent(customer)}/export`;

export const erase = (customer: string, why: string) => answer(api.POST("/v1/erasures", { body: { customer, why } }));

export const erasuresQuery = queryOptions({
  queryKey: ["erasures"],
  queryFn: ({ signal }) => answer(api.GET("/v1/erasures", { signal })),
});

export const retentionQuery = queryOptions({
  queryKey: ["retention"],
  queryFn: ({ signal }) => answer(api.GET("/v1/retention", { signal })),
});

export const putRetention = (rules: RetentionRule[]) => answer(api.PUT("/v1/retention", { body: { rules } }));

export const identityRulesQuery = queryOptions({
  queryKey: ["identity-rules"],
  queryFn: ({ signal }) => answer(api.GET("/v1/identity-rules", { signal })),
});

export const putIdentityRules = (rules: IdentityRules) => answer(api.PUT("/v1/identity-rules", { body: rules }));

export const eventNamesQuery = queryOptions({
  queryKey: ["live", "summary"],
  queryFn: ({ signal }) => answer(api.GET("/v1/events/summary", { signal })),
  staleTime: 30_000,
});
