// Parts of one thing, each with an address of its own: links side by side, the present one marked.
import { Link, type LinkProps } from "@tanstack/react-router";

/** One part: its name and where it is. */
export interface TabLink {
  readonly label: string;
  readonly value: string;
  readonly link: Pick<LinkProps, "to" | "params" | "search">;
}

/** The links; they scroll sideways where the screen is narrow. */
export const TabLinks = ({
  label,
  chosen,
  tabs,
}: {
  readonly label: string;
  readonly chosen: string;
  readonly tabs: readonly TabLink[];
}) => (
  <nav aria-label={label} className="mb-5 flex gap-1 overflow-x-auto overflow-y-hidden border-b border-line">
    {tabs.map(({ label: words, value, link }) => (
      <Link
        key={value}
        {...link}
        activeOptions={{ includeSearch: true, exact: true }}
        aria-current={chosen === value ? "page" : undefined}
        className={
          chosen === value
            ? "-mb-px border-b-2 border-accent px-3 py-2 text-sm font-medium whitespace-nowrap text-ink"
            : "-mb-px border-b-2 border-transparent px-3 py-2 text-sm whitespace-nowrap text-ink-2 hover:text-ink"
        }
      >
        {words}
      </Link>
    ))}
  </nav>
);
