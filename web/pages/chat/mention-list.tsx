// The agents whose names fit what is typed after an `@`.
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Agent } from "#schema/api/agents.ts";
import { Dot } from "../../ui/badge.tsx";
import { cx } from "../../ui/class-names.ts";
import { AGENT_TONE } from "../agents/status.tsx";

/** The list, above the field it belongs to. */
export const MentionList = ({
  id,
  agents,
  names,
  chosen,
  onChoose,
  onPoint,
}: {
  readonly id: string;
  readonly agents: readonly Agent[];
  readonly names: readonly string[];
  readonly chosen: number;
  readonly onChoose: (name: string) => void;
  readonly onPoint: (index: number) => void;
}) => (
  <div
    id={id}
    role="listbox"
    aria-label="Agents"
    className="absolute bottom-full left-0 z-40 mb-2 max-h-64 w-full max-w-sm animate-appear overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-float"
  >
    {names.map((name, index) => {
      const agent = agents.find((one) => one.name === name);
      return (
        <div
          key={name}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          // Before the field loses the focus, and the list with it.
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(name);
          }}
          onPointerMove={() => onPoint(index)}
          className={cx("grid gap-0.5 rounded-md px-2.5 py-1.5", index === chosen && "bg-hover")}
        >
          <span className="flex items-center gap-2 font-medium">
            {agent === undefined ? null : <Dot tone={AGENT_TONE[agent.status]} live={agent.status === "busy"} />}@{name}
          </span>
          <span className="truncate text-xs text-ink-3">{harmlessLine(agent?.description ?? "")}</span>
        </div>
      );
    })}
  </div>
);
