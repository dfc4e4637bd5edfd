import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import type { operations } from "../../api/schema";
import type { Scope } from "../../api/status";
import type { Customer, CustomerPage, Segments } from "../../api/types";
import type { CustomerSearch } from "../../lib/filters";
import { countOf } from "../../lib/search";

export const pageSize = 50;

type Question = NonNullable<operations["download-customers"]["parameters"]["query"]>;

/** The address of the list as the API's question; the same for the table and its CSV. The server checks each value. */
export function listQuestion(scope: Scope, search: CustomerSearch): Question {
  const { page: _page, ...filters } = search;
  return { ...filters, market: scope.market, as_of: scope.as_of, sort: search.sort ?? "spend", order: search.order ?? "desc" } as Question;
}

export const customersQuery = (scope: Scope, search: CustomerSearch) =>
  queryOptions({
    queryKey: ["customers", scope, search],
    queryFn: ({ signal }): Promise<CustomerPage> =>
      answer(api.GET("/v1/customers", { params: { query: { ...listQuestion(scope, search), limit: pageSize, offset: (countOf(search.page, 1) - 1) * pageSize } }, signal })),
    placeholderData: keepPreviousData,
  });

export const customerQuery = (scope: Scope, id: string) =>
  queryOptions({
    queryKey: ["customer", scope.as_of ?? "", id],
    queryFn: ({ signal }): Promise<Customer> => answer(api.GET("/v1/customers/{id}", { params: { path: { id }, query: { as_of: scope.as_of } }, signal })),
  });

export const segmentNamesQuery = queryOptions({
  queryKey: ["segments", ""],
  queryFn: ({ signal }): Promise<Segments> => answer(api.GET("/v1/segments", { signal })),
});
