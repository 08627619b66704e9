// A part of a page: its heading, a sentence on what it is, what can be done, and the thing itself.
import type { ReactNode } from "react";

/** A part of a page. */
export const Section = ({
  title,
  about,
  actions,
  children,
}: {
  readonly title: string;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) => (
  <div data-section className="grid grid-cols-1 gap-3">
    <header className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="text-base font-semibold tracking-tight">{title}</h2>
        {about === undefined ? null : <p className="mt-0.5 max-w-prose text-sm text-pretty text-ink-2">{about}</p>}
      </div>
      {actions === undefined ? null : <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
    {children}
  </div>
);

/** A number and what it counts. */
export const Figure = ({
  label,
  note,
  children,
}: {
  readonly label: string;
  readonly note?: ReactNode;
  readonly children: ReactNode;
}) => (
  <div className="rounded-lg border border-line bg-raised px-3.5 py-2.5">
    <dt className="text-xs text-ink-3">{label}</dt>
    <dd className="mt-0.5 text-lg font-semibold tracking-tight tabular-nums">{children}</dd>
    {note === undefined ? null : <dd className="text-xs text-ink-3">{note}</dd>}
  </div>
);

/** Figures side by side. */
export const Figures = ({ children }: { readonly children: ReactNode }) => (
  <dl className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-2.5">{children}</dl>
);
