import { randomUUID } from 'node:crypto';

import { isJsonObject } from '../../../domain/json.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';

function countOf(answer: JsonObject, key: string): number {
  const value = answer[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function tokensPerSecond(count: number, durationNs: number): number | string {
  return durationNs > 0 ? Math.round((count * 1e9 * 100) / durationNs) / 100 : 'N/A';
}

/** Ollama's counts in the usage object that Open WebUI reports; durations in nanoseconds as Ollama gives them. */
export function ollamaUsage(answer: JsonObject): JsonObject {
  const input = countOf(answer, 'prompt_eval_count');
  const output = countOf(answer, 'eval_count');
  const totalNs = countOf(answer, 'total_duration');
  const seconds = Math.floor(totalNs / 1e9);
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    prompt_tokens: input,
    completion_tokens: output,
    'response_token/s': tokensPerSecond(output, countOf(answer, 'eval_duration')),
    'prompt_token/s': tokensPerSecond(input, countOf(answer, 'prompt_eval_duration')),
    total_duration: totalNs,
    load_duration: countOf(answer, 'load_duration'),
    prompt_eval_count: input,
    prompt_eval_duration: countOf(answer, 'prompt_eval_duration'),
    eval_count: output,
    eval_duration: countOf(answer, 'eval_duration'),
    approximate_total: `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m${seconds % 60}s`,
    completion_tokens_details: { reasoning_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}

function toOpenAiToolCall(call: JsonObject, place: number): JsonObject {
  const called = isJsonObject(call['function']) ? call['function'] : {};
  const given = called['arguments'];
  return {
    index: typeof called['index'] === 'number' ? called['index'] : place,
    id: typeof call['id'] === 'string' && call['id'] !== '' ? call['id'] : `call_${randomUUID()}`,
    type: 'function',
    function: { name: called['name'] ?? '', arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}) },
  };
}

type Parts = { content: string; thinking: string; toolCalls: JsonObject[] };

function partsOf(answer: JsonObject, firstCall: number): Parts {
  const message: JsonObject = isJsonObject(answer['message']) ? answer['message'] : {};
  const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
  const calls = Array.isArray(message['tool_calls']) ? message['tool_calls'].filter(isJsonObject) : [];
  return {
    content: textOf(message['content']),
    thinking: textOf(message['thinking']),
    toolCalls: calls.map((call, i) => toOpenAiToolCall(call, firstCall + i)),
  };
}

function finishReason(answer: JsonObject, hasToolCalls: boolean): string {
  if (hasToolCalls) return 'tool_calls';
  return answer['done_reason'] === 'length' ? 'length' : 'stop';
}

function modelOf(answer: JsonObject, asked: string): string {
  return typeof answer['model'] === 'string' ? answer['model'] : asked;
}

function epochSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}

/** `chat.completion` for a whole answer of /api/chat, in Open WebUI's key order. */
export function toChatCompletion(answer: JsonObject, askedModel: string): JsonObject {
  const { content, thinking, toolCalls } = partsOf(answer, 0);
  const model = modelOf(answer, askedModel);
  const message: JsonObject = {
    role: 'assistant',
    content,
    ...(thinking === '' ? {} : { reasoning_content: thinking }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
  return {
    id: `${model}-${randomUUID()}`,
    created: epochSeconds(),
    model,
    choices: [{ index: 0, logprobs: null, finish_reason: finishReason(answer, toolCalls.length > 0), message }],
    object: 'chat.completion',
    usage: ollamaUsage(answer),
  };
}

/** Turns the lines of one streamed answer of /api/chat into `chat.completion.chunk` objects; keeps id and role across them. */
export type ChunkMaker = {
  /** Chunks for one line: none for an empty one, two for a last line that still carries text. */
  chunksFor(line: JsonObject): JsonObject[];
};

export function createChunkMaker(askedModel: string): ChunkMaker {
  const id = `chatcmpl-${randomUUID()}`;
  let isFirst = true;
  let toolCallCount = 0;

  const chunk = (line: JsonObject, delta: JsonObject, finish: string | null, usage?: JsonObject): JsonObject => ({
    id,
    created: epochSeconds(),
    model: modelOf(line, askedModel),
    choices: [{ index: 0, logprobs: null, finish_reason: finish, delta }],
    object: 'chat.completion.chunk',
    ...(usage === undefined ? {} : { usage }),
  });

  return {
    chunksFor: (line) => {
      const { content, thinking, toolCalls } = partsOf(line, toolCallCount);
      toolCallCount += toolCalls.length;
      const chunks: JsonObject[] = [];
      if (isFirst || content !== '' || thinking !== '' || toolCalls.length > 0) {
        const delta: JsonObject = {
          ...(content !== '' || (isFirst && thinking === '' && toolCalls.length === 0) ? { content } : {}),
          ...(isFirst ? { role: 'assistant' } : {}),
          ...(thinking === '' ? {} : { reasoning_content: thinking }),
          ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
        };
        isFirst = false;
        chunks.push(chunk(line, delta, null));
      }
      if (line['done'] === true) chunks.push(chunk(line, {}, finishReason(line, toolCallCount > 0), ollamaUsage(line)));
      return chunks;
    },
  };
}
