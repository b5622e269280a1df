import { setImmediate as nextTurn } from 'node:timers/promises';

import type { EmbeddingProfile } from '../../../domain/embedding-profile.ts';
import { AppError } from '../../../domain/errors.ts';
import { profileKey } from '../../../domain/profile-key.ts';
import type { Embedder } from '../../../ports/embedder.ts';
import { LEXICAL_EMBED_MODEL, LEXICAL_EMBED_REVISION, lexicalEmbed } from '../builtin/lexical-embed.ts';
import { createUpstreamClient } from '../http/upstream-client.ts';
import { cleanBaseUrl, DEFAULT_UPSTREAM_LIMITS } from '../http/upstream-target.ts';
import type { UpstreamLimits } from '../http/upstream-target.ts';
import { ollamaVectors, openAiVectors } from './embedding-servers.ts';
import type { RequestVectors } from './embedding-servers.ts';
import { inBatches } from './in-batches.ts';
import { normaliseVectors } from './normalise-vectors.ts';

export type EmbedderConfig = {
  /** RAG_EMBEDDING_ENGINE; empty means the built-in model. */
  engine: '' | 'builtin' | 'ollama' | 'openai';
  /** RAG_EMBEDDING_MODEL; not read for the built-in model. */
  model: string;
  /** RAG_OLLAMA_BASE_URL (without /api) or RAG_OPENAI_API_BASE_URL (with /v1). */
  baseUrl: string;
  apiKey: string;
  /** RAG_EMBEDDING_QUERY_PREFIX and RAG_EMBEDDING_CONTENT_PREFIX, put before every text: plain e5 models want `query: ` and `passage: `. */
  queryPrefix: string;
  passagePrefix: string;
  /** Texts a request; default 32. */
  batchSize?: number;
  /** Requests at a time; default 2. */
  concurrency?: number;
  /** Overrides of DEFAULT_UPSTREAM_LIMITS. */
  limits?: Partial<UpstreamLimits>;
  /** The measured floor of a profile's model (`domain/relevance-floor.ts`). */
  relevanceFloor: (profile: EmbeddingProfile) => number;
};

const BATCH_SIZE = 32;
const CONCURRENCY = 2;

/** Built-in vectors are made in this process: other work gets its turn between batches. */
function builtinEmbedder(config: EmbedderConfig): Embedder {
  const profile: EmbeddingProfile = { provider: 'builtin', model: LEXICAL_EMBED_MODEL, revision: LEXICAL_EMBED_REVISION, queryPrefix: '', passagePrefix: '' };
  return {
    profile,
    profileKey: profileKey(profile),
    relevanceFloor: config.relevanceFloor(profile),
    embed: (texts, _kind, signal) =>
      inBatches(texts, { batchSize: BATCH_SIZE, concurrency: 1, signal }, async (batch) => {
        const vectors = batch.map(lexicalEmbed);
        await nextTurn();
        return vectors;
      }),
  };
}

function requestVectors(config: EmbedderConfig, source: 'ollama' | 'openai'): RequestVectors {
  const limits = { ...DEFAULT_UPSTREAM_LIMITS, ...config.limits };
  const client = createUpstreamClient({ source, baseUrl: cleanBaseUrl(config.baseUrl), apiKey: config.apiKey, limits });
  if (source === 'ollama') return ollamaVectors(client, config.model);
  // A server that is told the kind adds the model's prefixes itself; with prefixes configured they would come twice.
  return openAiVectors(client, config.model, config.queryPrefix === '' && config.passagePrefix === '');
}

function remoteEmbedder(config: EmbedderConfig, provider: 'ollama' | 'openai'): Embedder {
  if (config.model === '') throw new AppError('CONFIG_INVALID', `RAG_EMBEDDING_MODEL must name the embedding model when RAG_EMBEDDING_ENGINE is "${provider}".`);
  if (!URL.canParse(config.baseUrl)) throw new AppError('CONFIG_INVALID', `The address of the "${provider}" embedding server is not a URL.`);
  const profile: EmbeddingProfile = { provider, model: config.model, revision: '', queryPrefix: config.queryPrefix, passagePrefix: config.passagePrefix };
  const request = requestVectors(config, provider);
  const batching = { batchSize: Math.max(1, config.batchSize ?? BATCH_SIZE), concurrency: Math.max(1, config.concurrency ?? CONCURRENCY) };
  let dimensions: number | null = null;
  return {
    profile,
    profileKey: profileKey(profile),
    relevanceFloor: config.relevanceFloor(profile),
    embed: (texts, kind, signal) => {
      const prefix = kind === 'query' ? config.queryPrefix : config.passagePrefix;
      return inBatches(texts, { ...batching, signal }, async (batch, batchSignal) => {
        const vectors = await request(batch.map((text) => prefix + text), kind, batchSignal);
        const normalised = normaliseVectors(vectors, { model: config.model, textCount: batch.length, expected: dimensions });
        dimensions ??= normalised[0]?.length ?? null;
        return normalised;
      });
    },
  };
}

/** The configured embedder. Throws CONFIG_INVALID when a server's model or address is missing. */
export function createEmbedder(config: EmbedderConfig): Embedder {
  return config.engine === 'ollama' || config.engine === 'openai' ? remoteEmbedder(config, config.engine) : builtinEmbedder(config);
}
