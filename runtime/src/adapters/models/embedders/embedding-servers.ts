import { isAppError } from '../../../domain/errors.ts';
import { isJsonObject } from '../../../domain/json.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import type { UpstreamClient } from '../http/upstream-client.ts';
import { withRetry } from '../http/with-retry.ts';

/** One request for one batch; gives the vectors as the server sent them, in the order of the texts. */
export type RequestVectors = (texts: readonly string[], kind: 'query' | 'passage', signal: AbortSignal) => Promise<Json[]>;

function post(client: UpstreamClient, path: string, body: JsonObject, signal: AbortSignal): Promise<JsonObject> {
  const call = (): Promise<JsonObject> => client.postJson(path, body, { signal, timeoutMs: client.target.limits.embeddingTimeoutMs });
  return withRetry(call, { retries: 2, baseDelayMs: 250, signal });
}

/** Ollama's /api/embed. */
export function ollamaVectors(client: UpstreamClient, model: string): RequestVectors {
  return async (texts, _kind, signal) => {
    const { embeddings } = await post(client, '/api/embed', { model, input: [...texts] }, signal);
    return Array.isArray(embeddings) ? embeddings : [];
  };
}

function inOrder(data: Json | undefined): Json[] {
  const entries = Array.isArray(data) ? data.filter(isJsonObject) : [];
  const placed = entries.map((entry, i) => ({ place: typeof entry['index'] === 'number' ? entry['index'] : i, vector: entry['embedding'] ?? null }));
  return placed.sort((a, b) => a.place - b.place).map(({ vector }) => vector);
}

function refusesBody(error: unknown): boolean {
  return isAppError(error) && (error.details['status'] === 400 || error.details['status'] === 422);
}

/**
 * An OpenAI-compatible /embeddings. `sendsInputType` adds `input_type` (query or passage), by which servers of asymmetric
 * models tell questions from passages; a server that refuses the key is not sent it again.
 */
export function openAiVectors(client: UpstreamClient, model: string, sendsInputType: boolean): RequestVectors {
  let isInputTypeKnown = sendsInputType;
  return async (texts, kind, signal) => {
    const body: JsonObject = { model, input: [...texts], encoding_format: 'float' };
    if (!isInputTypeKnown) return inOrder((await post(client, '/embeddings', body, signal))['data']);
    try {
      return inOrder((await post(client, '/embeddings', { ...body, input_type: kind }, signal))['data']);
    } catch (error) {
      if (!refusesBody(error)) throw error;
      const answer = await post(client, '/embeddings', body, signal);
      // Only now is it known that the key was what the server refused.
      isInputTypeKnown = false;
      return inOrder(answer['data']);
    }
  };
}
