// Whose space this is. The first caller becomes the owner: its ids come from the worker, which looked them up. From then on
// nobody else is let in.
import { z } from "zod";
import { idOf } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Owner } from "./core.ts";
import type { Tables } from "./tables.ts";

const KEY = "owner";
const StoredOwner = z.object({ userId: idOf("user"), projectId: idOf("project") });

export class Ownership {
  readonly #tables: Tables;
  #owner: Owner | null;

  constructor(tables: Tables) {
    this.#tables = tables;
    const row = tables.meta.get(KEY);
    this.#owner = row === null ? null : StoredOwner.parse(JSON.parse(row.value));
  }

  /** Null before the first use. */
  get current(): Owner | null {
    return this.#owner;
  }

  get orThrow(): Owner {
    if (this.#owner === null) throw new Error("the space has no owner yet");
    return this.#owner;
  }

  /** Makes the caller the owner of a space that has none. */
  claim(caller: SpaceCaller): void {
    this.#owner = { userId: caller.user_id, projectId: caller.project_id };
    this.#tables.meta.put({ key: KEY, value: JSON.stringify(this.#owner) });
  }

  /** Lets only the owner in. */
  admit(caller: SpaceCaller): Result<Owner> {
    const { userId, projectId } = this.orThrow;
    return userId === caller.user_id && projectId === caller.project_id
      ? ok(this.orThrow)
      : refuse("isolation_violation");
  }
}
