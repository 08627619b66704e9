// On a phone the sidebar is behind a button in each page's head; this is how the head reaches it.
import { createContext, useContext } from "react";

/** Opens the drawer. */
export const OpenDrawer = createContext<() => void>(() => {});

/** A function that opens the drawer. */
export const useOpenDrawer = (): (() => void) => useContext(OpenDrawer);
