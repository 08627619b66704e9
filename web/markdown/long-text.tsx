// Text of any size, as it is: marks instead of what would turn or hide it, a beginning at first, and the whole of it in pieces
// that are only laid out when they are looked at. So no line is too long for the page.
import { useMemo, useState } from "react";
import { harmless } from "#client/terminal/harmless.ts";
import { Button } from "../ui/button.tsx";
import { cx } from "../ui/class-names.ts";
import { beginningOf, piecesOf, sizeText } from "./pieces.ts";

/** The text, in a box of its own. `cap` is how many characters are shown at first. */
export const LongText = ({
  text,
  label,
  cap = 4_000,
  className,
}: {
  readonly text: string;
  readonly label: string;
  readonly cap?: number;
  readonly className?: string;
}) => {
  const [whole, setWhole] = useState(false);
  const beginning = useMemo(() => beginningOf(text, cap), [text, cap]);
  const isCut = beginning.length < text.length;
  const pieces = useMemo(() => piecesOf(harmless(whole ? text : beginning)), [whole, text, beginning]);
  return (
    <div className={cx("overflow-hidden rounded-lg border border-line bg-sunken", className)}>
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        tabIndex={0}
        className="max-h-80 overflow-auto px-3 py-2 font-mono text-xs leading-5"
      >
        {pieces.map((piece, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text stay where they are
            key={index}
            className="break-words whitespace-pre-wrap [overflow-wrap:anywhere] [contain-intrinsic-size:auto_20rem] [content-visibility:auto]"
          >
            {piece}
          </div>
        ))}
      </section>
      {isCut || whole ? (
        <div className="flex items-center justify-between gap-2 border-t border-line px-2 py-1 text-xs text-ink-3">
          <span className="pl-1">{whole ? sizeText(text) : `The beginning of ${sizeText(text)}`}</span>
          <Button look="ghost" size="sm" onClick={() => setWhole(!whole)}>
            {whole ? "Show less" : "Show all"}
          </Button>
        </div>
      ) : null}
    </div>
  );
};
