// Hosts the agents may read from without asking, allowed by a yes to an approval; here they are taken back.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { allowedHosts, withdrawHost } from "#client/sdk/policy.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { api } from "../../app/api.ts";
import { Button } from "../../ui/button.tsx";
import { Paged, usePages } from "../../ui/paged.tsx";
import { Section } from "../../ui/section.tsx";
import { Cell, Row, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { toast, toastError } from "../../ui/toast.tsx";

/** The hosts of one project. */
export const Hosts = ({ projectId }: { readonly projectId: string }) => {
  const queries = useQueryClient();
  const pages = usePages(["hosts", projectId], (cursor) =>
    allowedHosts(api.http, projectId, { limit: 50, ...(cursor === undefined ? {} : { cursor }) }),
  );
  const withdraw = useMutation({
    mutationFn: (host: string) => withdrawHost(api.http, projectId, host),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["hosts", projectId] });
      toast("Agents ask again about it.");
    },
    onError: toastError,
  });
  return (
    <Section
      title="Allowed hosts"
      about="Of the web, agents read these without asking. A host comes here when you approve reading from it."
    >
      <Paged
        pages={pages}
        what="hosts"
        empty={<p className="text-sm text-ink-2">None. Agents ask before they read from any host.</p>}
      >
        {(hosts) => (
          <Table label="Allowed hosts" head={["Host", "Since", null]}>
            {hosts.map(({ host, allowed_at: at }) => (
              <Row key={host}>
                <Cell className="font-mono text-xs [overflow-wrap:anywhere]">{harmlessLine(host)}</Cell>
                <Cell className="whitespace-nowrap text-ink-3">
                  <TimeAgo at={at} />
                </Cell>
                <Cell className="text-right">
                  <Button
                    size="sm"
                    aria-label={`Ask again about ${harmlessLine(host)}`}
                    busy={withdraw.isPending && withdraw.variables === host}
                    onClick={() => withdraw.mutate(host)}
                  >
                    Ask again
                  </Button>
                </Cell>
              </Row>
            ))}
          </Table>
        )}
      </Paged>
    </Section>
  );
};
