// Heads of the spaces' logs, kept outside the spaces: a row that only moves forward, and an object that is written once.
// A space that was rewritten or cut short cannot reach back and change what stands here.
import { asc, eq, isNull, lt, or, sql } from "drizzle-orm";
import { logAnchors, projects } from "#schema/d1/projects.ts";
import type { ProjectId, UserId } from "#schema/ids.ts";
import type { OwnedProject } from "#schema/principal.ts";
import { type Database, storedId } from "./database.ts";

/** A head, as it was at a time. */
export interface Anchor {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
}

/** What became of an anchor: kept, older than what we have, or in conflict with it. */
export type AnchorOutcome = "kept" | "older" | "conflict";

/** Keeps an anchor in D1 (newest only) and R2 (all, write-once). Harmless when repeated. */
export const keepAnchor = async (
  db: Database,
  blobs: R2Bucket,
  projectId: ProjectId,
  anchor: Anchor,
): Promise<AnchorOutcome> => {
  const [known] = await db.all<Anchor>(
    sql`INSERT INTO log_anchors (project_id, seq, hash, at) VALUES (${projectId}, ${anchor.seq}, ${anchor.hash}, ${anchor.at})
        ON CONFLICT (project_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at
        WHERE excluded.seq > seq OR (excluded.seq = seq AND excluded.hash = hash)
        RETURNING seq, hash, at`,
  );
  const stored = known === undefined ? await newestAnchor(db, projectId) : null;
  if (stored !== null && stored.seq === anchor.seq) return "conflict";
  const onlyIf = new Headers({ "if-none-match": "*" });
  await blobs.put(`anchors/${projectId}/${anchor.seq}.json`, JSON.stringify({ project_id: projectId, ...anchor }), {
    onlyIf,
    httpMetadata: { contentType: "application/json" },
  });
  return stored === null ? "kept" : "older";
};

/** The newest anchored head. */
export const newestAnchor = async (db: Database, projectId: ProjectId): Promise<Anchor | null> => {
  const [row] = await db.select().from(logAnchors).where(eq(logAnchors.projectId, projectId)).limit(1);
  return row === undefined ? null : { seq: row.seq, hash: row.hash, at: row.at };
};

/** The newest anchored head of one of the caller's own projects. */
export const anchorOf = (db: Database, project: OwnedProject): Promise<Anchor | null> => newestAnchor(db, project.id);

/** A project whose head has not been looked at for a while. */
export interface Unanchored {
  readonly project_id: ProjectId;
  readonly owner_id: UserId;
}

/** Living projects with no anchor, or one from before `before`, the longest neglected first. */
export const unanchoredProjects = async (db: Database, before: string, limit: number): Promise<Unanchored[]> => {
  const rows = await db
    .select({ id: projects.id, userId: projects.userId })
    .from(projects)
    .leftJoin(logAnchors, eq(logAnchors.projectId, projects.id))
    .where(sql`${isNull(projects.deletedAt)} AND ${or(isNull(logAnchors.at), lt(logAnchors.at, before))}`)
    .orderBy(asc(logAnchors.at), asc(projects.id))
    .limit(limit);
  return rows.map((row) => ({ project_id: storedId("project", row.id), owner_id: storedId("user", row.userId) }));
};
