// The way to a chat from what belongs to it.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** A link in small words. */
export const ChatLink = ({
  projectId,
  sessionId,
  children,
}: {
  readonly projectId: string;
  readonly sessionId: string;
  readonly children: ReactNode;
}) => (
  <Link
    to="/p/$projectId/chat/$sessionId"
    params={{ projectId, sessionId }}
    className="text-accent underline underline-offset-2"
  >
    {children}
  </Link>
);
