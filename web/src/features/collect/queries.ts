import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import type { ImportOptions, Job } from "../../api/types";

export const historyQuery = queryOptions({
  queryKey: ["imports"],
  queryFn: ({ signal }) => answer(api.GET("/v1/imports", { signal })),
});

// What is undecided is left out: the server then finds it by looking.
function sent(options: ImportOptions) {
  const { decimal_comma: comma, header, ...rest } = options;
  return { ...rest, ...(typeof comma === "boolean" ? { decimal_comma: comma } : {}), ...(typeof header === "boolean" ? { header } : {}) };
}

export const previewQuery = (upload: string, options: ImportOptions) =>
  queryOptions({
    queryKey: ["preview", upload, options],
    queryFn: ({ signal }) => answer(api.POST("/v1/imports/preview", { body: { upload, options: sent(options) }, signal })),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export const startImport = (upload: string, options: ImportOptions): Promise<Job> => answer(api.POST("/v1/imports", { body: { upload, options: sent(options) } }));
