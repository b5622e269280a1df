import { isAppError } from '../../../domain/errors.ts';
import { scalarText, type JsonObject } from '../../../domain/json.ts';
import type { ModelBackend, ModelEntry } from '../../../ports/model-backend.ts';
import type { OllamaGateway } from '../../../ports/ollama-gateway.ts';
import { invalidResponse, statusError } from '../http/upstream-errors.ts';
import { cleanBaseUrl, DEFAULT_UPSTREAM_LIMITS } from '../http/upstream-target.ts';
import type { UpstreamLimits } from '../http/upstream-target.ts';
import { withRetry } from '../http/with-retry.ts';
import { createChunkMaker, toChatCompletion } from './from-ollama-chat.ts';
import { readJsonLines } from './json-lines.ts';
import { fromOllamaEmbed, toOllamaEmbed } from './ollama-embeddings.ts';
import { createOllamaGateway } from './ollama-gateway.ts';
import { createOllamaServers } from './ollama-servers.ts';
import type { OllamaServers, ServerChoice } from './ollama-servers.ts';
import { toOllamaChat } from './to-ollama-chat.ts';

export type OllamaBackendOptions = {
  /** Addresses without `/api`; empty ones are left out. */
  baseUrls: readonly string[];
  /** Overrides of DEFAULT_UPSTREAM_LIMITS. */
  limits?: Partial<UpstreamLimits>;
  /** How long a model list is kept; default 5 s. */
  listTtlMs?: number;
  /** Default round-robin. */
  choice?: ServerChoice;
};

const LIST_TTL_MS = 5_000;

function toModelEntry(tag: JsonObject): ModelEntry {
  const id = scalarText(tag['model'], '');
  return {
    id,
    name: scalarText(tag['name'], id),
    object: 'model',
    created: 0,
    owned_by: 'ollama',
    ollama: tag,
    loaded: tag['expires_at'] !== undefined,
    connection_type: 'local',
    tags: [],
    actions: [],
    filters: [],
  };
}

async function* chatChunks(servers: OllamaServers, request: JsonObject, signal: AbortSignal): AsyncGenerator<JsonObject> {
  const { server, model } = await servers.pick(request['model'], signal);
  const { target } = server.client;
  const stream = await server.client.openStream('/api/chat', toOllamaChat(request, model, true), signal);
  const maker = createChunkMaker(model);
  let hasBegun = false;
  try {
    for await (const line of readJsonLines(target, stream)) {
      if (line['error'] !== undefined) throw statusError(target, { status: 502, text: JSON.stringify(line) });
      for (const chunk of maker.chunksFor(line)) {
        hasBegun = true;
        yield chunk;
      }
    }
  } catch (error) {
    // Before the first chunk the caller can still answer with a status.
    if (!hasBegun || signal.aborted || !isAppError(error)) throw error;
    yield { error: { message: error.message } };
  }
}

/** Ollama servers behind OpenAI's chat vocabulary, and as themselves behind `gateway`. */
export function createOllamaBackend(options: OllamaBackendOptions): ModelBackend & { gateway: OllamaGateway } {
  const servers = createOllamaServers({
    baseUrls: options.baseUrls.map(cleanBaseUrl).filter((url) => url !== ''),
    limits: { ...DEFAULT_UPSTREAM_LIMITS, ...options.limits },
    listTtlMs: options.listTtlMs ?? LIST_TTL_MS,
    choice: options.choice ?? 'round-robin',
  });

  return {
    kind: 'ollama',
    gateway: createOllamaGateway(servers),
    models: async (signal) => (await servers.tags(signal)).map(toModelEntry),
    serves: async (model, signal) => (await servers.fullName(model, signal)) !== null,
    chat: async (request, signal) => {
      const { server, model } = await servers.pick(request['model'], signal);
      const { target } = server.client;
      const answer = await server.client.postJson('/api/chat', toOllamaChat(request, model, false), { signal, timeoutMs: target.limits.totalTimeoutMs });
      if (typeof answer['message'] !== 'object') throw invalidResponse(target, 'sent an answer without a message');
      return toChatCompletion(answer, model);
    },
    chatStream: (request, signal) => chatChunks(servers, request, signal),
    embeddings: async (request, signal) => {
      const { server, model } = await servers.pick(request['model'], signal);
      const { target } = server.client;
      const body = toOllamaEmbed(request, model);
      const call = (): Promise<JsonObject> => server.client.postJson('/api/embed', body, { signal, timeoutMs: target.limits.embeddingTimeoutMs });
      return fromOllamaEmbed(target, await withRetry(call, { retries: 2, baseDelayMs: 250, signal }), request);
    },
    health: () => servers.health(),
  };
}
