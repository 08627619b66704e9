// Where menus and tooltips are drawn: at the page's end, or inside the dialog they were opened in, because a modal dialog lies
// above everything else and leaves the rest of the page without life.
import { createContext, useContext } from "react";

/** The element; null is the page itself. */
export const PortalHome = createContext<HTMLElement | null>(null);

/** The container to hand to a portal. */
export const usePortalHome = (): HTMLElement | null => useContext(PortalHome);
