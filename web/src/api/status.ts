import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "./client";
import type { Job, Status } from "./types";

/** What the shop holds and how fresh it is; asked more often while a job runs. */
export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }): Promise<Status> => answer(api.GET("/v1/status", { signal })),
  refetchInterval: (query) => (query.state.data?.jobs_running ? 1000 : 15_000),
  staleTime: 5000,
});

export const runningJobQuery = (enabled: boolean) =>
  queryOptions({
    queryKey: ["jobs"],
    queryFn: ({ signal }) => answer(api.GET("/v1/jobs", { params: { query: { limit: 5 } }, signal })),
    refetchInterval: 1000,
    enabled,
    select: (jobs): Job | undefined => (jobs.items ?? []).find((job) => job.state === "running" || job.state === "queued"),
  });


/** Everything a question is asked within: which market, and as of which day. */
export interface Scope {
  market?: string;
  as_of?: string;
}
