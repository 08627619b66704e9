// What was asked of the server and is kept: fresh for a while, then shown at once and asked again. The client of the server
// repeats by itself what is worth repeating; here only a server that is away is waited for a little longer.
import { QueryClient } from "@tanstack/react-query";
import { NoAnswer } from "#client/sdk/api-error.ts";

const FRESH_MS = 30_000;

/** The page's one memory of answers. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      retry: (failures, error) => error instanceof NoAnswer && error.cause !== undefined && failures < 2,
      // A tab that comes back looks again; the live stream says the rest.
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});
