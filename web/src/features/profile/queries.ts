import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask, type Query } from "../../api/client";
import type { Scope } from "../../api/status";
import type { Customer, CustomerPage, Segments } from "../../api/types";
import type { CustomerSearch } from "../../lib/filters";
import { countOf } from "../../lib/search";

export const pageSize = 50;

/** The address of the list as the API's question; the same for the table and its CSV. */
export function listQuestion(scope: Scope, search: CustomerSearch): Query {
  const { page: _page, ...filters } = search;
  return { ...filters, ...scope, sort: search.sort ?? "spend", order: search.order ?? "desc" };
}

export const customersQuery = (scope: Scope, search: CustomerSearch) =>
  queryOptions({
    queryKey: ["customers", scope, search],
    queryFn: ({ signal }) =>
      ask<CustomerPage>("/v1/customers", { ...listQuestion(scope, search), limit: pageSize, offset: (countOf(search.page, 1) - 1) * pageSize }, signal),
    placeholderData: keepPreviousData,
  });

export const customerQuery = (scope: Scope, id: string) =>
  queryOptions({
    queryKey: ["customer", scope, id],
    queryFn: ({ signal }) => ask<Customer>(`/v1/customers/${encodeURIComponent(id)}`, scope.as_of ? { as_of: scope.as_of } : {}, signal),
  });

export const segmentNamesQuery = (scope: Scope) =>
  queryOptions({ queryKey: ["segments", scope], queryFn: ({ signal }) => ask<Segments>("/v1/segments", { ...scope }, signal) });
