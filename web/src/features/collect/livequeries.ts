import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { addressOf, ask } from "../../api/ask";
import { answer, api } from "../../api/client";
import type { DeadLetter, Letter, LiveEvent, Paged, QuarantinePage, Replayed, Source, Summary } from "../../api/live";

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
export const events = (filter: StreamFilter, before?: string, signal?: AbortSignal): Promise<Paged<LiveEvent>> =>
  filter.fate === "duplicate" ? Promise.resolve({ items: [] }) : ask("GET", "/v1/events", { query: { ...filter, before, limit: eventsAtOnce }, ...(signal ? { signal } : {}) });

export const liveAddress = (filter: StreamFilter) => addressOf("/v1/events/live", { ...filter });

export const summaryQuery = queryOptions({
  queryKey: ["live", "summary"],
  queryFn: ({ signal }) => ask<Summary>("GET", "/v1/events/summary", { signal }),
  refetchInterval: 2000,
  staleTime: 0,
});

export const sourcesQuery = queryOptions({
  queryKey: ["live", "sources"],
  queryFn: ({ signal }) => ask<{ items: Source[] | null }>("GET", "/v1/sources", { signal }),
  refetchInterval: 15_000,
  staleTime: 5000,
});

export const quarantineQuery = (reason: string | undefined, limit: number) =>
  queryOptions({
    queryKey: ["live", "quarantine", reason ?? "", limit],
    queryFn: ({ signal }) => ask<QuarantinePage>("GET", "/v1/quarantine", { query: { reason, limit }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
    staleTime: 0,
  });

export const deadLettersQuery = queryOptions({
  queryKey: ["live", "dead"],
  queryFn: ({ signal }) => ask<{ items: DeadLetter[] | null }>("GET", "/v1/dead-letters", { signal }),
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

export interface ReplayOrder {
  places?: string[];
  reason?: string;
  patch?: Record<string, unknown>;
}

export const replayQuarantine = (order: ReplayOrder) => ask<Replayed>("POST", "/v1/quarantine/replay", { body: order });

export const replayDead = (seqs: string[]) => ask<Replayed>("POST", "/v1/dead-letters/replay", { body: { seqs } });
