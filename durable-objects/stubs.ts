// How an object is named and reached. Nobody else writes `getByName`: a name made elsewhere would be a second object.
import type { ContextRef } from "#domain/context/port.ts";
import type { ProjectId } from "#schema/ids.ts";
import type { OwnedProject } from "#schema/principal.ts";
import type { SpaceDoor } from "./worker-space/door.ts";

// The namespaces are named by the environment's own types: a class may so reach the other objects without a circle.
type Meters = Cloudflare.Env["METERS"];
type Spaces = Cloudflare.Env["SPACES"];
type Contexts = Cloudflare.Env["CONTEXTS"];
type Memories = Cloudflare.Env["MEMORIES"];

/** The one meter of a user. `userId` comes from a verified credential, never from a request's own words. */
export const meterOf = (meters: Meters, userId: string): ReturnType<Meters["getByName"]> =>
  meters.getByName(`meter:${userId}`);

/** The one context of an agent. The ref was made from an owner that was proven; the object still checks it. */
export const contextOf = (contexts: Contexts, { projectId, agentId }: ContextRef): ReturnType<Contexts["getByName"]> =>
  contexts.getByName(`context:${projectId}:${agentId}`);

/** The one memory of a user. `userId` comes from a verified credential, or from a space's own owner. */
export const memoryOf = (memories: Memories, userId: string): ReturnType<Memories["getByName"]> =>
  memories.getByName(`memory:${userId}`);

// The class implements SpaceDoor; RPC's own types cannot say so, because they refuse `unknown` inside a result.
const doorOf = (spaces: Spaces, projectId: ProjectId): SpaceDoor =>
  spaces.getByName(`space:${projectId}`) as unknown as SpaceDoor;

/** The one space of a project. Only a scope hands out an OwnedProject, so a request reaches only its caller's spaces. */
export const spaceOf = (spaces: Spaces, project: OwnedProject): SpaceDoor => doorOf(spaces, project.id);

/** The space a job of our own queue speaks of; no request stands behind it. The space still checks the owner the job names. */
export const spaceOfJob = (spaces: Spaces, job: { readonly project_id: ProjectId }): SpaceDoor =>
  doorOf(spaces, job.project_id);
