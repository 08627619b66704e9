// What of everything that was found a model is shown: what bears on the question, best first, within a budget of tokens, and
// nothing twice. What the room's own history shows already is not shown again, nor what the answer cache holds.
import type { RetrievedItem } from "#schema/events/context.ts";
import type { MemoryTrust, RecalledItem, RecalledMemory } from "../memory/port.ts";
import { estimateTokens } from "../models/tokens.ts";
import { bears } from "./bearing.ts";
import { answeredSince } from "./interaction.ts";
import { plainTitle } from "./plain-title.ts";
import type { ContextHit, ContextItem } from "./port.ts";
import { READ_STRANGERS } from "./strange.ts";
import { termsOf } from "./words.ts";

/** One thing a model is shown, under its number. */
export interface Shown {
  /** As the log names it: nothing of its words but a document's title. */
  readonly named: RetrievedItem;
  readonly title: string;
  readonly text: string;
  /** Of a memory: how far it can be relied on. */
  readonly trust: MemoryTrust | null;
  /** Of earlier work: whether it went well. */
  readonly success: boolean | null;
}

/** A core memory under its number; null where its turn began before they had any. */
export type ShownCore = RecalledMemory["core"][number] & { readonly n: number | null };

/** Everything that was looked up for one turn. */
export interface LookedUp {
  readonly core: readonly ShownCore[];
  readonly items: readonly Shown[];
}

/** Nothing was found, or nothing was looked up. */
export const NOTHING_FOUND: LookedUp = { core: [], items: [] };

/** What choosing goes by. */
export interface ChoiceRules {
  readonly question: string;
  /** Tokens of everything shown, core memory besides. */
  readonly tokens: number;
  /** Runs that are shown anyway: the one being worked on, and those of the history. */
  readonly shownRuns: ReadonlySet<string>;
  /** From here on (epoch ms) an answer to the very same words is the answer cache's to give again; shown, it would make another request of this one. */
  readonly cachedSince: number;
  /** The first number that is free in the run. */
  readonly firstNumber: number;
  /** The numbers core memories have in the run already. */
  readonly coreNumbers: ReadonlyMap<string, number>;
}

const MOST_HITS = 8;
const MOST_MEMORIES = 6;
/** Pieces of one document, so that a long one does not push out everything else. */
const MOST_PIECES = 3;
/** Pieces that share more than this of the shorter one say the same. */
const OVERLAP = 0.5;
/** What an item's wrapping takes, tokens. */
const WRAPPING = 30;
/** A cut text is worth showing from here, tokens. */
const WORTH_CUTTING = 120;

const overlap = (one: ContextItem, other: ContextItem): number => {
  if (one.source.kind !== "document" || other.source.kind !== "document") return 0;
  if (one.source.document_id !== other.source.document_id) return 0;
  const shared = Math.min(one.source.to, other.source.to) - Math.max(one.source.from, other.source.from);
  return shared / Math.max(1, Math.min(one.source.to - one.source.from, other.source.to - other.source.from));
};

/** The first that are fit, and say nothing twice. */
const firstOf = (hits: readonly ContextHit[], isFit: (hit: ContextHit) => boolean): ContextHit[] => {
  const kept: ContextHit[] = [];
  const texts = new Set<string>();
  for (const hit of hits) {
    if (!isFit(hit)) continue;
    const { source } = hit.item;
    const text = hit.item.text.replaceAll(/\s+/g, " ");
    const repeats = texts.has(text) || kept.some(({ item }) => overlap(item, hit.item) > OVERLAP);
    const pieces = kept.filter(
      ({ item }) =>
        source.kind === "document" && item.source.kind === "document" && item.source.document_id === source.document_id,
    ).length;
    if (!repeats && pieces < MOST_PIECES) {
      kept.push(hit);
      texts.add(text);
    }
    if (kept.length === MOST_HITS) break;
  }
  return kept;
};

/** A context item as the fact names it: what was said in it stays where it can be deleted. */
const namedItem = (item: ContextItem, score: number): Omit<RetrievedItem, "n"> => {
  const at = new Date(item.at).toISOString();
  const { source } = item;
  const fromTools = item.tags.includes(READ_STRANGERS) ? { from_tools: true as const } : {};
  if (source.kind === "interaction")
    return { id: item.id, kind: "interaction", score, title: source.work, at, ...fromTools };
  return {
    id: item.id,
    kind: "document",
    score,
    title: plainTitle(source.title),
    document_id: source.document_id,
    from: source.from,
    to: source.to,
    ...(source.page === null ? {} : { page: source.page }),
    at,
  };
};

type Candidate = Omit<Shown, "named"> & { readonly named: Omit<RetrievedItem, "n"> };

const fromMemory = (item: RecalledItem): Candidate => ({
  named: {
    id: item.id,
    kind: "memory",
    score: item.score,
    title: item.type,
    at: new Date(item.at).toISOString(),
    ...(item.trust === "tool" ? { from_tools: true as const } : {}),
  },
  title: plainTitle(item.label),
  text: item.text,
  trust: item.trust,
  success: null,
});

const fromContext = ({ item, score }: ContextHit): Candidate => ({
  named: namedItem(item, score),
  title: plainTitle(item.title),
  text: item.text,
  trust: null,
  success: item.success,
});

const isShownAnyway = ({ source }: ContextItem, runs: ReadonlySet<string>): boolean =>
  source.kind === "interaction" && runs.has(source.run_id);

// Text is cut where about so many tokens end; scripts differ, so it is measured and cut again.
const cutTo = (text: string, tokens: number): string => {
  let kept = text;
  while (estimateTokens(kept) > tokens)
    kept = kept.slice(0, Math.floor((kept.length * tokens) / (estimateTokens(kept) + 1)));
  return kept === text ? text : `${kept.toWellFormed()} […]`;
};

/**
 * Chooses, and gives each its number. Core memory comes first and keeps its numbers in the run: as long as it stays the same, so
 * does the beginning of every request it stands in.
 */
export const chooseContext = (
  hits: readonly ContextHit[],
  memory: RecalledMemory | null,
  rules: ChoiceRules,
): LookedUp => {
  let terms: ReadonlySet<string> | null = null;
  const termsOfQuestion = (): ReadonlySet<string> => {
    terms ??= new Set(termsOf(rules.question));
    return terms;
  };
  const isFit = (hit: ContextHit): boolean =>
    !isShownAnyway(hit.item, rules.shownRuns) &&
    !answeredSince(rules.cachedSince, hit.item, rules.question) &&
    bears(termsOfQuestion, hit);
  const candidates = [
    ...(memory?.items ?? []).slice(0, MOST_MEMORIES).map(fromMemory),
    ...firstOf(hits, isFit).map(fromContext),
  ];
  let next = rules.firstNumber;
  const core = (memory?.core ?? []).map((block): ShownCore => {
    const n = rules.coreNumbers.get(block.id) ?? next;
    next = Math.max(next, n + 1);
    return { ...block, n };
  });
  const items: Shown[] = [];
  let left = rules.tokens;
  for (const candidate of candidates) {
    const room = left - WRAPPING;
    const needed = estimateTokens(candidate.text);
    if (needed > room && room < WORTH_CUTTING) continue;
    const text = cutTo(candidate.text, room);
    left -= WRAPPING + Math.min(needed, room);
    items.push({ ...candidate, text, named: { n: next + items.length, ...candidate.named } });
  }
  return { core, items };
};

/** What was looked up before, from the fact that names it and what is still there of it. What was deleted is simply gone. */
export const lookedUpAgain = (
  named: readonly RetrievedItem[],
  coreNumbers: ReadonlyMap<string, number | null>,
  there: readonly ContextItem[],
  memory: RecalledMemory | null,
  tokens: number,
): LookedUp => {
  const items = new Map(there.map((item) => [item.id, item]));
  const memories = new Map((memory?.items ?? []).map((item) => [item.id, item]));
  let left = tokens;
  const shown = named.flatMap((one): Shown[] => {
    const item = items.get(one.id);
    const known = memories.get(one.id);
    const found =
      one.kind === "memory"
        ? known && { title: known.label, text: known.text, trust: known.trust, success: null }
        : item && { title: item.title, text: item.text, trust: null, success: item.success };
    const room = left - WRAPPING;
    if (found === undefined || room <= 0) return [];
    left -= WRAPPING + Math.min(estimateTokens(found.text), room);
    return [{ ...found, named: one, title: plainTitle(found.title), text: cutTo(found.text, room) }];
  });
  const core = (memory?.core ?? []).flatMap((block): ShownCore[] => {
    const n = coreNumbers.get(block.id);
    return n === undefined ? [] : [{ ...block, n }];
  });
  return { core, items: shown };
};
