// Keys for programs that act as you: made, listed by their beginnings, revoked.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { keys } from "#client/sdk/accounts.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { ApiKey } from "#schema/api/accounts.ts";
import { api } from "../../app/api.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Section } from "../../ui/section.tsx";
import { SkeletonLines } from "../../ui/skeleton.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { Cell, Row, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { toast } from "../../ui/toast.tsx";
import { NewKey } from "./new-key.tsx";
import { SecretOnce } from "./secret-once.tsx";
import { untilText } from "./until.ts";

const KEY = ["api-keys"] as const;

/** The account's keys. */
export const ApiKeys = () => {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: async () => (await keys.list(api.http)).items });
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const changed = () => queries.invalidateQueries({ queryKey: KEY });
  return (
    <Section
      title="API keys"
      about="For programs that act as you, in all your projects, within what the key may do."
      actions={
        <Button size="sm" icon={<Plus className="size-3.5" />} onClick={() => setMaking(true)}>
          New key
        </Button>
      }
    >
      {data === undefined ? (
        error === null ? (
          <SkeletonLines what="Loading keys" count={2} />
        ) : (
          <ErrorState error={error} onRetry={() => refetch()} />
        )
      ) : data.length === 0 ? (
        <p className="text-sm text-ink-2">No keys. Make one for each program, so that each can be revoked alone.</p>
      ) : (
        <Table
          label="API keys"
          head={[
            "Name",
            "May",
            "Last used",
            "Ends",
            <span key="do" className="sr-only">
              What to do
            </span>,
          ]}
        >
          {data.map((key) => (
            <Row key={key.id}>
              <Cell className="min-w-28">
                <span className="[overflow-wrap:anywhere]">{harmlessLine(key.name)}</span>
                <code className="block font-mono text-2xs text-ink-3">{key.hint}…</code>
              </Cell>
              <Cell>
                <span className="flex flex-wrap gap-1">
                  {key.scopes.map((scope) => (
                    <Badge key={scope}>{scope}</Badge>
                  ))}
                </span>
              </Cell>
              <Cell className="whitespace-nowrap text-ink-3">
                {key.last_used_at === null ? "never" : <TimeAgo at={key.last_used_at} />}
              </Cell>
              <Cell className="whitespace-nowrap text-ink-3">{untilText(key.expires_at, Date.now())}</Cell>
              <Cell className="text-right">
                <Button
                  size="sm"
                  look="danger"
                  aria-label={`Revoke ${harmlessLine(key.name)}`}
                  onClick={() => setRevoking(key)}
                >
                  Revoke
                </Button>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {making ? (
        <NewKey
          onClose={() => setMaking(false)}
          onMade={async (made) => {
            setMaking(false);
            setSecret(made);
            await changed();
          }}
        />
      ) : null}
      {secret === null ? null : <SecretOnce title="Your new API key" secret={secret} onClose={() => setSecret(null)} />}
      {revoking === null ? null : (
        <Confirm
          title="Revoke this key?"
          act="Revoke it"
          keep="Keep it"
          onClose={() => setRevoking(null)}
          run={async () => {
            await keys.remove(api.http, revoking.id);
            await changed();
            toast("The key is revoked.");
          }}
        >
          <p>“{harmlessLine(revoking.name)}” stops working at once, and programs that use it with it.</p>
        </Confirm>
      )}
    </Section>
  );
};
