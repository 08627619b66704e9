// Folders that are connected right now, those that were, and what to type to connect one.
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { FolderOpen, Laptop } from "lucide-react";
import { connectCommands } from "#client/cli/connect-words.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { api } from "../../app/api.ts";
import { meQuery, spaceQuery } from "../../data/queries.ts";
import { Dot } from "../../ui/badge.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { NotYet } from "../../ui/not-yet.tsx";
import { Page } from "../../ui/page.tsx";
import { Paged, usePages } from "../../ui/paged.tsx";
import { Section } from "../../ui/section.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { Cell, Row, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { connectionOf } from "./connection.ts";

const Command = ({ label, text }: { readonly label: string; readonly text: string }) => (
  <div className="grid grid-cols-1 gap-1">
    <p className="text-xs text-ink-3">{label}</p>
    <div className="flex items-center gap-2 rounded-lg border border-line bg-sunken py-1 pr-1 pl-3">
      <code className="min-w-0 flex-1 py-1 font-mono text-xs [overflow-wrap:anywhere] select-all">{text}</code>
      <CopyButton text={text} label={`Copy the command: ${label.toLowerCase()}`} />
    </div>
  </div>
);

/** The page. */
export const DevicesPage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const { data: me } = useSuspenseQuery(meQuery);
  const commands = connectCommands({
    origin: location.origin,
    email: me.email,
    projectId,
    isDefaultProject: me.default_project_id === projectId,
  });
  return (
    <Page title="Devices" narrow>
      <div className="grid grid-cols-1 gap-9">
        <Section
          title="Connected now"
          about="Agents reach a folder only while a program of yours keeps it connected, and write nothing without your yes."
        >
          <Connected projectId={projectId} />
        </Section>
        <Section
          title="Connect a folder"
          about="In a shell, in the directory of Retinue, on the machine where the folder is."
        >
          <Command label="Once" text={commands.login} />
          <Command label="Each time" text={commands.connect} />
        </Section>
        <Section title="Recent connections">
          <Recent projectId={projectId} />
        </Section>
      </div>
    </Page>
  );
};

const Connected = ({ projectId }: { readonly projectId: string }) => {
  const { data: space, error, refetch } = useQuery(spaceQuery(projectId));
  if (space === undefined) return <NotYet of={{ error, refetch }} what="devices" count={2} />;
  if (space.devices.length === 0)
    return (
      <EmptyState icon={<FolderOpen />} title="No folder is connected">
        Agents cannot read or write files until you connect one with the commands below. It appears here by itself.
      </EmptyState>
    );
  return (
    <ul className="grid grid-cols-1 gap-3">
      {space.devices.map((device) => (
        <li key={device.id} className="flex items-start gap-3 rounded-lg border border-line bg-raised px-4 py-3">
          <Laptop className="mt-0.5 size-5 shrink-0 stroke-[1.5] text-ink-3" aria-hidden="true" />
          <div className="min-w-0 flex-1">
            <h3 className="text-sm font-semibold break-words">{harmlessLine(device.folder)}</h3>
            <p className="text-sm break-words text-ink-2">on {harmlessLine(device.name)}</p>
            <p className="mt-1 text-xs break-words text-ink-3">
              {device.tools.map(harmlessLine).join(", ")} · since <TimeAgo at={device.connected_at} />
            </p>
          </div>
          <span className="flex items-center gap-2 text-xs whitespace-nowrap text-ink-2">
            <Dot tone="ok" live /> Connected
          </span>
        </li>
      ))}
    </ul>
  );
};

const Recent = ({ projectId }: { readonly projectId: string }) => {
  const pages = usePages(["space", projectId, "connections"], (cursor) =>
    api.events(projectId, { type: "device.connected", order: "desc", limit: 20, cursor }),
  );
  return (
    <Paged pages={pages} what="connections" empty={<p className="text-sm text-ink-2">None yet.</p>}>
      {(events) => (
        <Table label="Recent connections" head={["Folder", "Machine", "When"]}>
          {events.map((event) => {
            const { folder, name } = connectionOf(event.data);
            return (
              <Row key={event.event_id}>
                <Cell className="[overflow-wrap:anywhere]">{harmlessLine(folder)}</Cell>
                <Cell className="[overflow-wrap:anywhere] text-ink-2">{harmlessLine(name)}</Cell>
                <Cell className="whitespace-nowrap text-ink-3">
                  <TimeAgo at={event.at} />
                </Cell>
              </Row>
            );
          })}
        </Table>
      )}
    </Paged>
  );
};
