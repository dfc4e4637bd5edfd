import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask, post } from "../../api/client";
import type { ImportOptions, ImportRecord, Job, Preview } from "../../api/types";

export const historyQuery = queryOptions({
  queryKey: ["imports"],
  queryFn: ({ signal }) => ask<{ items: ImportRecord[] | null }>("/v1/imports", {}, signal),
});

export const previewQuery = (upload: string, options: ImportOptions) =>
  queryOptions({
    queryKey: ["preview", upload, options],
    queryFn: () => post<Preview>("/v1/imports/preview", { upload, options }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

const ended = (job: Job | undefined) => job?.state === "done" || job?.state === "failed";

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: ({ signal }) => ask<Job>(`/v1/jobs/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: (query) => (ended(query.state.data) ? false : 300),
    gcTime: 0,
  });

export const startImport = (upload: string, options: ImportOptions) => post<Job>("/v1/imports", { upload, options });

export const startAnalysis = () => post<Job>("/v1/analyses", {});
