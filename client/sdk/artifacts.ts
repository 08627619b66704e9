// Outputs that were kept whole.
import { Artifact } from "#schema/api/runs.ts";
import type { Http } from "./http.ts";

/** One, with its content. */
export const artifactOf = (http: Http, id: string) =>
  http.call("GET", `/v1/artifacts/${encodeURIComponent(id)}`, Artifact);
