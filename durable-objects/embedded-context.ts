// The embedded hand of the context port: one object per agent. What an object throws, or that it cannot be reached, is a
// refusal; long removals are many short calls.
import type { ContextRef, ContextStore } from "#domain/context/port.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Removal } from "./agent-context/agent-context.ts";
import { contextOf } from "./stubs.ts";

/** Ids named in one call. */
const IDS_AT_ONCE = 1_000;

/** Contexts without any outside service. */
export const embeddedContexts = (namespace: Cloudflare.Env["CONTEXTS"]): ContextStore => {
  const of = (ref: ContextRef) => contextOf(namespace, ref);
  return {
    backend: "embedded",
    put: (ref, items) => reached(() => of(ref).put(ref, items)),
    search: (ref, query) => reached(() => of(ref).search(ref, query)),
    get: (ref, ids) => reached(() => of(ref).get(ref, ids)),
    list: (ref, filter, after, limit) => reached(() => of(ref).list(ref, filter, after, limit)),
    remove: async (ref, which) => {
      if ("filter" in which) return untilDone(() => of(ref).removeFitting(ref, which.filter));
      let removed = 0;
      for (let from = 0; from < which.ids.length || from === 0; from += IDS_AT_ONCE) {
        const ids = which.ids.slice(from, from + IDS_AT_ONCE);
        const some = await reached(() => of(ref).removeIds(ref, ids));
        if (!some.ok) return some;
        removed += some.value.removed;
      }
      return ok({ removed });
    },
    clear: (ref) => reached(() => of(ref).clear(ref)),
    stats: (ref) => reached(() => of(ref).stats(ref)),
    unembedded: (ref, limit) => reached(() => of(ref).unembedded(ref, limit)),
    setVectors: (ref, vectors) => reached(() => of(ref).setVectors(ref, vectors)),
  };
};

const reached = async <T>(call: () => Promise<Result<T>>): Promise<Result<T>> => {
  try {
    return await call();
  } catch {
    return refuse("context_unavailable");
  }
};

const untilDone = async (call: () => Promise<Result<Removal>>): Promise<Result<{ removed: number }>> => {
  let removed = 0;
  for (;;) {
    const some = await reached(call);
    if (!some.ok) return some;
    removed += some.value.removed;
    if (!some.value.more) return ok({ removed });
  }
};
