// A list as the server writes it down, one JSON object on each line, read as it comes.
import { errorOf } from "./api-error.ts";
import type { Http } from "./http.ts";

/** The lines of one answer. */
export async function* jsonLines(
  http: Http,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): AsyncGenerator<string, void, void> {
  const response = await http.send("GET", path, {
    headers: { ...headers, accept: "application/x-ndjson" },
    stream: true,
  });
  if (!response.ok) throw await errorOf(response);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
