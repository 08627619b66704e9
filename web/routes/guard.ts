// Who may see what is inside: whoever is signed in; everybody else is asked to, and brought back afterwards.
import { redirect } from "@tanstack/react-router";
import { api } from "../app/api.ts";
import { queryClient } from "../app/query-client.ts";
import { meQuery, projectsQuery, sessionsQuery } from "../data/queries.ts";
import { session } from "../session/this-browser.ts";
import { rememberedProject } from "../shell/current-project.ts";
import { innerPath } from "./inner-path.ts";

/** Lets signed-in people in. */
export const requireSession = async ({ location: { href } }: { readonly location: { readonly href: string } }) => {
  if ((await session.begin()) !== "in") throw redirect({ to: "/sign-in", search: href === "/" ? {} : { next: href } });
  await Promise.all([queryClient.ensureQueryData(meQuery), queryClient.ensureQueryData(projectsQuery)]);
};

/** Lets into a project that is one's own; what the server says of any other is thrown. */
export const requireProject = async ({
  params: { projectId },
}: {
  readonly params: { readonly projectId: string };
}) => {
  const known = await queryClient.ensureQueryData(projectsQuery);
  // One that was made a moment ago, or stands on a later page of them.
  if (!known.some(({ id }) => id === projectId))
    await queryClient.ensureQueryData({ queryKey: ["project", projectId], queryFn: () => api.project(projectId) });
};

/** Sends people who are signed in already to what they came for. */
export const onlyStrangers = async ({ search }: { readonly search: { readonly next?: string | undefined } }) => {
  if ((await session.begin()) === "in") throw redirect({ href: innerPath(search.next) });
};

/** Where one begins: in the project last used; with its first steps when nothing has been done in it yet. */
export const toBeginning = async () => {
  const [me, projects] = await Promise.all([
    queryClient.ensureQueryData(meQuery),
    queryClient.ensureQueryData(projectsQuery),
  ]);
  const remembered = rememberedProject();
  const projectId = projects.some(({ id }) => id === remembered) && remembered ? remembered : me.default_project_id;
  const sessions = await queryClient.ensureQueryData(sessionsQuery(projectId));
  throw redirect({ to: sessions.length === 0 ? "/p/$projectId/start" : "/p/$projectId/chat", params: { projectId } });
};
