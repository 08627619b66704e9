// How events about the outside change the read models: which hosts may be read from.
import type { Evolvers } from "./evolvers.ts";

export const egressEvolvers: Evolvers<"egress.host_allowed" | "egress.host_withdrawn"> = {
  "egress.host_allowed": (draft, { data, at }) =>
    draft.allowedHosts.put(data.host, {
      host: data.host,
      approvalId: data.approval_id,
      allowedBy: data.by,
      allowedAt: at,
    }),
  "egress.host_withdrawn": (draft, { data }) => draft.allowedHosts.delete(data.host),
};
