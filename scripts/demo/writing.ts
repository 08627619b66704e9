// Chapters about writing: nothing is written before a person says yes, exactly what was shown is written after it, and
// nothing after a no.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { approvalText, askerOf } from "#client/cli/describe.ts";
import { prove } from "./proof.ts";
import { askToWrite, finishTurn } from "./turn.ts";
import type { Visit } from "./visit.ts";

/** A write that is approved. */
export const approvedWrite = async (visit: Visit): Promise<void> => {
  const { narrator, folder, account } = visit;
  narrator.heading("A write asks first");
  const file = join(folder.path, "NOTES.md");
  const wanted = "Light the lamp a quarter of an hour before sunset.";
  const { runId, approval } = await askToWrite(visit, `@CodeAssistant write NOTES.md with "${wanted}"`);
  const shown = approval.arguments.content;
  prove(
    approval.arguments.path === "NOTES.md" && typeof shown === "string" && shown.includes(wanted),
    "the question shows what would be written",
    approval.arguments,
  );
  prove(!existsSync(file), "nothing is written before the answer");
  narrator.say(approvalText(approval, askerOf(approval)).replaceAll(/^/gm, "   "));
  narrator.proven("the content is shown, and nothing is written yet");
  await account.api.confirm(approval.id, { arguments_hash: approval.arguments_hash });
  await finishTurn(visit, runId);
  prove(existsSync(file), "the file is written after a yes");
  prove(readFileSync(file, "utf8") === shown, "the file holds exactly what was shown", readFileSync(file, "utf8"));
  narrator.proven("after the yes the file holds exactly what was shown");
};

/** A write that is rejected. */
export const rejectedWrite = async (visit: Visit): Promise<void> => {
  const { narrator, folder, account, ear } = visit;
  narrator.heading("A no is a no");
  const before = readdirSync(folder.path).sort().join();
  const { runId, approval } = await askToWrite(visit, '@CodeAssistant write PLANS.md with "Sell the lighthouse."');
  await account.api.reject(approval.id, "we like it here");
  await finishTurn(visit, runId);
  const heard = ear.ofRun(runId).map(({ event }) => event);
  prove(heard.includes("approval_rejected") && heard.includes("toolcall_denied"), "the no is in the log", heard);
  prove(!heard.includes("toolcall_dispatched"), "the device is not even asked", heard);
  prove(readdirSync(folder.path).sort().join() === before, "nothing is written after a no", readdirSync(folder.path));
  narrator.proven("the device was not even asked, and the folder is as it was");
};
