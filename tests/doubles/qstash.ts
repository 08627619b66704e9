// QStash, as far as it is used: schedules, delayed messages, signed deliveries, retries, and a clock the test holds in its
// hand. It can be told to deliver twice, late or in the wrong order, for the real one may. Runs in Node and in workerd; the
// HTTP server around it is in qstash-server.ts.
import { createHash } from "node:crypto";
import { Cron } from "croner";
import { SignJWT } from "jose";

/** A delivery on its way. */
interface Message {
  readonly id: string;
  readonly url: string;
  readonly body: string;
  readonly contentType: string;
  readonly scheduleId: string | null;
  readonly retries: number;
  readonly retried: number;
  readonly due: number;
}

interface KeptSchedule {
  readonly url: string;
  readonly cron: string;
  readonly body: string;
  readonly contentType: string;
  readonly retries: number;
  readonly next: number | null;
}

/** What the double is made of. */
export interface QstashDoubleParts {
  readonly token: string;
  readonly currentKey: string;
  readonly nextKey: string;
  readonly now: number;
  readonly deliver: (request: Request) => Promise<Response>;
}

const DEDUPLICATION_MS = 600_000;
const MOST_STEPS = 10_000;

const base64url = (body: string): string => createHash("sha256").update(body).digest("base64url");

/** Seconds until the next try, as its documents have it. */
const retrySeconds = (retried: number): number => Math.min(86_400, Math.round(Math.E ** (2.5 * retried)));

/** A signature as QStash makes it; parts may be replaced to forge one. */
export const signed = (
  key: string,
  { url, body, now }: { readonly url: string; readonly body: string; readonly now: number },
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  const at = Math.floor(now / 1000);
  // The documents' sample pads the hash.
  const hash = `${base64url(body)}=`;
  const said = { iss: "Upstash", sub: url, iat: at, nbf: at, exp: at + 300, jti: crypto.randomUUID(), body: hash };
  return new SignJWT({ ...said, ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(key));
};

export class QstashDouble {
  readonly schedules = new Map<string, KeptSchedule>();
  readonly deadLetters: Message[] = [];
  /** Every request that was delivered, in order, with the status it was answered with. */
  readonly delivered: { readonly at: number; readonly body: string; readonly status: number }[] = [];
  /** What reached the API: method and path. */
  readonly asked: string[] = [];
  now: number;
  /** How often each delivery is made, and by how much it is late, ms. */
  copies = 1;
  lateness = 0;
  /** Answers every API call with this, when it is set. */
  down: number | null = null;
  #currentKey: string;
  #nextKey: string;
  readonly #token: string;
  readonly #deliver: (request: Request) => Promise<Response>;
  readonly #seen = new Map<string, { readonly messageId: string; readonly at: number }>();
  #messages: Message[] = [];

  constructor(parts: QstashDoubleParts) {
    this.now = parts.now;
    this.#token = parts.token;
    this.#currentKey = parts.currentKey;
    this.#nextKey = parts.nextKey;
    this.#deliver = parts.deliver;
  }

  /** The next key becomes the current one. */
  rotate(next: string): void {
    this.#currentKey = this.#nextKey;
    this.#nextKey = next;
  }

  /** The API. */
  async handle(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    this.asked.push(`${request.method} ${pathname.split("/").slice(0, 3).join("/")}`);
    if (this.down !== null) return Response.json({ error: "down" }, { status: this.down });
    if (request.headers.get("authorization") !== `Bearer ${this.#token}`)
      return Response.json({ error: "unauthorized" }, { status: 401 });
    const publish = /^\/v2\/publish\/(.+)$/.exec(pathname)?.[1];
    if (request.method === "POST" && publish !== undefined) return this.#publish(publish + search, request);
    const schedule = /^\/v2\/schedules\/(.+)$/.exec(pathname)?.[1];
    if (request.method === "POST" && schedule !== undefined) return this.#schedule(schedule + search, request);
    if (request.method === "DELETE" && schedule !== undefined)
      return this.schedules.delete(schedule)
        ? new Response(null, { status: 200 })
        : Response.json({ error: `schedule ${schedule} not found` }, { status: 404 });
    return Response.json({ error: "not found" }, { status: 404 });
  }

  async #publish(url: string, request: Request): Promise<Response> {
    const { headers } = request;
    const key = headers.get("upstash-deduplication-id");
    const seen = key === null ? undefined : this.#seen.get(key);
    if (seen !== undefined && this.now - seen.at < DEDUPLICATION_MS)
      return Response.json({ messageId: seen.messageId, deduplicated: true }, { status: 202 });
    const id = `msg_${crypto.randomUUID()}`;
    if (key !== null) this.#seen.set(key, { messageId: id, at: this.now });
    const due = Number(headers.get("upstash-not-before") ?? 0) * 1000;
    this.#messages.push({
      id,
      url,
      body: await request.text(),
      contentType: headers.get("content-type") ?? "",
      scheduleId: null,
      retries: Number(headers.get("upstash-retries") ?? 3),
      retried: 0,
      due,
    });
    return Response.json({ messageId: id }, { status: 201 });
  }

  async #schedule(url: string, request: Request): Promise<Response> {
    const { headers } = request;
    const cron = headers.get("upstash-cron") ?? "";
    try {
      const next = this.#nextOf(cron, this.now);
      const scheduleId = headers.get("upstash-schedule-id") ?? `scd_${crypto.randomUUID()}`;
      const body = await request.text();
      const contentType = headers.get("content-type") ?? "";
      const retries = Number(headers.get("upstash-retries") ?? 3);
      this.schedules.set(scheduleId, { url, cron, body, contentType, retries, next });
      return Response.json({ scheduleId }, { status: 201 });
    } catch {
      return Response.json({ error: `invalid cron: ${cron}` }, { status: 400 });
    }
  }

  /** What QStash reads: five fields, with the zone before them. Names it does not know are refused, whatever their case. */
  #nextOf(cron: string, after: number): number | null {
    const [, zone = "UTC", fields = ""] = /^(?:CRON_TZ=([A-Z]\S*) )?([\d*,/A-Z -]+)$/.exec(cron) ?? [];
    return new Cron(fields, { timezone: zone, mode: "5-part" }).nextRun(new Date(after))?.getTime() ?? null;
  }

  /** Lets time pass until an instant, making every delivery that falls due on the way. */
  async runUntil(until: number): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      const due = this.#earliest();
      if (due === null || due > until) break;
      this.now = Math.max(this.now, due);
      this.#tick();
      const ready = this.#messages.filter((message) => message.due <= this.now);
      this.#messages = this.#messages.filter((message) => message.due > this.now);
      // The last that fell due is the first to arrive: nothing is promised about order.
      for (const message of ready.reverse()) await this.#attempt(message);
    }
    this.now = until;
  }

  #earliest(): number | null {
    const times = [...this.schedules.values()].flatMap(({ next }) => next ?? []);
    const all = [...times, ...this.#messages.map(({ due }) => due)];
    return all.length === 0 ? null : Math.min(...all);
  }

  #tick(): void {
    for (const [scheduleId, kept] of this.schedules) {
      if (kept.next === null || kept.next > this.now) continue;
      const { url, body, contentType, retries, next } = kept;
      for (let copy = 0; copy < this.copies; copy += 1) {
        const id = `msg_${crypto.randomUUID()}`;
        this.#messages.push({ id, url, body, contentType, scheduleId, retries, retried: 0, due: next + this.lateness });
      }
      this.schedules.set(scheduleId, { ...kept, next: this.#nextOf(kept.cron, next) });
    }
  }

  async #attempt(message: Message): Promise<void> {
    const headers = new Headers({
      "content-type": message.contentType,
      "user-agent": "Upstash-QStash",
      "upstash-message-id": message.id,
      "upstash-retried": String(message.retried),
      "upstash-signature": await signed(this.#currentKey, { url: message.url, body: message.body, now: this.now }),
      ...(message.scheduleId === null ? {} : { "upstash-schedule-id": message.scheduleId }),
    });
    const { status } = await this.#deliver(new Request(message.url, { method: "POST", headers, body: message.body }));
    this.delivered.push({ at: this.now, body: message.body, status });
    if (status >= 200 && status < 300) return;
    if (message.retried >= message.retries) {
      this.deadLetters.push(message);
      return;
    }
    const retried = message.retried + 1;
    this.#messages.push({ ...message, retried, due: this.now + retrySeconds(retried) * 1000 });
  }
}
