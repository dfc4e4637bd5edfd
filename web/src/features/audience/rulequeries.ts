import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api, done } from "../../api/client";
import type { ListTaken, SegmentDraft, SegmentPreview, TraitDraft } from "../../api/live";
import type { Json } from "./language";

export const namesQuery = queryOptions({
  queryKey: ["rules", "names"],
  queryFn: ({ signal }) => answer(api.GET("/v1/rules/names", { signal })),
  staleTime: 30_000,
});

const previewKey = (rule: Json | null) => ["rules", "preview", JSON.stringify(rule)];

/**
 * Asked anew for each rule; a question that nobody waits for any more is taken back. Where counting all people would take too long for somebody who
 * types, some are asked, and the answer is an estimate.
 */
export const previewQuery = (rule: Json | null) =>
  queryOptions({
    queryKey: previewKey(rule),
    queryFn: ({ signal, client, queryKey }) => {
      const before = client.getQueryData<SegmentPreview>(queryKey);
      // An exact count is not replaced by an estimate because data came: nobody types.
      return answer(api.POST("/v1/segments/preview", { body: { rule, now_only: true, soon: !before || Boolean(before.estimate) }, signal }));
    },
    enabled: rule !== null,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 10_000,
    gcTime: 60_000,
  });

/** Counts all people, when there is an estimate, and puts the count in its place. */
export const exactQuery = (rule: Json | null, estimated: boolean) =>
  queryOptions({
    queryKey: ["rules", "exact", JSON.stringify(rule)],
    queryFn: async ({ signal, client }) => {
      const exact = await answer(api.POST("/v1/segments/preview", { body: { rule, now_only: true }, signal }));
      client.setQueryData(previewKey(rule), exact);
      return exact;
    },
    enabled: rule !== null && estimated,
    retry: false,
    gcTime: 0,
  });

/** How many a month ago, asked when the count of now is there: it must not wait for this. */
export const monthAgoQuery = (rule: Json | null, counted: boolean) =>
  queryOptions({
    queryKey: ["rules", "preview", JSON.stringify(rule), "month"],
    queryFn: ({ signal }) => answer(api.POST("/v1/segments/preview", { body: { rule }, signal })),
    enabled: rule !== null && counted,
    retry: false,
    staleTime: 10_000,
    gcTime: 60_000,
  });

export type SegmentBody = Pick<SegmentDraft, "name" | "description" | "kind"> & { rule?: Json };

export const createSegment = (body: SegmentBody) => answer(api.POST("/v1/segments", { body }));

export const updateSegment = (slug: string, body: SegmentBody) => answer(api.PUT("/v1/segments/{slug}", { params: { path: { slug } }, body }));

export const segmentAct = (slug: string, act: "lock" | "unlock" | "archive" | "restore") => done(api.POST(`/v1/segments/{slug}/${act}`, { params: { path: { slug } } }));

export const dependantsQuery = (slug: string) =>
  queryOptions({
    queryKey: ["segment", slug, "dependants"],
    queryFn: ({ signal }) => answer(api.GET("/v1/segments/{slug}/dependants", { params: { path: { slug } }, signal })),
  });

export const historyQuery = (slug: string) =>
  queryOptions({
    queryKey: ["segment", slug, "history"],
    queryFn: ({ signal }) => answer(api.GET("/v1/segments/{slug}/history", { params: { path: { slug }, query: { days: 90 } }, signal })),
  });

export const overlapsQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ["overlaps", ...ids],
    queryFn: ({ signal }) => answer(api.GET("/v1/segments/overlaps", { params: { query: { ids: [...ids] } }, signal })),
    enabled: ids.length > 1,
    placeholderData: keepPreviousData,
  });

/** Adds the people of a CSV to a segment kept by hand, or takes them out. */
export const takeList = (slug: string, take: "add" | "remove", csv: string | File): Promise<ListTaken> =>
  answer(api.POST("/v1/segments/{slug}/members", {
    params: { path: { slug }, query: { take } },
    headers: { "Content-Type": "text/csv" },
    body: csv as string,
    // A list goes as it is.
    bodySerializer: (list) => list as unknown as BodyInit,
  }));

export const memberPage = (slug: string, after?: string, signal?: AbortSignal) =>
  answer(api.GET("/v1/segments/{slug}/members", { params: { path: { slug }, query: { after, limit: 50 } }, ...(signal ? { signal } : {}) }));

export const traitsQuery = queryOptions({ queryKey: ["traits"], queryFn: ({ signal }) => answer(api.GET("/v1/traits", { signal })) });

export const createTrait = (body: TraitDraft) => answer(api.POST("/v1/traits", { body }));

export const updateTrait = (name: string, body: TraitDraft) => answer(api.PUT("/v1/traits/{name}", { params: { path: { name } }, body }));

export const removeTrait = (name: string) => done(api.DELETE("/v1/traits/{name}", { params: { path: { name } } }));
