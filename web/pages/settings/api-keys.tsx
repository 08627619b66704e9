// Keys for programs that act as you: made, listed by their beginnings, revoked.
import { keys } from "#client/sdk/accounts.ts";
import type { ApiKey } from "#schema/api/accounts.ts";
import { api } from "../../app/api.ts";
import { Cell } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { IssuedList } from "./issued.tsx";
import { NewKey } from "./new-key.tsx";
import { untilText } from "./until.ts";

const cells = ({ last_used_at: used, expires_at: ends }: ApiKey) => (
  <>
    <Cell className="whitespace-nowrap text-ink-3">{used === null ? "never" : <TimeAgo at={used} />}</Cell>
    <Cell className="whitespace-nowrap text-ink-3">{untilText(ends, Date.now())}</Cell>
  </>
);

/** The account's keys. */
export const ApiKeys = () => (
  <IssuedList<ApiKey>
    of={{
      title: "API keys",
      about: "For programs that act as you, in all your projects, within what the key may do.",
      add: "New key",
      what: "keys",
      none: "No keys. Make one for each program, so that each can be revoked alone.",
      secretTitle: "Your new API key",
      queryKey: ["api-keys"],
      list: async () => (await keys.list(api.http)).items,
      head: ["Last used", "Ends"],
      cells,
      hint: ({ hint }) => `${hint}…`,
      ending: {
        act: "Revoke",
        title: "Revoke this key?",
        about: "stops working at once, and programs that use it with it.",
        done: "The key is revoked.",
        may: () => true,
        run: ({ id }) => keys.remove(api.http, id),
      },
      form: (onMade, onClose) => <NewKey onMade={onMade} onClose={onClose} />,
    }}
  />
);
