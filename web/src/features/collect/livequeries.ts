import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api, urlOf } from "../../api/client";
import type { Events, Fate, Letter, ReplayOrder } from "../../api/live";

export interface StreamFilter {
  name?: string | undefined;
  source?: string | undefined;
  customer?: string | undefined;
  fate?: string | undefined;
}

export const streamFilters = ["name", "source", "customer", "fate"] as const;

/** How many events one question brings. */
export const eventsAtOnce = 200;

/** Duplicates are seen only while they come: there are none to list. */
export const events = ({ fate, ...filter }: StreamFilter, before?: string, signal?: AbortSignal): Promise<Events> =>
  fate === "duplicate" ? Promise.resolve({ items: [], next: "" }) : (answer(api.GET("/v1/events", { params: { query: { ...filter, fate: fate as Exclude<Fate, "duplicate">, before, limit: eventsAtOnce } }, ...(signal ? { signal } : {}) })) as Promise<Events>);

export const liveAddress = (filter: StreamFilter) => urlOf("/v1/events/live", { ...filter });

export const summaryQuery = queryOptions({
  queryKey: ["live", "summary"],
  queryFn: ({ signal }) => answer(api.GET("/v1/events/summary", { signal })),
  refetchInterval: 2000,
  staleTime: 0,
});

export const sourcesQuery = queryOptions({
  queryKey: ["live", "sources"],
  queryFn: ({ signal }) => answer(api.GET("/v1/sources", { signal })),
  refetchInterval: 15_000,
  staleTime: 5000,
});

export const quarantineQuery = (reason: string | undefined, limit: number) =>
  queryOptions({
    queryKey: ["live", "quarantine", reason ?? "", limit],
    queryFn: ({ signal }) => answer(api.GET("/v1/quarantine", { params: { query: { reason, limit } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
    staleTime: 0,
  });

export const deadLettersQuery = queryOptions({
  queryKey: ["live", "dead"],
  queryFn: ({ signal }) => answer(api.GET("/v1/dead-letters", { signal })),
  refetchInterval: 15_000,
  staleTime: 0,
});

/** A dead letter's events, as they were sent, a page at a time. */
export const letterQuery = (seq: string) =>
  infiniteQueryOptions({
    queryKey: ["live", "dead", seq],
    queryFn: ({ signal, pageParam }): Promise<Letter> => answer(api.GET("/v1/dead-letters/{seq}", { params: { path: { seq }, query: { after: pageParam } }, signal })),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.next ? Number(page.next) : undefined),
    retry: false,
  });

export const replayQuarantine = (order: ReplayOrder) => answer(api.POST("/v1/quarantine/replay", { body: order }));

export const replayDead = (seqs: string[]) => answer(api.POST("/v1/dead-letters/replay", { body: { seqs } }));
