import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "./client";

/** Who this browser is to the server; asked again when the window is looked at, for a session ends. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => answer(api.GET("/v1/session", { signal })),
  staleTime: 60_000,
  refetchOnWindowFocus: true,
});
