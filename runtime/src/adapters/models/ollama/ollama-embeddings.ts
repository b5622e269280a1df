import { AppError } from '../../../domain/errors.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { invalidResponse } from '../http/upstream-errors.ts';
import type { UpstreamTarget } from '../http/upstream-target.ts';
import { openAiEmbeddings } from '../openai-embeddings.ts';

function isText(value: Json): value is string {
  return typeof value === 'string';
}

/** The texts of an OpenAI embeddings request. Throws INVALID_INPUT for a missing input and for token numbers, which belong to one tokenizer. */
export function inputTexts(input: Json | undefined): string[] {
  const texts = typeof input === 'string' ? [input] : input;
  if (!Array.isArray(texts) || texts.length === 0 || !texts.every(isText)) {
    throw new AppError('INVALID_INPUT', '"input" must be a text or a list of texts.');
  }
  return texts;
}

/** Body of /api/embed for an OpenAI embeddings request. */
export function toOllamaEmbed(request: JsonObject, model: string): JsonObject {
  const body: JsonObject = { model, input: inputTexts(request['input']) };
  for (const key of ['truncate', 'options', 'keep_alive', 'dimensions']) {
    const value = request[key];
    if (value !== undefined && value !== null) body[key] = value;
  }
  return body;
}

/** OpenAI's answer for one of /api/embed. Throws UPSTREAM_INVALID_RESPONSE when the vectors are missing. */
export function fromOllamaEmbed(target: UpstreamTarget, answer: JsonObject, request: JsonObject): JsonObject {
  const vectors = answer['embeddings'];
  if (!Array.isArray(vectors) || vectors.length !== inputTexts(request['input']).length) throw invalidResponse(target, 'sent no vector for each text');
  return openAiEmbeddings(vectors.map((vector) => (Array.isArray(vector) ? vector.map(Number) : [])), request);
}
