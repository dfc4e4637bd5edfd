import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask, part } from "../../api/ask";
import type { OwnTrait, RuleNames, SegmentMade, SegmentMember, SegmentPreview, SegmentSize } from "../../api/live";
import type { Json } from "./language";

export const namesQuery = queryOptions({
  queryKey: ["rules", "names"],
  queryFn: ({ signal }) => ask<RuleNames>("GET", "/v1/rules/names", { signal }),
  staleTime: 30_000,
});

/** Asked anew for each rule; a question that nobody waits for any more is taken back. */
export const previewQuery = (rule: Json | null) =>
  queryOptions({
    queryKey: ["rules", "preview", JSON.stringify(rule)],
    queryFn: ({ signal }) => ask<SegmentPreview>("POST", "/v1/segments/preview", { body: { rule, now_only: true }, signal }),
    enabled: rule !== null,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 10_000,
    gcTime: 60_000,
  });

/** How many a month ago, asked when the count of now is there: it must not wait for this. */
export const monthAgoQuery = (rule: Json | null, counted: boolean) =>
  queryOptions({
    queryKey: ["rules", "preview", JSON.stringify(rule), "month"],
    queryFn: ({ signal }) => ask<SegmentPreview>("POST", "/v1/segments/preview", { body: { rule }, signal }),
    enabled: rule !== null && counted,
    retry: false,
    staleTime: 10_000,
    gcTime: 60_000,
  });

export interface SegmentBody {
  name: string;
  description: string;
  rule?: Json;
  kind?: "manual";
}

export const createSegment = (body: SegmentBody) => ask<SegmentMade>("POST", "/v1/segments", { body });

export const updateSegment = (id: string, body: Partial<SegmentBody>) => ask<SegmentMade>("PUT", `/v1/segments/${part(id)}`, { body });

export const segmentAct = (id: string, act: "lock" | "unlock" | "archive" | "restore") => ask<unknown>("POST", `/v1/segments/${part(id)}/${act}`);

export const dependantsQuery = (id: string) =>
  queryOptions({
    queryKey: ["segment", id, "dependants"],
    queryFn: ({ signal }) => ask<{ items: string[] | null }>("GET", `/v1/segments/${part(id)}/dependants`, { signal }),
  });

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ["segment", id, "history"],
    queryFn: ({ signal }) => ask<{ items: SegmentSize[] | null }>("GET", `/v1/segments/${part(id)}/history`, { query: { days: 90 }, signal }),
  });

export const overlapsQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ["overlaps", ...ids],
    queryFn: ({ signal }) => ask<{ sets: { ids: string[] | null; customers: number }[] | null }>("GET", "/v1/segments/overlaps", { query: { ids: ids.join(",") }, signal }),
    enabled: ids.length > 1,
    placeholderData: keepPreviousData,
  });

export interface ListTaken {
  added: number;
  removed: number;
  rows: number;
  people: number;
  problems: { row: number; value: string; reason: "unknown_person" | "no_identity" | "unreadable_row"; sentence: string }[] | null;
  problem_rows: number;
}

/** Adds the people of a CSV to a segment kept by hand, or takes them out. */
export const takeList = (id: string, take: "add" | "remove", csv: string | File) => ask<ListTaken>("POST", `/v1/segments/${part(id)}/members`, { query: { take }, file: { type: "text/csv", body: csv } });

export const memberPage = (id: string, after?: string, signal?: AbortSignal) =>
  ask<{ items: SegmentMember[] | null; total: number; next?: string }>("GET", `/v1/segments/${part(id)}/members`, { query: { after, limit: 50 }, ...(signal ? { signal } : {}) });

export const traitsQuery = queryOptions({ queryKey: ["traits"], queryFn: ({ signal }) => ask<{ items: OwnTrait[] | null }>("GET", "/v1/traits", { signal }) });

export const createTrait = (trait: OwnTrait) => ask<OwnTrait>("POST", "/v1/traits", { body: trait });

export const updateTrait = (name: string, trait: OwnTrait) => ask<OwnTrait>("PUT", `/v1/traits/${part(name)}`, { body: trait });

export const removeTrait = (name: string) => ask<unknown>("DELETE", `/v1/traits/${part(name)}`);
