// retinue plan: what the team would do with a request, and what that would take; nothing is run.
import { command } from "../arguments.ts";
import { estimateText } from "../estimate-text.ts";
import { misuse } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";
import { ownSecrets, PASSPHRASE } from "../own-secrets.ts";
import { reasonsText, stepCount, stepsText } from "../plan-text.ts";

export const planCommand = command({
  meta: { name: "plan", description: "Show how the team would go about a request, without running it" },
  args: {
    words: { type: "positional", required: false, description: "The request" },
    message: { type: "string", alias: "m", description: "The request" },
    ...PASSPHRASE,
    ...PROJECT,
    ...COMMON,
  },
  spread: true,
  run: async ({ args }) => {
    if (args.message !== undefined && args._.length > 0) throw misuse("Give the request once: with -m or as words");
    const content = args.message ?? args._.join(" ");
    if (content.trim() === "") throw misuse('Give a request: retinue plan "…"');
    const ground = standOn(args);
    if (/^\s*@[A-Za-z]/.test(content))
      ground.print.aside(
        "In a chat a leading @name calls that agent at once, without a plan. As a request to the team:",
      );
    const api = await ground.api();
    const secrets = await ownSecrets(args);
    const plan = await api.plan(await currentProject(ground, api, args), content, secrets);
    const why = reasonsText(plan.reason_codes);
    ground.print.line(`A plan of ${stepCount(plan.steps.length)}:`);
    ground.print.line(
      stepsText(
        plan.steps.map((step) => ({ ...step, agent: step.agent.name })),
        true,
      ),
    );
    ground.print.line(`  ${estimateText(plan.estimate)}`);
    ground.print.line(plan.needs_approval ? `  It would ask you first: ${why}.` : "  It would run without asking.");
    ground.print.document(plan);
  },
});
