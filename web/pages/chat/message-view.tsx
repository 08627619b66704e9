// One message.
import { harmless, harmlessLine } from "#client/terminal/harmless.ts";
import { LongText } from "../../markdown/long-text.tsx";
import { RichText } from "../../markdown/rich-text.tsx";
import { AgentName } from "./agent-name.tsx";
import type { Said } from "./story.ts";

const LONG = 4_000;

/** What stands for words that were taken out of the log. */
export const Gone = () => <p className="text-sm text-ink-3 italic">These words were taken out of the log, for good.</p>;

/** What a person said: as it was typed. */
export const Asked = ({ said }: { readonly said: Said }) => {
  if (said.content === null) return <Gone />;
  return (
    <div className="ml-auto max-w-[85%] rounded-2xl rounded-br-md bg-sunken px-4 py-2.5 dark:bg-raised">
      {said.content.length > LONG ? (
        <LongText text={said.content} label="Message" cap={1_500} className="min-w-64" />
      ) : (
        <p className="text-base break-words whitespace-pre-wrap [overflow-wrap:anywhere]">{harmless(said.content)}</p>
      )}
    </div>
  );
};

/** A message that belongs to no run. */
export const MessageView = ({ said }: { readonly said: Said }) => {
  if (said.role === "user") return <Asked said={said} />;
  return (
    <article className="grid grid-cols-1 gap-2">
      <AgentName name={harmlessLine(said.agent ?? "Retinue")} />
      <div className="pl-8.5 max-md:pl-0">{said.content === null ? <Gone /> : <RichText text={said.content} />}</div>
    </article>
  );
};
