// What every door of a worker space stands on: storage and organs, the check of the owner, its streams, its sockets and its
// alarm. The doors themselves are in agent-os-space.ts and worker-space.ts.
import { DurableObject } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import { contextStoreFrom } from "#adapters/context/context-store.ts";
import { chatModelOf } from "#adapters/models/chat-model.ts";
import { embeddingModelFrom } from "#adapters/models/embedding-model.ts";
import type { AiBinding } from "#adapters/models/workers-ai.ts";
import { upstashAnswers } from "#adapters/redis/answer-memory.ts";
import { fact } from "#domain/events/facts.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import type { Result } from "#schema/result.ts";
import migrations from "../../migrations/space/migrations.js";
import { embeddedAnswers } from "../answer-memory.ts";
import { embeddedContexts } from "../embedded-context.ts";
import { spaceMemory } from "../memory-hand.ts";
import { spendMeter } from "../spend-meter.ts";
import type { Owner } from "./core.ts";
import { DEVICE_TAG } from "./device-links.ts";
import { readStreamRequest, upgraded } from "./open-stream.ts";
import { type Hands, type Organs, openOrgans } from "./organs.ts";
import { Pulse } from "./pulse.ts";
import { readSpaceSettings, type SpaceSettings } from "./settings.ts";

// The binding's own type names every model there is; here one is named by the settings.
const aiOf = ({ AI }: Cloudflare.Env): AiBinding | undefined =>
  AI === undefined ? undefined : { run: (model, inputs) => Reflect.apply(AI.run, AI, [model, inputs]) };

const answersIn = ({ redis }: SpaceSettings, meters: Cloudflare.Env["METERS"]): Hands["answersOf"] =>
  redis === null ? (userId) => embeddedAnswers(meters, userId) : upstashAnswers(redis);

/** A space without its doors. */
export abstract class SpaceGround extends DurableObject<Cloudflare.Env> {
  protected readonly organs: Organs;
  readonly #pulse: Pulse;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    // Runs to its end synchronously; a failure resets the object before any request is let in.
    const migrated = migrate(drizzle(ctx.storage), migrations);
    this.#pulse = new Pulse(() => this.organs);
    const settings = readSpaceSettings(env);
    // The doors refuse every request of an installation whose settings do not fit, so nobody gets here with them.
    if (!settings.ok) throw new Error(`not configured: ${settings.refusal.detail}`);
    const hands: Hands = {
      settings: settings.value,
      model: chatModelOf(settings.value.routing, { prices: settings.value.prices, ai: aiOf(env) }),
      sendJob: async (job, delaySeconds = 0) => void (await env.JOBS.send(job, { delaySeconds })),
      putBlob: async (key, content) => void (await env.BLOBS.put(key, content)),
      deleteBlob: (key) => env.BLOBS.delete(key),
      meterOf: (userId) => spendMeter(env.METERS, userId),
      answersOf: answersIn(settings.value, env.METERS),
      contexts: contextStoreFrom(settings.value.qdrant, embeddedContexts(env.CONTEXTS)),
      memory: spaceMemory(env.MEMORIES),
      embeddings: embeddingModelFrom({ ...settings.value.embedding, prices: settings.value.prices }),
      later: (ms, act) => void setTimeout(act, ms),
      readBlob: async (key) => (await (await env.BLOBS.get(key))?.text()) ?? null,
    };
    this.organs = openOrgans(ctx, hands, (events, signals) => this.#pulse.committed(events, signals));
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    void ctx.blockConcurrencyWhile(async () => {
      await migrated;
      await this.#pulse.recover();
    });
  }

  override async fetch(request: Request): Promise<Response> {
    const stream = readStreamRequest(request);
    const entered = this.#enter(stream.caller);
    if (!entered.ok) return Response.json(entered.refusal, { status: 403 });
    if (stream.kind === "device")
      return upgraded(request, "device", (socket) => this.organs.devices.accept(socket, stream.until));
    if (stream.topic.roomId !== null && !this.organs.rooms.exists(stream.topic.roomId))
      return Response.json({ code: "not_found" }, { status: 404 });
    if (stream.upgrade)
      return upgraded(request, "live", (socket) =>
        this.organs.core.hub.sockets.accept(socket, stream.topic, stream.fromSeq, stream.until),
      );
    return this.organs.core.hub.sse.open(stream.topic, stream.fromSeq, stream.until);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (this.#isDevice(socket)) this.organs.devices.message(socket, message);
    else this.organs.core.hub.sockets.message(socket, message);
  }

  override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
    this.#closed(socket, code, reason);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#closed(socket, 1006, "the connection broke");
  }

  override async alarm(): Promise<void> {
    await this.#pulse.alarm();
  }

  /** Looks again when to be woken: something was written down that is to be done. */
  protected wake(): void {
    this.#pulse.pump();
  }

  #closed(socket: WebSocket, code: number, reason: string): void {
    const { devices, core } = this.organs;
    if (this.#isDevice(socket)) devices.closed(socket, code, reason);
    else core.hub.sockets.closed(socket);
  }

  #isDevice(socket: WebSocket): boolean {
    return this.ctx.getTags(socket).includes(DEVICE_TAG);
  }

  #enter(caller: SpaceCaller): Result<Owner> {
    const { ownership, core } = this.organs;
    if (ownership.current === null) {
      ownership.claim(caller);
      const data = { project_id: caller.project_id, owner_id: caller.user_id };
      const context = { principal: `user:${caller.user_id}` };
      core.commit.apply({
        facts: [fact("space.initialized", data, { stream: { type: "space", id: caller.project_id } }, context)],
        work: [],
      });
    }
    return ownership.admit(caller);
  }

  /** The same for what changes something: a caller with a capability must have been given this action, and policy allow it there. */
  protected async admitted<T>(
    caller: SpaceCaller,
    action: string,
    roomId: string | null,
    ask: () => Result<T> | Promise<Result<T>>,
  ): Promise<Result<T>> {
    return this.as(caller, () => {
      const admitted = this.organs.policy.admit(caller, action, roomId);
      return admitted.ok ? ask() : admitted;
    });
  }

  /** Asks on behalf of the owner; anyone else is refused. */
  protected async as<T>(caller: SpaceCaller, ask: () => Result<T> | Promise<Result<T>>): Promise<Result<T>> {
    const entered = this.#enter(caller);
    return entered.ok ? await ask() : entered;
  }
}
