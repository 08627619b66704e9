// The chat's entries from old to new. The page stays at the end while one is there, and where one is when one reads further up;
// who says something goes to the end with it.
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { useRowKeys } from "../../ui/use-row-keys.ts";
import { MessageView } from "./message-view.tsx";
import type { RoomView } from "./room-feed.ts";
import { RunView } from "./run-view.tsx";
import { isGoing } from "./story.ts";
import type { TurnActions } from "./turn-actions.ts";
import { SILENCE } from "./voices.ts";

const NEAR_PX = 80;

/** The list. */
export const Transcript = ({
  view,
  onEarlier,
  actions,
  saidAt,
}: {
  readonly view: RoomView;
  readonly onEarlier: () => void;
  readonly actions: TurnActions;
  /** When something was last said from this page; 0 before. */
  readonly saidAt: number;
}) => {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isNear = useRef(true);
  const [away, setAway] = useState(false);
  const { story, voices, hasEarlier, isFetching } = view;
  const first = story.entries[0]?.id;
  const before = useRef({ first, height: 0 });

  useRowKeys(content, "article[data-approval]");

  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight });
  useEffect(() => {
    if (content.current === null) return;
    const watcher = new ResizeObserver(() => {
      if (isNear.current) box.current?.scrollTo({ top: box.current.scrollHeight });
    });
    watcher.observe(content.current);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    if (saidAt === 0) return;
    isNear.current = true;
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [saidAt]);
  // What is put in before must not push what is read out of sight.
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    if (before.current.first !== first && before.current.height > 0 && !isNear.current)
      current.scrollTop += current.scrollHeight - before.current.height;
    before.current = { first, height: current.scrollHeight };
  });

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isNear.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
          setAway(!isNear.current);
        }}
        className="h-full overflow-y-auto [overflow-anchor:none]"
      >
        <div ref={content} className="mx-auto grid grid-cols-1 w-full max-w-3xl gap-8 px-6 py-6 max-md:px-4">
          {hasEarlier ? (
            <Button size="sm" look="ghost" className="justify-self-center" busy={isFetching} onClick={onEarlier}>
              Show what came before
            </Button>
          ) : null}
          {hasEarlier ? <ErrorLine error={view.error} /> : null}
          {story.forkedFrom === null || hasEarlier ? null : (
            <p className="text-center text-xs text-ink-3">This chat continues an earlier one.</p>
          )}
          {story.entries.map(({ kind, id }) => {
            if (kind === "message") {
              const said = story.messages[id];
              return said === undefined ? null : <MessageView key={id} said={said} />;
            }
            const run = story.runs[id];
            return run === undefined ? null : (
              <RunView key={id} run={run} voices={isGoing(run) ? voices : SILENCE} actions={actions} />
            );
          })}
        </div>
      </div>
      {away ? (
        <Button
          size="sm"
          className="absolute bottom-3 left-1/2 -translate-x-1/2 animate-appear rounded-full shadow-float"
          icon={<ArrowDown className="size-3.5" />}
          onClick={toEnd}
        >
          To the end
        </Button>
      ) : null}
    </div>
  );
};
