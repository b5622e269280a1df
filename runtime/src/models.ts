import { createBuiltinBackend } from './adapters/models/builtin/builtin-backend.ts';
import { createEmbedder } from './adapters/models/embedders/create-embedder.ts';
import { createOllamaBackend } from './adapters/models/ollama/ollama-backend.ts';
import { createOpenAiBackend } from './adapters/models/openai/openai-backend.ts';
import type { Config } from './config.ts';
import { relevanceFloor } from './domain/relevance-floor.ts';
import type { Embedder } from './ports/embedder.ts';
import type { ModelBackend } from './ports/model-backend.ts';
import { createModelDirectory, type ModelDirectory } from './usecases/model-directory.ts';

export type Models = { directory: ModelDirectory; embedder: Embedder; backends: ModelBackend[] };

/** Wires the model servers that the settings name; part of the composition root. */
export function createModels(config: Config): Models {
  const limits = { totalTimeoutMs: config.AIOHTTP_CLIENT_TIMEOUT * 1000 };
  const ollama = config.ENABLE_OLLAMA_API && config.OLLAMA_BASE_URLS.length > 0 ? createOllamaBackend({ baseUrls: config.OLLAMA_BASE_URLS, limits }) : null;
  const connections = config.OPENAI_API_BASE_URLS.map((baseUrl, at) => ({ baseUrl, apiKey: config.OPENAI_API_KEYS[at] ?? '' }));
  const openai = connections.length > 0 ? createOpenAiBackend({ connections, limits }) : null;
  const builtin = config.ENABLE_BUILTIN_MODELS === 'false' ? null : createBuiltinBackend();
  const backends: ModelBackend[] = [openai, ollama].filter((backend) => backend !== null);
  return {
    backends,
    embedder: embedder(config),
    directory: createModelDirectory({
      backends,
      builtin,
      ollama: ollama?.gateway ?? null,
      builtinOllama: builtin?.gateway ?? null,
      builtinMode: config.ENABLE_BUILTIN_MODELS,
      isOllamaEnabled: config.ENABLE_OLLAMA_API,
    }),
  };
}

function embedder(config: Config): Embedder {
  const isOllama = config.RAG_EMBEDDING_ENGINE === 'ollama';
  return createEmbedder({
    engine: config.RAG_EMBEDDING_ENGINE,
    model: config.RAG_EMBEDDING_MODEL,
    baseUrl: isOllama ? config.RAG_OLLAMA_BASE_URL || (config.OLLAMA_BASE_URLS[0] ?? '') : config.RAG_OPENAI_API_BASE_URL || (config.OPENAI_API_BASE_URLS[0] ?? ''),
    apiKey: isOllama ? config.RAG_OLLAMA_API_KEY : config.RAG_OPENAI_API_KEY,
    queryPrefix: config.RAG_EMBEDDING_QUERY_PREFIX,
    passagePrefix: config.RAG_EMBEDDING_CONTENT_PREFIX,
    batchSize: config.RAG_EMBEDDING_BATCH_SIZE,
    concurrency: config.RAG_EMBEDDING_CONCURRENT_REQUESTS,
    limits: { embeddingTimeoutMs: config.RAG_EMBEDDING_TIMEOUT * 1000 },
    relevanceFloor,
  });
}
