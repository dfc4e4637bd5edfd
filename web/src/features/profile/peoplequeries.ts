import { queryOptions } from "@tanstack/react-query";

import { addressOf, ask, part } from "../../api/ask";
import { answer, api } from "../../api/client";
import type { Duplicates, Erasure, IdentityRules, LiveEvent, MergePreview, Paged, PersonConsent, RetentionRule, Suppression } from "../../api/live";

export const eventsAtOnce = 100;

export const timelinePage = (id: string, before?: string, signal?: AbortSignal) =>
  ask<Paged<LiveEvent>>("GET", "/v1/events", { query: { customer: id, fate: "accepted", before, limit: eventsAtOnce }, ...(signal ? { signal } : {}) });

export const liveAddress = (id: string) => addressOf("/v1/events/live", { customer: id });

export const mergePreviewQuery = (a: string, b: string) =>
  queryOptions({
    queryKey: ["merge", a, b],
    queryFn: ({ signal }) => ask<MergePreview>("POST", "/v1/merges/preview", { body: { a, b }, signal }),
    enabled: a !== "" && b !== "",
    retry: false,
    staleTime: 0,
  });

export const merge = (a: string, b: string, why: string) => ask<{ id: string; into: string }>("POST", "/v1/merges", { body: { a, b, why } });

export const undoMerge = (id: string, why: string) => ask<unknown>("POST", `/v1/merges/${part(id)}/undo`, { body: { why } });

/** What the last search found; asked again while one runs. */
export const duplicatesQuery = queryOptions({
  queryKey: ["duplicates"],
  queryFn: ({ signal }): Promise<Duplicates> => answer(api.GET("/v1/duplicates", { signal })),
  refetchInterval: (query) => (query.state.data?.job ? 500 : false),
  staleTime: 0,
});

export const searchDuplicates = () => answer(api.POST("/v1/duplicates/search"));

export const dismissDuplicate = (id: string) => ask<unknown>("POST", `/v1/duplicates/${part(id)}/dismiss`);

export const putConsent = (customer: string, consent: Omit<PersonConsent, "at">) => ask<unknown>("PUT", `/v1/customers/${part(customer)}/consents`, { body: consent });

export const suppress = (one: Suppression) => ask<unknown>("POST", "/v1/suppressions", { body: { channel: one.channel, address: one.address, reason: one.reason } });

export const unsuppress = (one: Suppression) => ask<unknown>("DELETE", "/v1/suppressions", { query: { channel: one.channel, address: one.address } });

export const exportAddress = (customer: string) => `/v1/customers/${part(customer)}/export`;

export const erase = (customer: string, why: string) => ask<Erasure>("POST", "/v1/erasures", { body: { customer, why } });

export const erasuresQuery = queryOptions({
  queryKey: ["erasures"],
  queryFn: ({ signal }) => ask<{ items: Erasure[] | null }>("GET", "/v1/erasures", { signal }),
});

export const retentionQuery = queryOptions({
  queryKey: ["retention"],
  queryFn: ({ signal }) => ask<{ rules: RetentionRule[] | null }>("GET", "/v1/retention", { signal }),
});

export const putRetention = (rules: RetentionRule[]) => ask<{ rules: RetentionRule[] | null }>("PUT", "/v1/retention", { body: { rules } });

export const identityRulesQuery = queryOptions({
  queryKey: ["identity-rules"],
  queryFn: ({ signal }) => ask<IdentityRules>("GET", "/v1/identity-rules", { signal }),
});

export const putIdentityRules = (rules: IdentityRules) => ask<IdentityRules>("PUT", "/v1/identity-rules", { body: rules });

export const eventNamesQuery = queryOptions({
  queryKey: ["live", "summary"],
  queryFn: ({ signal }) => ask<{ by_name?: Record<string, number> | null }>("GET", "/v1/events/summary", { signal }),
  staleTime: 30_000,
});
