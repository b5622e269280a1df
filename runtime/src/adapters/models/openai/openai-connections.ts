import { AppError, isAppError } from '../../../domain/errors.ts';
import { isJsonObject } from '../../../domain/json.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { BackendHealth, ModelEntry } from '../../../ports/model-backend.ts';
import { createCachedList } from '../cached-list.ts';
import { createUpstreamClient } from '../http/upstream-client.ts';
import type { UpstreamClient } from '../http/upstream-client.ts';
import { invalidResponse } from '../http/upstream-errors.ts';
import { cleanBaseUrl, displayUrl } from '../http/upstream-target.ts';
import type { UpstreamLimits } from '../http/upstream-target.ts';
import { withRetry } from '../http/with-retry.ts';

export type OpenAiConnection = {
  /** Including the version, as in `https://api.openai.com/v1`. */
  baseUrl: string;
  /** Empty for a server that wants none. */
  apiKey: string;
};

/** The configured OpenAI-compatible servers and what each of them has. */
export type OpenAiConnections = {
  models(signal: AbortSignal): Promise<ModelEntry[]>;
  serves(model: string, signal: AbortSignal): Promise<boolean>;
  /** The connection that lists the model, also when it is down by now. Throws MODEL_NOT_FOUND. */
  pick(model: unknown, signal: AbortSignal): Promise<{ client: UpstreamClient; model: string }>;
  health(): BackendHealth[];
};

type ConnectionState = { client: UpstreamClient; error: string | null; isKnown: boolean; models: (JsonObject & { id: string })[] };

/** A model that is not in the kept list is looked for once more, at most this often. */
const RECHECK_MS = 1_000;

function hasId(entry: unknown): entry is JsonObject & { id: string } {
  return isJsonObject(entry) && typeof entry['id'] === 'string' && entry['id'] !== '';
}

function toModelEntry(raw: JsonObject & { id: string }, urlIdx: number): ModelEntry {
  return {
    ...raw,
    object: typeof raw['object'] === 'string' ? raw['object'] : 'model',
    owned_by: 'openai',
    connection_type: 'external',
    name: typeof raw['name'] === 'string' && raw['name'] !== '' ? raw['name'] : raw.id,
    openai: { ...raw, connection_type: 'external' },
    provider: '',
    urlIdx,
    actions: [],
    filters: [],
    tags: [],
  };
}

async function listModels(client: UpstreamClient, signal: AbortSignal): Promise<(JsonObject & { id: string })[]> {
  const call = (): Promise<JsonObject> => client.getJson('/models', { signal, timeoutMs: client.target.limits.listTimeoutMs });
  const answer = await withRetry(call, { retries: 1, baseDelayMs: 100, signal });
  if (!Array.isArray(answer['data'])) throw invalidResponse(client.target, 'sent a model list without "data"');
  return answer['data'].filter(hasId);
}

export function createOpenAiConnections(options: { connections: readonly OpenAiConnection[]; limits: UpstreamLimits; listTtlMs: number }): OpenAiConnections {
  const states: ConnectionState[] = options.connections
    .filter(({ baseUrl }) => cleanBaseUrl(baseUrl) !== '')
    .map(({ baseUrl, apiKey }) => ({
      client: createUpstreamClient({ source: 'openai', baseUrl: cleanBaseUrl(baseUrl), apiKey: apiKey.trim(), limits: options.limits }),
      error: null,
      isKnown: false,
      models: [],
    }));

  const refresh = async (state: ConnectionState, signal: AbortSignal): Promise<void> => {
    try {
      state.models = await listModels(state.client, signal);
      state.error = null;
    } catch (error) {
      if (signal.aborted || !isAppError(error)) throw error;
      state.error = error.message;
    }
    state.isKnown = true;
  };

  const list = createCachedList(async (signal): Promise<ModelEntry[]> => {
    await Promise.all(states.map((state) => refresh(state, signal)));
    const entries = new Map<string, ModelEntry>();
    states.forEach((state, urlIdx) => {
      if (state.error !== null) return;
      for (const raw of state.models) if (!entries.has(raw.id)) entries.set(raw.id, toModelEntry(raw, urlIdx));
    });
    return [...entries.values()];
  }, options.listTtlMs);

  const isListed = async (model: string, signal: AbortSignal, maxAgeMs?: number): Promise<boolean> =>
    (await list.get(signal, maxAgeMs)).some(({ id }) => id === model);

  const serves = async (model: string, signal: AbortSignal): Promise<boolean> =>
    (await isListed(model, signal)) || (await isListed(model, signal, RECHECK_MS));

  return {
    models: (signal) => list.get(signal),
    serves,
    pick: async (model, signal) => {
      if (typeof model === 'string') {
        await serves(model, signal);
        const having = states.filter((state) => state.models.some(({ id }) => id === model));
        // A server that is down keeps its last list: "unreachable" is then the truth, "not found" is not.
        const state = having.find(({ error }) => error === null) ?? having[0];
        if (state !== undefined) return { client: state.client, model };
      }
      throw new AppError('MODEL_NOT_FOUND', 'Model not found', { details: { model: typeof model === 'string' ? model : null } });
    },
    health: () =>
      states.map(({ client, error, isKnown }) => ({
        name: 'openai',
        url: displayUrl(client.target.baseUrl),
        ok: isKnown && error === null,
        error: isKnown ? error : 'not asked yet',
      })),
  };
}
