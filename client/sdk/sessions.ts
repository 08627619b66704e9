// Calls that change a chat session, and those that read what was said in it before somebody listened.

import type { z } from "zod";
import { ChatSession, type UpdateChatBody } from "#schema/api/chat.ts";
import { Ok } from "#schema/api/common.ts";
import type { Http } from "./http.ts";

const at = (id: string): string => `/my/chat/${encodeURIComponent(id)}`;

/** A new title, or a new zone. */
export const changeSession = (http: Http, id: string, changes: z.input<typeof UpdateChatBody>) =>
  http.call("PATCH", at(id), ChatSession, { body: changes });

/** Deletes it. What happened in it stays in the log. */
export const deleteSession = (http: Http, id: string) => http.call("DELETE", at(id), Ok);
