// What stands where there is nothing, and where something went wrong: what it is, and what to do next.
import { RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { explain } from "../app/explain.ts";
import { Button } from "./button.tsx";

/** Nothing here yet, and how that changes. */
export const EmptyState = ({
  icon,
  title,
  children,
  action,
}: {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) => (
  <div className="mx-auto flex max-w-sm animate-appear flex-col items-center gap-2 px-6 py-14 text-center">
    {icon === undefined ? null : <span className="mb-1 text-ink-3 [&_svg]:size-7 [&_svg]:stroke-[1.4]">{icon}</span>}
    <h2 className="text-base font-semibold tracking-tight">{title}</h2>
    <div className="text-sm text-pretty text-ink-2">{children}</div>
    {action === undefined ? null : <div className="mt-3">{action}</div>}
  </div>
);

/** It did not work: why, and what to do. */
export const ErrorState = ({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) => {
  const { title, next, reference } = explain(error);
  return (
    <div
      role="alert"
      className="mx-auto flex max-w-md animate-appear flex-col items-center gap-2 px-6 py-14 text-center"
    >
      <TriangleAlert className="mb-1 size-7 stroke-[1.4] text-danger" aria-hidden="true" />
      <h2 className="text-base font-semibold tracking-tight">{title}</h2>
      <p className="text-sm text-pretty text-ink-2">{next}</p>
      {reference === null ? null : <p className="font-mono text-2xs text-ink-3">{reference}</p>}
      {onRetry === undefined ? null : (
        <Button className="mt-3" icon={<RotateCw className="size-3.5" />} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
};

/** The same in one line, inside a form or a card. */
export const ErrorLine = ({ error }: { readonly error: unknown }) => {
  if (error === null || error === undefined) return null;
  const { title, next } = explain(error);
  return (
    <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
      <strong className="font-medium">{title}.</strong> {next}
    </p>
  );
};
