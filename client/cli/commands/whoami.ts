// retinue whoami: who is signed in, where, and which project is in use.
import { command } from "../arguments.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";

export const whoamiCommand = command({
  meta: { name: "whoami", description: "Show who is signed in" },
  args: { ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const profile = await api.me();
    const project = await currentProject(ground, api, args);
    ground.print.line(`${profile.email ?? profile.id} (${profile.tier}) at ${ground.url}\nproject ${project}`);
    ground.print.document({ ...profile, url: ground.url, project_id: project });
  },
});
