// The router over the table of routes.
import { createRouter } from "@tanstack/react-router";
import { routeTree } from "./table.tsx";

/** The page's router. */
export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 250,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
