// retinue projects: list, create, delete, use.
import { defineCommand } from "citty";
import { command } from "../arguments.ts";
import { askToDelete, YES } from "../ask-to-delete.ts";
import { allProjects, COMMON, currentProject, findProject, standOn } from "../ground.ts";

const NAMED = { project: { type: "positional", required: true, description: "Project id or name" } } as const;

const list = command({
  meta: { name: "list", description: "List your projects" },
  args: { ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const projects = await allProjects(api);
    const current = ground.print.json ? null : await currentProject(ground, api, {});
    ground.print.table(
      ["", "ID", "NAME", "DESCRIPTION"],
      projects.map((project) => [
        project.id === current ? "*" : "",
        project.id,
        project.name + (project.is_default ? " (default)" : ""),
        project.description,
      ]),
      "You have no projects.",
    );
    ground.print.document({ items: projects });
  },
});

const create = command({
  meta: { name: "create", description: "Make a project" },
  args: {
    name: { type: "positional", required: true, description: "Its name" },
    description: { type: "string", description: "What it is about" },
    ...COMMON,
  },
  run: async ({ args }) => {
    const ground = standOn(args);
    const project = await (await ground.api()).createProject(args.name, args.description ?? "");
    ground.print.line(`Made ${project.name} (${project.id}). Use it with: retinue projects use ${project.id}`);
    ground.print.document(project);
  },
});

const remove = command({
  meta: { name: "delete", description: "Delete a project; your own files stay" },
  args: { ...NAMED, ...YES, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const id = await findProject(api, args.project);
    await askToDelete(args.yes, "a project", `Delete ${id} with its agents and conversations?`);
    await api.deleteProject(id);
    await ground.settings.change(({ project, ...rest }) =>
      project === id || project === undefined ? rest : { ...rest, project },
    );
    ground.print.line(`Deleted ${id}.`);
    ground.print.document({ ok: true, id });
  },
});

const use = command({
  meta: { name: "use", description: "Choose the project further commands work in" },
  args: { ...NAMED, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const project = await api.project(await findProject(api, args.project));
    await ground.settings.change((current) => ({ ...current, project: project.id }));
    ground.print.line(`Using ${project.name} (${project.id}).`);
    ground.print.document(project);
  },
});

export const projectsCommand = defineCommand({
  meta: { name: "projects", description: "List, make, delete and choose projects" },
  default: "list",
  subCommands: { list, create, delete: remove, use },
});
