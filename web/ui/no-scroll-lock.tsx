// Stands in for the package that holds a page still behind an open menu. It does so with style elements, which the page's
// policy refuses; our menus do not ask for it, and our dialogs are the browser's own.
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";

/** Draws what it is given, and holds nothing still. */
export const RemoveScroll = ({
  children,
  ...rest
}: ComponentProps<"div"> & { readonly as?: unknown; readonly allowPinchZoom?: boolean; readonly shards?: unknown }) => {
  const { as: _as, allowPinchZoom: _pinch, shards: _shards, ...props } = rest;
  return <Slot.Root {...props}>{children}</Slot.Root>;
};
