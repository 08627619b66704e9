// A guess at token counts where the provider gives none: for budgets before a call, and for usage after a silent one.
// Weighted by script, because "four characters a token" is right for English only: Cyrillic costs half as much again or more,
// an ideograph about a token each. A heuristic, not a tokenizer: never bill by it.
import type { ModelMessage, ModelTool } from "./port.ts";

const PER_MESSAGE = 4;

const weightOf = (codePoint: number): number => {
  if (codePoint < 0x80) return 0.25;
  if (codePoint < 0x370) return 0.45; // accented Latin
  if (codePoint < 0x700) return 0.4; // Greek, Cyrillic, Armenian, Hebrew, Arabic
  if (codePoint < 0x1100) return 0.7; // Indic scripts, Thai, Georgian
  if (codePoint >= 0x2000 && codePoint < 0x2c00) return 0.6; // punctuation, arrows, box drawing
  if (codePoint < 0x10000) return 1; // kana, ideographs, hangul
  return 1.5; // emoji and rare ideographs
};

/** About how many tokens this text is. */
export const estimateTokens = (text: string): number => {
  let weight = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      weight += 0.25;
      continue;
    }
    const codePoint = text.codePointAt(index) ?? unit;
    if (codePoint > 0xffff) index += 1;
    weight += weightOf(codePoint);
  }
  return Math.ceil(weight);
};

/** About how many tokens one message takes in a conversation, with its wrapping. */
export const estimateMessageTokens = (message: ModelMessage): number => {
  const content = estimateTokens(message.content ?? "") + PER_MESSAGE;
  if (message.role !== "assistant") return content;
  return message.toolCalls.reduce(
    (sum, call) => sum + PER_MESSAGE + estimateTokens(call.name) + estimateTokens(call.arguments),
    content,
  );
};

/** About how many tokens a whole request is, tool definitions included. */
export const estimateRequestTokens = (messages: readonly ModelMessage[], tools: readonly ModelTool[]): number =>
  messages.reduce((sum, message) => sum + estimateMessageTokens(message), 0) +
  tools.reduce(
    (sum, tool) => sum + PER_MESSAGE + estimateTokens(tool.name + tool.description + JSON.stringify(tool.parameters)),
    0,
  );
