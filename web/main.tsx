// The console's beginning: what every page needs, around the pages.
import "./styles.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./app/query-client.ts";
import { router } from "./routes/router.ts";
import { memoryPassphrase } from "./session/memory-passphrase.ts";
import { session } from "./session/this-browser.ts";
import { Toasts } from "./ui/toast.tsx";
import { TooltipProvider } from "./ui/tooltip.tsx";

session.subscribe(() => {
  const state = session.state();
  if (state === "out" || state === "other") memoryPassphrase.forget();
  // What is shown may be somebody's who is not here any more.
  if (state === "other") location.assign("/");
  // First the pages go, then what they showed: one that still stands would ask for it again.
  if (state === "out") router.invalidate().then(() => queryClient.clear());
});

// Who is here is asked before anything is drawn; whoever guards a page waits for the same answer. Meanwhile the page's pieces
// come, unless it is known that nobody may see them.
session.begin().catch(() => {});
if (session.state() !== "out") {
  const [routes] = router.getMatchedRoutes(location.pathname);
  for (const route of routes) router.loadRouteChunk(route)?.catch(() => {});
}

const place = document.getElementById("console");
if (place === null) throw new Error("index.html has no place for the console");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RouterProvider router={router} />
        <Toasts />
      </TooltipProvider>
    </QueryClientProvider>
  </StrictMode>,
);
