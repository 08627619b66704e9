// What was issued to programs, as a list: made in a dialog, its secret shown once, ended after a question. API keys and
// capabilities are two of it. A secret is in no list and no query memory: it lives in this component until its dialog closes.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/form-dialog.tsx";
import { NotYet } from "../../ui/not-yet.tsx";
import { Section } from "../../ui/section.tsx";
import { Cell, Row, Table } from "../../ui/table.tsx";
import { toast } from "../../ui/toast.tsx";
import { SecretOnce } from "./secret-once.tsx";

interface Named {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
}

/** How ending one is asked and said. */
interface Ending<T> {
  readonly act: string;
  readonly title: string;
  readonly about: string;
  readonly done: string;
  readonly may: (one: T) => boolean;
  readonly run: (one: T) => Promise<unknown>;
}

/** What one kind of it is. */
interface Issued<T> {
  readonly title: string;
  readonly about: string;
  readonly add: string;
  readonly what: string;
  readonly none: string;
  readonly secretTitle: string;
  readonly queryKey: readonly string[];
  readonly list: () => Promise<readonly T[]>;
  /** The heads of its own columns, between what it may do and the end. */
  readonly head: readonly string[];
  readonly cells: (one: T) => ReactNode;
  /** What stands under its name. */
  readonly hint: (one: T) => string;
  /** Rights beside its scopes. */
  readonly rights?: (one: T) => ReactNode;
  readonly ending: Ending<T>;
  readonly form: (onMade: (secret: string) => Promise<unknown>, onClose: () => void) => ReactNode;
}

/** The list of one kind. */
export const IssuedList = <T extends Named>({ of }: { readonly of: Issued<T> }) => {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: of.queryKey, queryFn: of.list });
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [ending, setEnding] = useState<T | null>(null);
  const changed = () => queries.invalidateQueries({ queryKey: of.queryKey });
  const made = async (shown: string) => {
    setSecret(shown);
    await changed();
  };
  return (
    <Section
      title={of.title}
      about={of.about}
      actions={
        <Button size="sm" icon={<Plus className="size-3.5" />} onClick={() => setMaking(true)}>
          {of.add}
        </Button>
      }
    >
      {data === undefined ? (
        <NotYet of={{ error, refetch }} what={of.what} count={2} />
      ) : data.length === 0 ? (
        <p className="text-sm text-ink-2">{of.none}</p>
      ) : (
        <Table label={of.title} head={["Name", "May", ...of.head, null]}>
          {data.map((one) => (
            <Row key={one.id}>
              <Cell className="min-w-32">
                <span className="[overflow-wrap:anywhere]">{harmlessLine(one.name)}</span>
                <code className="block font-mono text-2xs [overflow-wrap:anywhere] text-ink-3">{of.hint(one)}</code>
              </Cell>
              <Cell>
                <span className="flex flex-wrap gap-1">
                  {one.scopes.map((scope) => (
                    <Badge key={scope}>{scope}</Badge>
                  ))}
                  {of.rights?.(one)}
                </span>
              </Cell>
              {of.cells(one)}
              <Cell className="text-right max-md:sticky max-md:right-0 max-md:bg-canvas max-md:shadow-[-8px_0_8px_-8px_var(--line-strong)]">
                {of.ending.may(one) ? (
                  <Button
                    size="sm"
                    look="danger"
                    aria-label={`${of.ending.act} ${harmlessLine(one.name)}`}
                    onClick={() => setEnding(one)}
                  >
                    {of.ending.act}
                  </Button>
                ) : null}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {making ? of.form(made, () => setMaking(false)) : null}
      {secret === null ? null : <SecretOnce title={of.secretTitle} secret={secret} onClose={() => setSecret(null)} />}
      {ending === null ? null : (
        <Confirm
          title={of.ending.title}
          act={`${of.ending.act} it`}
          keep="Keep it"
          onClose={() => setEnding(null)}
          run={async () => {
            await of.ending.run(ending);
            await changed();
            toast(of.ending.done);
          }}
        >
          “{harmlessLine(ending.name)}” {of.ending.about}
        </Confirm>
      )}
    </Section>
  );
};
