// Markdown, fetched when the first text is to be shown; until then the text as it is.
import { lazy, Suspense, useDeferredValue } from "react";
import { harmless } from "#client/terminal/harmless.ts";
import { partOf } from "../app/pieces.ts";

const Markdown = lazy(async () => ({ default: (await partOf(() => import("./markdown.tsx"))).Markdown }));

/** A text in Markdown. */
export const RichText = ({
  text,
  cited,
  onCite,
}: {
  readonly text: string;
  /** Numbers its answer may cite, joined by commas. */
  readonly cited?: string;
  readonly onCite?: (n: number) => void;
}) => {
  // Words that stream in are parsed when there is time for it.
  const shown = useDeferredValue(text);
  return (
    <Suspense fallback={<div className="prose whitespace-pre-wrap">{harmless(text.slice(0, 4_000))}</div>}>
      <Markdown
        text={shown}
        {...(cited === undefined ? {} : { cited })}
        {...(onCite === undefined ? {} : { onCite })}
      />
    </Suspense>
  );
};
