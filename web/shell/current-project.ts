// Which project is at hand: the one in the address, else the one used last, else the default one.
import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Project } from "#schema/api/projects.ts";
import { meQuery, projectsQuery } from "../data/queries.ts";

const KEY = "retinue.project";

/** The project used last in this browser. */
export const rememberedProject = (): string | null => localStorage.getItem(KEY);

/** The project at hand, and all there are. */
export const useCurrentProject = (): { readonly current: Project | undefined; readonly all: readonly Project[] } => {
  const { projectId } = useParams({ strict: false });
  const { data: me } = useSuspenseQuery(meQuery);
  const { data: all } = useSuspenseQuery(projectsQuery);
  const named = all.find(({ id }) => id === projectId);
  const current =
    projectId === undefined
      ? (all.find(({ id }) => id === rememberedProject()) ?? all.find(({ id }) => id === me.default_project_id))
      : named;
  useEffect(() => {
    if (named !== undefined) localStorage.setItem(KEY, named.id);
  }, [named]);
  return { current, all };
};
