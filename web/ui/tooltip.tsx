// What an icon means, and the key that does the same.
import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Keys } from "./keys.tsx";
import { usePortalHome } from "./portal-home.ts";

/** Stands once around the page. */
export const TooltipProvider = ({ children }: { readonly children: ReactNode }) => (
  <Radix.Provider delayDuration={350}>{children}</Radix.Provider>
);

/** Shows `text` beside its one child when the pointer rests there. The child has a name of its own. */
export const Tooltip = ({
  text,
  keys,
  children,
}: {
  readonly text: string;
  readonly keys?: string;
  readonly children: ReactNode;
}) => (
  <Radix.Root>
    <Radix.Trigger asChild>{children}</Radix.Trigger>
    <Radix.Portal container={usePortalHome()}>
      <Radix.Content
        sideOffset={6}
        collisionPadding={8}
        className="z-50 flex animate-appear items-center gap-2 rounded-md border border-line bg-raised px-2 py-1 text-xs text-ink-2 shadow-float"
      >
        {text}
        {keys === undefined ? null : <Keys keys={keys} />}
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
);
