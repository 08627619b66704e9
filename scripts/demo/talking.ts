// Chapters about talking and reading: a direct call, a file that is read, and what lies outside the folder.
import { prove } from "./proof.ts";
import { takeTurn } from "./turn.ts";
import type { Visit } from "./visit.ts";
import { wholeLog } from "./whole-log.ts";

/** An agent called by its name answers, word by word. */
export const directCall = async (visit: Visit): Promise<void> => {
  visit.narrator.heading("A direct call, answered live");
  const { reply, frames } = await takeTurn(visit, "@CodeAssistant who are you?");
  const deltas = frames.filter(({ event }) => event === "message_delta");
  prove(deltas.length > 1, "the answer streams in several pieces", deltas.length);
  prove(
    deltas.map(({ data }) => data.text).join("") === reply.content,
    "the pieces that streamed are the answer that was kept",
  );
  visit.narrator.proven(`CodeAssistant answered; its ${deltas.length} pieces are, joined, the message that was kept`);
};

/** An agent reads a file of the connected folder. */
export const fileRead = async (visit: Visit): Promise<void> => {
  const { narrator, folder } = visit;
  narrator.heading("A file is read");
  const { reply, frames } = await takeTurn(visit, "@CodeAssistant what does package.json say this project is?");
  prove(
    frames.some(({ event, data }) => event === "tool_request" && data.tool === "read_file"),
    "the agent asks for the file",
  );
  prove(
    frames.some(({ event }) => event === "toolcall_succeeded"),
    "the device reads the file",
  );
  prove(
    reply.content.includes(folder.name) && reply.content.includes(folder.description),
    "the answer is what the file says",
    reply.content,
  );
  narrator.proven("the answer came from the real package.json");
};

/** What lies outside the folder stays unseen, by whatever path. */
export const refusedEscape = async (visit: Visit): Promise<void> => {
  const { narrator, folder, account, ear } = visit;
  narrator.heading("The folder's edge");
  for (const [path, named, seenByDevice] of [
    ["../secret.txt", "../secret.txt", false],
    ["shortcut.txt", "a link out of the folder", true],
  ] as const) {
    const { frames } = await takeTurn(visit, `@CodeAssistant read ${path}`);
    const heard = frames.map(({ event }) => event);
    const refused = frames.find(({ event }) => event === "toolcall_failed");
    prove(JSON.stringify(refused?.data.error ?? null).includes('"outside_folder"'), `${named} is refused`, heard);
    prove(
      heard.includes("toolcall_dispatched") === seenByDevice,
      seenByDevice ? "only the device can know where a link leads" : "no device is asked for what plainly lies outside",
      heard,
    );
    narrator.proven(`${named} was refused ${seenByDevice ? "by the device" : "before the device heard of it"}`);
  }
  const events = await wholeLog(account.api, account.projectId);
  prove(events.length > 0 && !JSON.stringify(events).includes(folder.secret), "the secret is in no event of the log");
  prove(!JSON.stringify(ear.frames).includes(folder.secret), "the secret went over no live stream");
  narrator.proven(`the secret is in none of the ${events.length} events and in nothing that was streamed`);
};
