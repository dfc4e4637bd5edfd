// Long work: begun, followed, stopped.
import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "./client";
import type { Job } from "./types";

const ended = (job: Job | undefined) => job?.state === "done" || job?.state === "failed";

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: ({ signal }): Promise<Job> => answer(api.GET("/v1/jobs/{id}", { params: { path: { id } }, signal })),
    refetchInterval: (query) => (ended(query.state.data) ? false : 300),
    gcTime: 0,
  });

/** Analyses as of a day; without one, of the last day in the data. */
export const startAnalysis = (asOf?: string): Promise<Job> => answer(api.POST("/v1/analyses", { body: asOf ? { as_of: asOf } : {} }));

/** Asks the work to stop; it undoes what it began and then ends as failed. */
export const cancelJob = (id: string): Promise<Job> => answer(api.POST("/v1/jobs/{id}/cancel", { params: { path: { id } } }));

/** Whether the work ended because somebody asked it to. */
export const wasStopped = (job: Job): boolean => job.state === "failed" && job.problem?.type === "job.stopped";
