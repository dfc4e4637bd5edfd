import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import type { Scope } from "../../api/status";
import type { CustomerPage, Overlap, Segment, Segments } from "../../api/types";

// The analysis kept holds all markets: it is asked for its day alone.
const of = (scope: Scope) => scope.as_of ?? "";

export const segmentsQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ["segments", of(scope)],
    queryFn: ({ signal }): Promise<Segments> => answer(api.GET("/v1/segments", { params: { query: { as_of: scope.as_of } }, signal })),
  });

export const segmentQuery = (scope: Scope, slug: string) =>
  queryOptions({
    queryKey: ["segment", of(scope), slug],
    queryFn: ({ signal }): Promise<Segment> => answer(api.GET("/v1/segments/{slug}", { params: { path: { slug }, query: { as_of: scope.as_of } }, signal })),
  });

export const overlapQuery = (scope: Scope, slug: string) =>
  queryOptions({
    queryKey: ["overlap", of(scope), slug],
    queryFn: ({ signal }): Promise<Overlap> => answer(api.GET("/v1/segments/{slug}/overlap", { params: { path: { slug }, query: { as_of: scope.as_of } }, signal })),
  });

/** Of those about to leave, whom it costs most to lose come first: who is worth most is expected to stay, and who is likeliest to go has gone. */
export const leaving = (slug: string) => slug === "valuable-at-risk" || /^(stage|rfm)-(at.risk|slipping|cannot.lose)$/.test(slug);

export const membersQuery = (scope: Scope, slug: string) =>
  queryOptions({
    queryKey: ["members", scope, slug],
    queryFn: ({ signal }): Promise<CustomerPage> =>
      answer(api.GET("/v1/customers", { params: { query: { market: scope.market, as_of: scope.as_of, segment: slug, sort: leaving(slug) ? "value_at_risk" : "expected_value", order: "desc", limit: 10 } }, signal })),
  });
