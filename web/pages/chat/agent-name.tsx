// An agent's name with its mark. The mark's colour comes from the name, so that one agent looks the same everywhere.
import type { ReactNode } from "react";
import { cx } from "../../ui/class-names.ts";

const COLOURS = [
  "bg-[#e7e9fb] text-[#3a45b8] dark:bg-[#23284f] dark:text-[#b3baff]",
  "bg-[#dff2ea] text-[#10663f] dark:bg-[#12301f] dark:text-[#7fdba8]",
  "bg-[#fbeadd] text-[#94440f] dark:bg-[#38200f] dark:text-[#f3b48a]",
  "bg-[#f5e4f3] text-[#87277c] dark:bg-[#361833] dark:text-[#eaa6e0]",
  "bg-[#e0f0f7] text-[#0f5d7a] dark:bg-[#0f2b38] dark:text-[#86cfec]",
] as const;

const colourOf = (name: string): string => {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9_973;
  return COLOURS[sum % COLOURS.length] ?? COLOURS[0];
};

/** Mark and name; `children` stand behind it. */
export const AgentName = ({ name, children }: { readonly name: string; readonly children?: ReactNode }) => (
  <div className="flex min-w-0 items-center gap-2.5">
    <span
      aria-hidden="true"
      className={cx(
        "flex size-6 shrink-0 items-center justify-center rounded-lg text-2xs font-bold uppercase",
        colourOf(name),
      )}
    >
      {name.charAt(0)}
    </span>
    <span className="truncate text-sm font-semibold">{name}</span>
    {children}
  </div>
);
