// The least a worker with memory can do: Hono, one Durable Object, one row for the question, one call of the model, one row
// for the answer. No accounts, no log, no queue, no recovery.
import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";

interface EchoEnv {
  readonly ECHO: DurableObjectNamespace<Echo>;
  readonly MODEL_URL: string;
}

export class Echo extends DurableObject<EchoEnv> {
  readonly #model: string;

  constructor(ctx: DurableObjectState, env: EchoEnv) {
    super(ctx, env);
    this.#model = env.MODEL_URL;
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS lines (id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, holder TEXT)");
    ctx.storage.sql.exec("CREATE INDEX IF NOT EXISTS jobs_free ON jobs (id) WHERE holder IS NULL");
  }

  /** Writes a row and gives it back, without a model. */
  echo(body: string): string {
    this.ctx.storage.sql.exec("INSERT INTO lines (body) VALUES (?)", body);
    return body;
  }

  /** Makes so many jobs. */
  fill(count: number): number {
    for (let n = 0; n < count; n++) this.ctx.storage.sql.exec("INSERT INTO jobs (holder) VALUES (NULL)");
    return count;
  }

  /** Gives away the oldest free job: one update and one insert. */
  claim(holder: string): number | null {
    const [job] = this.ctx.storage.sql.exec<{ id: number }>(
      "UPDATE jobs SET holder = ? WHERE id = (SELECT min(id) FROM jobs WHERE holder IS NULL) RETURNING id",
      holder,
    );
    if (job !== undefined) this.ctx.storage.sql.exec("INSERT INTO lines (body) VALUES (?)", `${holder} has ${job.id}`);
    return job?.id ?? null;
  }

  async call(body: string): Promise<string> {
    this.ctx.storage.sql.exec("INSERT INTO lines (body) VALUES (?)", body);
    const answer = await fetch(`${this.#model}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const text = await answer.text();
    this.ctx.storage.sql.exec("INSERT INTO lines (body) VALUES (?)", text);
    return text;
  }
}

const app = new Hono<{ Bindings: EchoEnv }>();
app.get("/api/v1/health", (c) => c.json({ status: "ok" }));
app.post("/call/:name", async (c) =>
  c.json({ reply: await c.env.ECHO.getByName(c.req.param("name")).call(await c.req.text()) }),
);
app.post("/echo/:name", async (c) =>
  c.json({ reply: await c.env.ECHO.getByName(c.req.param("name")).echo(await c.req.text()) }),
);
app.post("/fill/:name", async (c) =>
  c.json({ filled: await c.env.ECHO.getByName(c.req.param("name")).fill(Number(await c.req.text())) }),
);
app.post("/claim/:name", async (c) =>
  c.json({ job: await c.env.ECHO.getByName(c.req.param("name")).claim(await c.req.text()) }),
);

export default app;
