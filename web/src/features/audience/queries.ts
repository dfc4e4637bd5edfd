import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import type { Scope } from "../../api/status";
import type { CustomerPage, Overlap, Segment, Segments } from "../../api/types";

export const segmentsQuery = queryOptions({
  queryKey: ["segments"],
  queryFn: ({ signal }): Promise<Segments> => answer(api.GET("/v1/segments", { signal })),
});

export const segmentQuery = (slug: string) =>
  queryOptions({
    queryKey: ["segment", slug],
    queryFn: ({ signal }): Promise<Segment> => answer(api.GET("/v1/segments/{slug}", { params: { path: { slug } }, signal })),
  });

export const overlapQuery = (slug: string) =>
  queryOptions({
    queryKey: ["overlap", slug],
    queryFn: ({ signal }): Promise<Overlap> => answer(api.GET("/v1/segments/{slug}/overlap", { params: { path: { slug } }, signal })),
  });

export const membersQuery = (scope: Scope, slug: string) =>
  queryOptions({
    queryKey: ["members", scope.market ?? "", slug],
    queryFn: ({ signal }): Promise<CustomerPage> =>
      answer(api.GET("/v1/customers", { params: { query: { market: scope.market, segment: slug, sort: "expected_value", order: "desc", limit: 10 } }, signal })),
  });
