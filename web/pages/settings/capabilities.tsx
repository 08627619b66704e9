// Rights for engines in this one project: granted, listed, ended.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { capabilities, revokeCapability } from "#client/sdk/policy.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Capability } from "#schema/api/capabilities.ts";
import { api } from "../../app/api.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Section } from "../../ui/section.tsx";
import { SkeletonLines } from "../../ui/skeleton.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { Cell, Row, Table } from "../../ui/table.tsx";
import { toast } from "../../ui/toast.tsx";
import { NewCapability } from "./new-capability.tsx";
import { SecretOnce } from "./secret-once.tsx";
import { untilText } from "./until.ts";

/** The project's capabilities. */
export const Capabilities = ({ projectId }: { readonly projectId: string }) => {
  const queries = useQueryClient();
  const key = ["capabilities", projectId];
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async () => (await capabilities(api.http, projectId)).items,
  });
  const [granting, setGranting] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [ending, setEnding] = useState<Capability | null>(null);
  const changed = () => queries.invalidateQueries({ queryKey: key });
  return (
    <Section
      title="Capabilities"
      about="For engines: rights in this project alone, for a time, under a name of their own. They can be passed on, only narrower."
      actions={
        <Button size="sm" icon={<Plus className="size-3.5" />} onClick={() => setGranting(true)}>
          Grant one
        </Button>
      }
    >
      {data === undefined ? (
        error === null ? (
          <SkeletonLines what="Loading capabilities" count={2} />
        ) : (
          <ErrorState error={error} onRetry={() => refetch()} />
        )
      ) : data.length === 0 ? (
        <p className="text-sm text-ink-2">None. An engine that is to carry out runs here needs one.</p>
      ) : (
        <Table
          label="Capabilities"
          head={[
            "Name",
            "May",
            "Ends",
            <span key="do" className="sr-only">
              What to do
            </span>,
          ]}
        >
          {data.map((one) => (
            <Row key={one.id}>
              <Cell className="min-w-36">
                <span className="[overflow-wrap:anywhere]">{harmlessLine(one.name)}</span>
                <code className="block font-mono text-2xs [overflow-wrap:anywhere] text-ink-3">
                  {harmlessLine(one.principal)} · {one.hint}…{one.depth > 1 ? " · passed on" : ""}
                </code>
              </Cell>
              <Cell>
                <span className="flex flex-wrap gap-1">
                  {one.scopes.map((scope) => (
                    <Badge key={scope}>{scope}</Badge>
                  ))}
                  {one.actions.includes("external.write") ? <Badge tone="warn">external.write</Badge> : null}
                </span>
              </Cell>
              <Cell className="whitespace-nowrap text-ink-3">
                {one.revoked_at === null ? untilText(one.expires_at, Date.now()) : "ended"}
              </Cell>
              <Cell className="text-right">
                {one.revoked_at === null && Date.parse(one.expires_at) > Date.now() ? (
                  <Button
                    size="sm"
                    look="danger"
                    aria-label={`End ${harmlessLine(one.name)}`}
                    onClick={() => setEnding(one)}
                  >
                    End
                  </Button>
                ) : null}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {granting ? (
        <NewCapability
          projectId={projectId}
          onClose={() => setGranting(false)}
          onMade={async (token) => {
            setGranting(false);
            setSecret(token);
            await changed();
          }}
        />
      ) : null}
      {secret === null ? null : (
        <SecretOnce title="The capability’s token" secret={secret} onClose={() => setSecret(null)} />
      )}
      {ending === null ? null : (
        <Confirm
          title="End this capability?"
          act="End it"
          keep="Keep it"
          onClose={() => setEnding(null)}
          run={async () => {
            await revokeCapability(api.http, ending.id);
            await changed();
            toast("It is ended.");
          }}
        >
          <p>“{harmlessLine(ending.name)}” stops working at once, with everything that was passed on from it.</p>
        </Confirm>
      )}
    </Section>
  );
};
