import { isAppError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { ModelBackend } from '../../../ports/model-backend.ts';
import { invalidResponse } from '../http/upstream-errors.ts';
import { DEFAULT_UPSTREAM_LIMITS } from '../http/upstream-target.ts';
import type { UpstreamLimits } from '../http/upstream-target.ts';
import { withRetry } from '../http/with-retry.ts';
import { readChatChunks } from './chat-chunks.ts';
import { createOpenAiConnections } from './openai-connections.ts';
import type { OpenAiConnection, OpenAiConnections } from './openai-connections.ts';
import { toOpenAiChat } from './to-openai-chat.ts';

export type OpenAiBackendOptions = {
  connections: readonly OpenAiConnection[];
  /** Overrides of DEFAULT_UPSTREAM_LIMITS. */
  limits?: Partial<UpstreamLimits>;
  /** How long a model list is kept; default 5 s. */
  listTtlMs?: number;
};

const LIST_TTL_MS = 5_000;

async function* chatChunks(connections: OpenAiConnections, request: JsonObject, signal: AbortSignal): AsyncGenerator<JsonObject> {
  const { client, model } = await connections.pick(request['model'], signal);
  const stream = await client.openStream('/chat/completions', toOpenAiChat(request, model, true, client.target.baseUrl), signal);
  let hasBegun = false;
  try {
    for await (const chunk of readChatChunks(client.target, stream)) {
      hasBegun = true;
      yield chunk;
    }
  } catch (error) {
    // Before the first chunk the caller can still answer with a status.
    if (!hasBegun || signal.aborted || !isAppError(error)) throw error;
    yield { error: { message: error.message } };
  }
}

/** OpenAI-compatible servers: bodies are relayed as parsed and re-encoded JSON objects. */
export function createOpenAiBackend(options: OpenAiBackendOptions): ModelBackend {
  const connections = createOpenAiConnections({
    connections: options.connections,
    limits: { ...DEFAULT_UPSTREAM_LIMITS, ...options.limits },
    listTtlMs: options.listTtlMs ?? LIST_TTL_MS,
  });

  return {
    kind: 'openai',
    models: (signal) => connections.models(signal),
    serves: (model, signal) => connections.serves(model, signal),
    chat: async (request, signal) => {
      const { client, model } = await connections.pick(request['model'], signal);
      const { target } = client;
      const body = toOpenAiChat(request, model, false, target.baseUrl);
      const answer = await client.postJson('/chat/completions', body, { signal, timeoutMs: target.limits.totalTimeoutMs });
      if (!Array.isArray(answer['choices'])) throw invalidResponse(target, 'sent an answer without choices');
      return answer;
    },
    chatStream: (request, signal) => chatChunks(connections, request, signal),
    embeddings: async (request, signal) => {
      const { client } = await connections.pick(request['model'], signal);
      const { target } = client;
      const call = (): Promise<JsonObject> => client.postJson('/embeddings', request, { signal, timeoutMs: target.limits.embeddingTimeoutMs });
      const answer = await withRetry(call, { retries: 2, baseDelayMs: 250, signal });
      if (!Array.isArray(answer['data'])) throw invalidResponse(target, 'sent an embeddings answer without "data"');
      return answer;
    },
    health: () => connections.health(),
  };
}
