// A document on its way into an agent's context: decoded, read, cut, embedded within the caller's budget and stored; what the
// embedding cost is told to the project's space, where usage is counted.
import type { Context } from "hono";
import { readDocument } from "#adapters/documents/read-document.ts";
import { sha256Hex } from "#adapters/keyring.ts";
import { type AddedDocument, addDocument } from "#domain/context/add-document.ts";
import type { ContextRef } from "#domain/context/port.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import { type AddDocumentBody, type DocumentMediaType, LARGEST_DOCUMENT } from "#schema/api/context.ts";
import type { OwnedProject } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { AppEnv } from "./context.ts";
import { tellEmbedded } from "./embed-at-door.ts";

/** Whose context it goes into. */
export interface AddingPlace {
  readonly project: OwnedProject;
  readonly agent: AgentRecord;
  readonly ref: ContextRef;
}

const BY_ENDING: readonly (readonly [RegExp, DocumentMediaType])[] = [
  [/\.pdf$/i, "application/pdf"],
  [/\.x?html?$/i, "text/html"],
  [/\.(?:txt|text|log|csv)$/i, "text/plain"],
];

const mediaTypeOf = (title: string): DocumentMediaType =>
  BY_ENDING.find(([ending]) => ending.test(title))?.[1] ?? "text/markdown";

const contentOf = ({ content, content_base64 }: AddDocumentBody): Result<string | Uint8Array> => {
  if (content !== undefined) return ok(content);
  const text = (content_base64 ?? "").replaceAll(/\s+/g, "");
  const bytes = Buffer.from(text, "base64");
  // What is not base64 is passed over by the decoder; nothing may be.
  if (bytes.byteLength !== Math.floor((text.replace(/=+$/, "").length * 3) / 4))
    return refuse("invalid_request", "content_base64 is not base64");
  return bytes.byteLength > LARGEST_DOCUMENT
    ? refuse("body_too_large", `at most ${LARGEST_DOCUMENT} bytes`)
    : ok(new Uint8Array(bytes));
};

/** Adds a document. */
export const addedTo = async (
  c: Context<AppEnv>,
  { project, agent, ref }: AddingPlace,
  body: AddDocumentBody,
): Promise<Result<AddedDocument>> => {
  const { scope, services } = c.var;
  const content = contentOf(body);
  if (!content.ok) return content;
  const mediaType = body.media_type ?? mediaTypeOf(body.title);
  const read = await readDocument({ mediaType, content: content.value });
  if (!read.ok) return read;
  const account = {
    key: `document:${c.var.requestId}`,
    projectId: project.id,
    runLimitUsd: null,
    projectMonthlyLimitUsd: await scope.monthlyLimitUsd(project),
  };
  const added = await addDocument(
    {
      contexts: services.contexts,
      ...services.embedding,
      spend: scope.spendIn(project),
      hash: (value) => sha256Hex(JSON.stringify(value)),
      now: services.now,
    },
    { ref, key: project.key, account, replace: body.replace },
    { title: body.title, mediaType, tags: body.tags, ...read.value },
  );
  if (added.ok) await tellEmbedded(c, { project, agent }, added, added.value.durationMs);
  if (added.ok && added.value.pending > 0)
    await scope.tell(project, ({ space, caller }) => space.vectorsWanted(caller, agent.id));
  return added;
};
