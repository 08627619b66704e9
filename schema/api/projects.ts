// Projects and their worker spaces (api.md B).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { AgentStatus } from "./agents.ts";
import { Instant, pageOf } from "./common.ts";

const ProjectName = z.string().trim().min(1).max(80).meta({ example: "Thesis" });
const ProjectDescription = z.string().max(2000).meta({ example: "Everything around the thesis" });

export const Project = z
  .object({
    id: idOf("project").meta({ example: "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    name: ProjectName,
    description: ProjectDescription,
    is_default: z.boolean(),
    created_at: Instant,
    updated_at: Instant,
  })
  .meta({ id: "Project", description: "A user's unit of isolation; has one worker space" });
export type Project = z.infer<typeof Project>;
export const ProjectPage = pageOf(Project, "ProjectPage");

export const CreateProjectBody = z
  .strictObject({ name: ProjectName, description: ProjectDescription.default("") })
  .meta({ id: "CreateProjectBody", description: "A new project" });
export type CreateProjectBody = z.infer<typeof CreateProjectBody>;

export const UpdateProjectBody = z
  .strictObject({ name: ProjectName.optional(), description: ProjectDescription.optional() })
  .meta({ id: "UpdateProjectBody", description: "What to change" });
export type UpdateProjectBody = z.infer<typeof UpdateProjectBody>;

export const ProjectPath = z.object({
  project_id: idOf("project").meta({ description: "The project", example: "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});

// Whoever says something with a reset means something else by it, and must not find that everything was ended.
export const ResetBody = z.strictObject({});

export const SpaceStatus = z
  .object({
    project_id: idOf("project").meta({ example: "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    head: z.object({ seq: z.int(), hash: z.string() }).meta({
      description: "The newest event of the log",
      example: { seq: 42, hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
    }),
    agents: z.array(
      z.object({
        id: idOf("agent"),
        name: z.string(),
        status: AgentStatus,
        running: z.int(),
        queued: z.int(),
        concurrency_limit: z.int(),
      }),
    ),
    listeners: z.object({ sse: z.int(), websocket: z.int() }).meta({ example: { sse: 1, websocket: 0 } }),
    devices: z.array(
      z.object({
        id: idOf("device"),
        name: z.string(),
        folder: z.string().meta({ description: "The folder's own name, never its full path" }),
        tools: z.array(z.string()),
        connected_at: Instant,
      }),
    ),
    open_approvals: z.int().meta({ example: 1 }),
    active_runs: z.int().meta({ example: 2 }),
    storage_bytes: z.int().meta({ example: 405_504 }),
    rows_written: z.int().meta({ description: "Rows written since the object last started: what its storage costs" }),
  })
  .meta({ id: "SpaceStatus", description: "What the worker space is doing now" });
export type SpaceStatus = z.infer<typeof SpaceStatus>;
