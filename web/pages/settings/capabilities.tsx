// Rights for engines in this one project: granted, listed, ended.
import { capabilities, revokeCapability } from "#client/sdk/policy.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Capability } from "#schema/api/capabilities.ts";
import { api } from "../../app/api.ts";
import { Badge } from "../../ui/badge.tsx";
import { Cell } from "../../ui/table.tsx";
import { IssuedList } from "./issued.tsx";
import { NewCapability } from "./new-capability.tsx";
import { untilText } from "./until.ts";

const hint = ({ principal, hint: begins, depth }: Capability): string =>
  `${harmlessLine(principal)} · ${begins}…${depth > 1 ? " · passed on" : ""}`;

/** The project's capabilities. */
export const Capabilities = ({ projectId }: { readonly projectId: string }) => (
  <IssuedList<Capability>
    of={{
      title: "Capabilities",
      about:
        "For engines: rights in this project alone, for a time, under a name of their own. They can be passed on, only narrower.",
      add: "Grant one",
      what: "capabilities",
      none: "None. An engine that is to carry out runs here needs one.",
      secretTitle: "The capability’s token",
      queryKey: ["capabilities", projectId],
      list: async () => (await capabilities(api.http, projectId)).items,
      head: ["Ends"],
      cells: ({ revoked_at: revoked, expires_at: ends }) => (
        <Cell className="whitespace-nowrap text-ink-3">{revoked === null ? untilText(ends, Date.now()) : "ended"}</Cell>
      ),
      hint,
      rights: ({ actions }) => (actions.includes("external.write") ? <Badge tone="warn">external.write</Badge> : null),
      ending: {
        act: "End",
        title: "End this capability?",
        about: "stops working at once, with everything that was passed on from it.",
        done: "It is ended.",
        may: ({ revoked_at: revoked, expires_at: ends }) => revoked === null && Date.parse(ends) > Date.now(),
        run: ({ id }) => revokeCapability(api.http, id),
      },
      form: (onMade, onClose) => <NewCapability projectId={projectId} onMade={onMade} onClose={onClose} />,
    }}
  />
);
