// The plot, fetched when one is shown for the first time; its place is kept meanwhile.
import { type ComponentProps, lazy, Suspense } from "react";
import { partOf } from "../app/pieces.ts";
import type { Plot } from "./plot.tsx";
import { Skeleton } from "./skeleton.tsx";

const Drawn = lazy(async () => ({ default: (await partOf(() => import("./plot.tsx"))).Plot }));

/** A plot of days. */
export const LatePlot = (props: ComponentProps<typeof Plot>) => (
  <Suspense fallback={<Skeleton className="h-[190px] w-full" />}>
    <Drawn {...props} />
  </Suspense>
);
