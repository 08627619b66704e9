// How many questions wait, where the sidebar is not in sight: a way to them on a phone, and a number in the tab's title.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ShieldCheck } from "lucide-react";
import { openApprovalsQuery } from "../data/queries.ts";
import { Count } from "../ui/badge.tsx";

/** Only while something waits, and only where there is no sidebar. */
export const WaitingMark = () => {
  const { data: waiting = [] } = useQuery(openApprovalsQuery);
  if (waiting.length === 0) return null;
  return (
    <Link
      to="/approvals"
      className="inline-flex h-8 items-center gap-1 rounded-md px-1.5 text-ink-2 hover:bg-hover md:hidden"
      aria-label={`Approvals, ${waiting.length} waiting`}
    >
      <ShieldCheck className="size-4" aria-hidden="true" />
      <Count count={waiting.length} what="waiting" />
    </Link>
  );
};

/** A page's title in the tab. */
export const TabTitle = ({ title }: { readonly title: string }) => {
  const { data: waiting = [] } = useQuery(openApprovalsQuery);
  return <title>{`${waiting.length === 0 ? "" : `(${waiting.length}) `}${title} · Retinue`}</title>;
};
