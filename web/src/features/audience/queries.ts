import { queryOptions } from "@tanstack/react-query";

import { ask } from "../../api/client";
import type { Scope } from "../../api/status";
import type { CustomerPage, Overlap, Segment, Segments } from "../../api/types";

export const segmentsQuery = (scope: Scope) =>
  queryOptions({ queryKey: ["segments", scope], queryFn: ({ signal }) => ask<Segments>("/v1/segments", { ...scope }, signal) });

export const segmentQuery = (scope: Scope, slug: string) =>
  queryOptions({ queryKey: ["segment", scope, slug], queryFn: ({ signal }) => ask<Segment>(`/v1/segments/${encodeURIComponent(slug)}`, { ...scope }, signal) });

export const overlapQuery = (slug: string) =>
  queryOptions({ queryKey: ["overlap", slug], queryFn: ({ signal }) => ask<Overlap>(`/v1/segments/${encodeURIComponent(slug)}/overlap`, {}, signal) });

export const membersQuery = (scope: Scope, slug: string) =>
  queryOptions({
    queryKey: ["members", scope, slug],
    queryFn: ({ signal }) => ask<CustomerPage>("/v1/customers", { ...scope, segment: slug, sort: "expected_value", order: "desc", limit: 10 }, signal),
  });
