// `j` and `k` go from one row of a list to the next: from card to card, from run to run. Whoever answers a question is not put
// onto the next: a key pressed twice must not answer twice. But the place is kept, so that `j` goes on from there.
import { type RefObject, useEffect, useRef } from "react";
import { isTyping } from "../shell/shortcuts.ts";
import { nextPlace } from "./next-row.ts";

/** Listens for as long as the list is shown; `rows` says which elements in it are gone through. */
export const useRowKeys = (list: RefObject<HTMLElement | null>, rows: string): void => {
  const last = useRef(-1);
  useEffect(() => {
    const all = () => [...(list.current?.querySelectorAll<HTMLElement>(rows) ?? [])];
    const placeOf = (of: readonly HTMLElement[]) => of.findIndex((row) => row.contains(document.activeElement));
    const onFocus = () => {
      const at = placeOf(all());
      if (at >= 0) last.current = at;
    };
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      // Behind an open dialog nothing is gone through.
      if ((event.key !== "j" && event.key !== "k") || document.querySelector("dialog[open]") !== null) return;
      const present = all();
      const at = placeOf(present);
      // The one that was answered is gone, so the next one stands in its place.
      const from = at >= 0 ? at : event.key === "j" ? last.current - 1 : last.current;
      const next = nextPlace(present.length, Math.max(from, -1), event.key === "j" ? 1 : -1);
      if (next === null) return;
      event.preventDefault();
      present[next]?.focus();
      present[next]?.scrollIntoView({ block: "nearest" });
    };
    document.addEventListener("focusin", onFocus);
    window.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("focusin", onFocus);
      window.removeEventListener("keydown", press);
    };
  }, [list, rows]);
};
