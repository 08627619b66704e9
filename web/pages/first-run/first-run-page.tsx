// The first steps: connect a folder, see that it is there, ask something about it.
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Check, FolderOpen } from "lucide-react";
import type { ReactNode } from "react";
import { connectCommands } from "#client/cli/connect-words.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { api } from "../../app/api.ts";
import { meQuery, spaceQuery } from "../../data/queries.ts";
import { memoryPassphrase } from "../../session/memory-passphrase.ts";
import { Dot } from "../../ui/badge.tsx";
import { cx } from "../../ui/class-names.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Page } from "../../ui/page.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { beginChat } from "../chat/begin-chat.ts";
import { Composer } from "../chat/composer.tsx";

const IDEAS = [
  "@CodeAssistant what is in this folder?",
  "@Architect what is this project, and how is it put together?",
  "Read the README and suggest three improvements",
];

const Command = ({ text }: { readonly text: string }) => (
  <div className="flex items-center gap-2 rounded-lg border border-line bg-sunken py-1 pr-1 pl-3">
    <code className="min-w-0 flex-1 py-1 font-mono text-xs leading-5 break-words select-all">{text}</code>
    <CopyButton text={text} label="Copy the command" />
  </div>
);

const Step = ({
  number,
  done,
  title,
  children,
}: {
  readonly number: number;
  readonly done: boolean;
  readonly title: string;
  readonly children: ReactNode;
}) => (
  <li className="relative grid grid-cols-[1.75rem_minmax(0,1fr)] gap-x-3.5 pb-9 last:pb-0">
    <span
      aria-hidden="true"
      className={cx(
        "flex size-7 items-center justify-center rounded-full border text-xs font-semibold",
        done ? "border-transparent bg-ok-soft text-ok" : "border-line-strong text-ink-2",
      )}
    >
      {done ? <Check className="size-4" /> : number}
    </span>
    <div className="grid grid-cols-1 min-w-0 gap-3 pt-0.5">
      <h2 className="text-base font-semibold tracking-tight">
        {title}
        {done ? <span className="sr-only"> (done)</span> : null}
      </h2>
      {children}
    </div>
  </li>
);

/** The page. */
export const FirstRunPage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const { data: me } = useSuspenseQuery(meQuery);
  const { data: space, error } = useQuery(spaceQuery(projectId));
  const navigate = useNavigate();
  const device = space?.devices[0];
  const { login, connect } = connectCommands({
    origin: location.origin,
    email: me.email,
    projectId,
    isDefaultProject: projectId === me.default_project_id,
  });
  const ask = useMutation({
    mutationFn: (content: string) => beginChat(api, projectId, content, memoryPassphrase.forChats()),
    onSuccess: ({ id }) => navigate({ to: "/p/$projectId/chat/$sessionId", params: { projectId, sessionId: id } }),
  });
  return (
    <Page title="First steps" narrow>
      <div className="mb-9">
        <h2 className="text-2xl font-semibold tracking-tight text-balance">Your agents are here. Give them a place.</h2>
        <p className="mt-2 max-w-prose text-base text-pretty text-ink-2">
          Files stay on your machine. Agents reach one folder, through a command that runs there for as long as you
          like, and every write asks you first.
        </p>
      </div>
      <ol>
        <Step number={1} done={device !== undefined} title="Connect a folder">
          <p className="max-w-prose text-ink-2">
            In a shell, in your copy of Retinue: sign in once, then name the folder. Add{" "}
            <code className="whitespace-nowrap">--read-only</code> to refuse every write.
          </p>
          <Command text={login} />
          <Command text={connect} />
          <ErrorLine error={space === undefined ? error : null} />
          <p role="status" className="flex items-center gap-2 text-ink-2">
            {device === undefined ? (
              <>
                <Dot tone="accent" live /> Waiting for the folder…
              </>
            ) : (
              <>
                <FolderOpen className="size-4 text-ok" aria-hidden="true" />
                <span>
                  <strong className="font-medium text-ink">{harmlessLine(device.folder)}</strong> on{" "}
                  {harmlessLine(device.name)} is connected
                </span>
              </>
            )}
          </p>
        </Step>
        <Step number={2} done={false} title="Ask something">
          <p className="max-w-prose text-ink-2">
            Begin with <code>@</code> and a name to speak with one agent. Without it, the whole team makes a plan.
          </p>
          <div className="flex flex-wrap gap-2">
            {IDEAS.map((idea) => (
              <button
                key={idea}
                type="button"
                disabled={ask.isPending}
                onClick={() => ask.mutate(idea)}
                className="rounded-full border border-line-strong bg-raised px-3 py-1.5 text-left text-xs text-ink-2 transition-colors hover:border-accent hover:text-ink disabled:opacity-55"
              >
                {idea}
              </button>
            ))}
          </div>
          <Composer projectId={projectId} busy={ask.isPending} onSend={(content) => ask.mutateAsync(content)} />
          <ErrorLine error={ask.error} />
          {device === undefined ? (
            <p className="text-xs text-ink-3">
              You can ask without a folder too: agents then only know what you tell them.{" "}
              <Link to="/p/$projectId/chat" params={{ projectId }} className="text-accent underline underline-offset-2">
                Go to chat
              </Link>
            </p>
          ) : null}
        </Step>
      </ol>
    </Page>
  );
};
