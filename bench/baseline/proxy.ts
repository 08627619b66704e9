// The least a server between a caller and a model can do: hand the request on and pipe the answer back. Nothing is kept.
import { Agent, createServer, request } from "node:http";
import { serveOn } from "../child.ts";

const model = process.env.MODEL_URL ?? "";
const agent = new Agent({ keepAlive: true });

serveOn(
  createServer((incoming, outgoing) => {
    const { "content-length": length = "0" } = incoming.headers;
    const headers = { "content-type": "application/json", "content-length": length };
    const onward = request(`${model}/v1/chat/completions`, { method: "POST", agent, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { "content-type": "text/event-stream" });
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  }),
);
