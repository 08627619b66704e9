// `npm run demo`: a tour of the product on a server of its own, with the offline model and no account anywhere. The exit
// code is 0 only if everything it shows really happened; whatever happens, nothing is left behind.
import { Narrator } from "./demo/narrator.ts";
import { NotSo } from "./demo/proof.ts";
import { tour } from "./demo/tour.ts";

const narrator = new Narrator({
  write: (text) => process.stdout.write(text),
  colours: process.stdout.isTTY === true && !process.env.NO_COLOR,
});

// The exit hooks kill the server and remove its files.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)
  process.on(signal, () => {
    console.error("\nretinue: interrupted; cleaning up");
    process.exit(code);
  });
// A reader that leaves (`| head`) ends the tour, and its server with it.
process.stdout.on("error", () => process.exit(1));

const began = performance.now();
try {
  await tour(narrator);
  narrator.say(
    `\nEverything above really happened, in ${((performance.now() - began) / 1000).toFixed(1)} s. Now you: npm start`,
  );
  process.exitCode = 0;
} catch (error) {
  narrator.failed(error instanceof NotSo ? `this should be so and is not: ${error.message}` : String(error));
  if (!(error instanceof NotSo)) console.error(error);
  process.exitCode = 1;
}
// Whatever still holds a socket open must not keep a finished tour.
process.stdout.write("", () => process.exit());
