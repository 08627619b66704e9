// What stands where there is nothing, and where something went wrong: what it is, and what to do next.
import { Link } from "@tanstack/react-router";
import { RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { explain } from "../app/explain.ts";
import { NewVersion } from "../app/new-version.ts";
import { Button, buttonClass } from "./button.tsx";

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

/** It did not work: why, and what to do. Small where it stands for a part of a page. */
export const ErrorState = ({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) => {
  const { title, next, reference, isFinal } = explain(error);
  return (
    <div
      role="alert"
      className="mx-auto flex max-w-md animate-appear flex-col items-center gap-2 px-6 py-14 text-center in-data-section:mx-0 in-data-section:items-start in-data-section:px-0 in-data-section:py-1 in-data-section:text-left"
    >
      <TriangleAlert className="mb-1 size-7 stroke-[1.4] text-danger in-data-section:hidden" aria-hidden="true" />
      <h2 className="text-base font-semibold tracking-tight in-data-section:text-sm in-data-section:text-danger">
        {title}
      </h2>
      <p className="text-sm text-pretty text-ink-2">{next}</p>
      {reference === null ? null : (
        <p className="max-w-full font-mono text-2xs [overflow-wrap:anywhere] text-ink-3">{reference}</p>
      )}
      {isFinal ? (
        <Link to="/" className={buttonClass({}, "mt-3 in-data-section:mt-1")}>
          Go to the beginning
        </Link>
      ) : error instanceof NewVersion ? (
        <Button
          className="mt-3 in-data-section:mt-1"
          icon={<RotateCw className="size-3.5" />}
          onClick={() => location.reload()}
        >
          Reload
        </Button>
      ) : onRetry === undefined ? null : (
        <Button className="mt-3 in-data-section:mt-1" icon={<RotateCw className="size-3.5" />} onClick={onRetry}>
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
