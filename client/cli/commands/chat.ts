// retinue chat: one message for scripts (`chat -m "…"` or `chat "…"`), or a conversation at the terminal. Exit code 1 when
// the run does not complete.
import { isCancel, text } from "@clack/prompts";
import { sessionTitle } from "../../sdk/session-title.ts";
import { command } from "../arguments.ts";
import type { ApprovalHandling } from "../ask-approval.ts";
import { type Conversation, openConversation } from "../conversation.ts";
import { converse } from "../converse.ts";
import { isTerminal } from "../credentials-input.ts";
import { Ended, misuse } from "../failure.ts";
import { COMMON, type Ground, PROJECT, standOn } from "../ground.ts";
import { ownSecrets, PASSPHRASE } from "../own-secrets.ts";

const oneShot = async (
  ground: Ground,
  conversation: Conversation,
  content: string,
  target: string | undefined,
  approvals: ApprovalHandling,
): Promise<void> => {
  const end = await converse(
    ground,
    conversation,
    { content, ...(target === undefined ? {} : { target_agent: target }) },
    approvals,
    ground.print.aside,
  );
  if (end.error !== null) throw new Ended(1);
};

const interactive = async (
  ground: Ground,
  conversation: Conversation,
  target: string | undefined,
  approvals: ApprovalHandling,
): Promise<void> => {
  const { print } = ground;
  print.line(
    `Session ${conversation.sessionId}. Call an agent with @Name, or say it to the whole team; /new starts over, /exit leaves, Ctrl-C stops a run.`,
  );
  let current = conversation;
  for (;;) {
    const said = await text({ message: "You" });
    if (isCancel(said) || said?.trim() === "/exit") return;
    if (said === undefined || said.trim() === "") continue;
    if (/^\/[a-z?]+$/.test(said.trim()) && said.trim() !== "/new") {
      print.line("/new starts over, /exit leaves; anything else is said to the team, or with @Name to one agent.");
      continue;
    }
    if (said.trim() === "/new") {
      current = await openConversation(ground, current.api, {
        projectId: current.projectId,
        fresh: true,
        title: "Chat",
        secrets: current.secrets,
      });
      print.line(`Session ${current.sessionId}.`);
      continue;
    }
    try {
      await converse(
        ground,
        current,
        { content: said, ...(target === undefined ? {} : { target_agent: target }) },
        approvals,
        print.line,
      );
    } catch (error) {
      // A refused message (an unknown agent, say) is not the end of the conversation.
      print.aside(error instanceof Error ? error.message : String(error));
    }
  }
};

export const chatCommand = command({
  meta: { name: "chat", description: "Talk to your agents: to one with a leading @Name, else to the team" },
  args: {
    words: { type: "positional", required: false, description: "The message; nothing: a conversation at the terminal" },
    message: { type: "string", alias: "m", description: "The message" },
    agent: { type: "string", description: "Call this agent directly (like a leading @Name)", valueHint: "name" },
    session: { type: "string", description: "Go on in this session", valueHint: "id" },
    new: { type: "boolean", description: "Begin a new session (default: go on in the last one)" },
    ...PASSPHRASE,
    yes: { type: "boolean", description: "Say yes to every approval of this chat" },
    ...PROJECT,
    ...COMMON,
  },
  spread: true,
  run: async ({ args }) => {
    if (args.message !== undefined && args._.length > 0) throw misuse("Give the message once: with -m or as words");
    if (args.session !== undefined && args.new) throw misuse("--session and --new exclude each other");
    const content = args.message ?? (args._.length > 0 ? args._.join(" ") : undefined);
    if (content !== undefined && content.trim() === "") throw misuse("The message is empty");
    if (content === undefined && (!isTerminal() || args.json)) throw misuse('Give a message: retinue chat -m "…"');
    const ground = standOn(args);
    const api = await ground.api();
    const secrets = await ownSecrets(args);
    const conversation = await openConversation(ground, api, {
      ...args,
      fresh: args.new === true,
      secrets,
      title: content === undefined ? "Chat" : sessionTitle(content),
    });
    const approvals: ApprovalHandling = args.yes ? "yes" : isTerminal() && !args.json ? "ask" : "elsewhere";
    if (content === undefined) await interactive(ground, conversation, args.agent, approvals);
    else await oneShot(ground, conversation, content, args.agent, approvals);
  },
});
