// Turns whose model was being asked when the object stopped: what was held for the call is told as its cost, and the call is
// made again. The owner's meter is asked only where a call may have been paid for, for a moment at most; nobody waits for it
// longer to go on, and what it did not say then is not told.
import type { Forfeited, SpendMeter } from "#domain/billing/spend-meter.ts";
import { candidateNamed, nameOf } from "#domain/models/candidates.ts";
import { callKeyOf, lookUpKeyOf } from "#domain/runs/asked-model.ts";
import { type CutOff, endInterrupted, interruptedTooOften, turnInterrupted } from "#domain/runs/interrupted.ts";
import type { OwnRun } from "#domain/runs/own-run.ts";
import type { Scene } from "#domain/runs/scene.ts";
import { together } from "#domain/runs/work.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { within } from "./contexts.ts";
import type { Core } from "./core.ts";
import type { Embeddings } from "./embeddings.ts";
import { sceneOfTurn } from "./scenes.ts";
import { modelOf } from "./turn-request.ts";

/** How long the meter has, ms. Whoever opens the space waits for it. */
const METER_MS = 2_000;

const ENOUGH_TOKENS = 1_000_000;

interface Interrupted {
  readonly turn: TurnRow;
  readonly scene: Scene;
}

type Held = ReadonlyMap<string, Forfeited>;

export class InterruptedTurns {
  readonly #core: Core;
  readonly #embeddings: Pick<Embeddings, "areFree" | "made">;
  readonly #meter: () => SpendMeter;

  constructor(core: Core, embeddings: Pick<Embeddings, "areFree" | "made">, meter: () => SpendMeter) {
    this.#core = core;
    this.#embeddings = embeddings;
    this.#meter = meter;
  }

  /**
   * After the object was started. A commit sets turns going, and none may start before its interruption is counted: the pump
   * is held until all are. All are counted at once, because one that ends may end the others.
   */
  async resume(): Promise<void> {
    const { commit, tables, now } = this.#core;
    const interrupted = [...tables.turns.values()].flatMap((turn): Interrupted[] => {
      if (turn.state !== "thinking" || turn.notBefore > now()) return [];
      const scene = sceneOfTurn(this.#core, turn);
      return scene === null ? [] : [{ turn, scene }];
    });
    if (interrupted.length === 0) return;
    const held = await this.#forfeited(interrupted);
    const { given } = this.#core;
    const tooOften = interrupted.filter(({ scene, turn }) => interruptedTooOften(scene, turn));
    commit.apply(
      together(
        ...interrupted.map(({ scene, turn }) =>
          turnInterrupted(scene, turn, this.#cutOff(turn, scene.run, held), given()),
        ),
      ),
    );
    for (const { turn: before } of tooOften) {
      // An earlier one of these may have ended the run of this one.
      const turn = tables.turns.get(before.stepId);
      const scene = turn === undefined ? null : sceneOfTurn(this.#core, turn);
      if (turn !== undefined && scene !== null) commit.apply(endInterrupted(scene, turn, given()));
    }
  }

  async #forfeited(interrupted: readonly Interrupted[]): Promise<Held> {
    const keys = interrupted.flatMap(({ turn, scene }) => [
      ...(this.#mayHavePaid(turn, scene.run) ? [callKeyOf(turn)] : []),
      ...(this.#looksUpForMoney(turn) ? [lookUpKeyOf(turn)] : []),
    ]);
    const held = keys.length === 0 ? null : await within(this.#meter().forfeit(keys), METER_MS);
    return new Map(held?.map((one) => [one.key, one]));
  }

  #cutOff(turn: TurnRow, run: OwnRun, held: Held): CutOff {
    const call = held.get(callKeyOf(turn));
    const lookUp = held.get(lookUpKeyOf(turn));
    const { choices } = this.#core;
    return {
      call:
        call === undefined
          ? null
          : {
              // Held by a release that did not say of whom: of whoever is asked when all is well.
              candidate: call.asked === null ? choices.expected(modelOf(turn, run)) : candidateNamed(call.asked),
              usd: call.usd,
            },
      lookUp: lookUp === undefined ? null : { model: this.#embeddings.made.model, usd: lookUp.usd },
    };
  }

  // With a key of the caller's own, other models than those of the settings may have been asked.
  #mayHavePaid(turn: TurnRow, run: OwnRun): boolean {
    const { choices } = this.#core;
    return (
      run.brought?.includes("model_key") === true ||
      choices.possible(modelOf(turn, run)).some((candidate) => this.#hasPrice(nameOf(candidate)))
    );
  }

  #looksUpForMoney({ kind }: TurnRow): boolean {
    if (kind === "plan" || kind === "synthesis" || this.#core.settings.lookup.tokens === 0) return false;
    return !this.#embeddings.areFree && this.#hasPrice(this.#embeddings.made.model);
  }

  #hasPrice(model: string): boolean {
    return (this.#core.settings.prices.costOf(model, ENOUGH_TOKENS, ENOUGH_TOKENS) ?? 0) > 0;
  }
}
