import { isJsonObject } from '../../../domain/json.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { cutAtStop, estimateTokens, limitPieces, splitPieces } from './answer-pieces.ts';
import { extractiveAnswer } from './extractive-answer.ts';
import { readChatPrompt } from './read-prompt.ts';

/** What the extractive model makes of one request: pieces to stream and Ollama's counts (tokens are estimates). */
export type AnswerRun = { pieces: string[]; doneReason: 'stop' | 'length'; counts: JsonObject };

function messagesOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The messages that a body of /api/generate amounts to. */
export function generateMessages(body: JsonObject): JsonObject[] {
  return [
    ...(typeof body['system'] === 'string' ? [{ role: 'system', content: body['system'] }] : []),
    { role: 'user', content: typeof body['prompt'] === 'string' ? body['prompt'] : '' },
  ];
}

function stopsOf(options: JsonObject): string[] {
  const stop = options['stop'];
  return (Array.isArray(stop) ? stop : [stop]).filter((item) => typeof item === 'string');
}

function limitOf(options: JsonObject): number | null {
  const limit = options['num_predict'];
  return typeof limit === 'number' && limit > 0 ? limit : null;
}

/** Answers a chat; `options` are Ollama's, of which `stop` and `num_predict` have an effect. */
export function runExtractive(messages: Json | undefined, options: Json | undefined): AnswerRun {
  const startedMs = performance.now();
  const list = messagesOf(messages);
  const settings = isJsonObject(options) ? options : {};
  const answer = cutAtStop(extractiveAnswer(readChatPrompt(list)), stopsOf(settings));
  const { pieces, isCut } = limitPieces(splitPieces(answer), limitOf(settings));
  const elapsedNs = Math.max(1, Math.round((performance.now() - startedMs) * 1e6));
  return {
    pieces,
    doneReason: isCut ? 'length' : 'stop',
    counts: {
      total_duration: elapsedNs,
      load_duration: 0,
      prompt_eval_count: list.reduce((sum, { content }) => sum + estimateTokens(typeof content === 'string' ? content : JSON.stringify(content ?? '')), 0),
      prompt_eval_duration: elapsedNs,
      eval_count: estimateTokens(pieces.join('')),
      eval_duration: 0,
    },
  };
}
