// `j` and `k` go from one question to the next. Whoever answers one is not put onto the next: a key pressed twice must not
// answer twice. But the place is kept, so that `j` goes on from there.
import { type RefObject, useEffect, useRef } from "react";
import { isTyping } from "../../shell/shortcuts.ts";
import { nextPlace } from "./next-card.ts";

const CARD = "article[data-approval]";

/** Listens for as long as the page is shown; `list` holds the cards. */
export const useCardKeys = (list: RefObject<HTMLElement | null>): void => {
  const last = useRef(-1);
  useEffect(() => {
    const cards = () => [...(list.current?.querySelectorAll<HTMLElement>(CARD) ?? [])];
    const onFocus = () => {
      const at = cards().findIndex((card) => card.contains(document.activeElement));
      if (at >= 0) last.current = at;
    };
    const press = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.key !== "j" && event.key !== "k") return;
      const all = cards();
      const at = all.findIndex((card) => card.contains(document.activeElement));
      // The one that was answered is gone, so the next one stands in its place.
      const from = at >= 0 ? at : event.key === "j" ? last.current - 1 : last.current;
      const next = nextPlace(all.length, Math.max(from, -1), event.key === "j" ? 1 : -1);
      if (next === null) return;
      event.preventDefault();
      all[next]?.focus();
      all[next]?.scrollIntoView({ block: "nearest" });
    };
    document.addEventListener("focusin", onFocus);
    window.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("focusin", onFocus);
      window.removeEventListener("keydown", press);
    };
  }, [list]);
};
