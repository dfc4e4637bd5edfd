import { MantineProvider } from "@mantine/core";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";

import { Fault } from "../api/client";
import { statusQuery } from "../api/status";
import { theme, variables } from "../ui/theme";
import { router } from "./router";
import { Door } from "./signin";

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // Somebody analysed another day meanwhile: the status tells which, and the screen follows it.
    onError: (error) => {
      if (error instanceof Fault && error.reason === "audience.not_analysed") void queries.invalidateQueries({ queryKey: statusQuery.queryKey });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      // What the server refuses it will refuse again; only a lost connection is worth another try.
      retry: (count, error) => count < 1 && !(error instanceof Fault && error.status >= 400 && error.status < 500),
    },
  },
});

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <Door>
          <RouterProvider router={router} />
        </Door>
      </QueryClientProvider>
    </MantineProvider>
  );
}
