// An agent's context as JSON lines, read page by page as the client takes it: nothing is held but one page. A store that fails
// in the middle breaks the transfer, so that a part is never taken for the whole.
import type { ContextPage, ContextRef, ContextStore } from "#domain/context/port.ts";
import { ok, type Result } from "#schema/result.ts";
import { itemBody } from "./context-views.ts";

const PAGE = 200;

/** The lines; what is wrong from the start is a refusal. */
export const exported = async (
  contexts: ContextStore,
  ref: ContextRef,
): Promise<Result<ReadableStream<Uint8Array>>> => {
  const first = await contexts.list(ref, {}, null, PAGE);
  if (!first.ok) return first;
  const encoder = new TextEncoder();
  let page: ContextPage | null = first.value;
  return ok(
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (page === null) return controller.close();
        for (const item of page.items) controller.enqueue(encoder.encode(`${JSON.stringify(itemBody(item))}\n`));
        const { next }: ContextPage = page;
        if (next === null) return controller.close();
        const more = await contexts.list(ref, {}, next, PAGE);
        if (!more.ok) return controller.error(new Error(`the context could not be read: ${more.refusal.code}`));
        page = more.value;
      },
    }),
  );
};
