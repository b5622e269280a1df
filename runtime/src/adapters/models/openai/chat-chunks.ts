import { isJsonObject } from '../../../domain/json.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import { parseJson } from '../http/parse-json.ts';
import { readText } from '../http/read-body.ts';
import { readLines } from '../http/read-lines.ts';
import { sseEvents } from '../http/sse-events.ts';
import type { UpstreamStream } from '../http/upstream-client.ts';
import { brokenOff, invalidResponse, statusError } from '../http/upstream-errors.ts';
import type { UpstreamTarget } from '../http/upstream-target.ts';

/** A server's event types that carry chunks; any other type is not part of a chat and is left out. */
const CHUNK_EVENTS = new Set(['', 'message', 'error']);

/** A whole completion as the chunks of a stream, for a server that does not stream. */
function* completionAsChunks(completion: JsonObject): Generator<JsonObject> {
  const choices = Array.isArray(completion['choices']) ? completion['choices'].filter(isJsonObject) : [];
  const { usage, ...rest } = completion;
  const withChoices = (map: (choice: JsonObject) => JsonObject): JsonObject => ({ ...rest, object: 'chat.completion.chunk', choices: choices.map(map) });
  yield withChoices(({ message, ...choice }) => ({ ...choice, finish_reason: null, delta: message ?? {} }));
  const last = withChoices(({ message: _message, ...choice }) => ({ ...choice, delta: {} }));
  yield usage === undefined ? last : { ...last, usage };
}

function hasFinished(chunk: JsonObject): boolean {
  const choices = chunk['choices'];
  return Array.isArray(choices) && choices.some((choice) => isJsonObject(choice) && typeof choice['finish_reason'] === 'string');
}

/** The chunk in an event's data, or undefined for an object that is no part of a chat. Throws for what is no object or reports an error. */
function chunkOf(target: UpstreamTarget, event: string, data: string): JsonObject | undefined {
  const value = parseJson(data);
  if (event === 'error' && !(isJsonObject(value) && value['error'] !== undefined)) {
    throw statusError(target, { status: 502, text: data });
  }
  if (!isJsonObject(value)) throw invalidResponse(target, 'sent an event that is not a JSON object');
  const error = value['error'];
  if (error !== undefined && error !== null) throw statusError(target, { status: 502, text: data });
  return Array.isArray(value['choices']) ? value : undefined;
}

/**
 * The chunks of a streamed chat up to `[DONE]`. A missing `[DONE]` is accepted once a choice has finished. Throws
 * UPSTREAM_ERROR for an error event, UPSTREAM_INVALID_RESPONSE for what is no stream of objects, UPSTREAM_UNREACHABLE for a
 * stream that stops before its end.
 */
export async function* readChatChunks(target: UpstreamTarget, stream: UpstreamStream): AsyncGenerator<JsonObject> {
  if (stream.contentType.includes('json') || stream.contentType.includes('html')) {
    const answer = parseAnswer(target, await readText(target, stream.chunks), stream.contentType);
    if (!Array.isArray(answer['choices'])) throw invalidResponse(target, 'sent an answer without choices');
    yield* completionAsChunks(answer);
    return;
  }
  const tooLong = (): never => {
    throw invalidResponse(target, `sent a line above ${target.limits.maxLineBytes} bytes`);
  };
  let isFinished = false;
  const lines = readLines(stream.chunks, target.limits.maxLineBytes, tooLong);
  for await (const { event, data } of sseEvents(lines, target.limits.maxLineBytes, tooLong)) {
    if (data.trim() === '[DONE]') return;
    if (!CHUNK_EVENTS.has(event) || data.trim() === '') continue;
    const chunk = chunkOf(target, event, data);
    if (chunk === undefined) continue;
    isFinished ||= hasFinished(chunk);
    yield chunk;
  }
  if (!isFinished) throw brokenOff(target, 'it ended before the last event');
}
