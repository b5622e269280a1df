import { AppError, isAppError } from '../../../domain/errors.ts';
import { isJsonObject } from '../../../domain/json.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { BackendHealth } from '../../../ports/model-backend.ts';
import { createCachedList } from '../cached-list.ts';
import { createUpstreamClient } from '../http/upstream-client.ts';
import type { UpstreamClient } from '../http/upstream-client.ts';
import { displayUrl } from '../http/upstream-target.ts';
import type { UpstreamLimits } from '../http/upstream-target.ts';
import { withRetry } from '../http/with-retry.ts';

export type OllamaServer = { index: number; client: UpstreamClient };

/** How a server is chosen among several that have the model. */
export type ServerChoice = 'round-robin' | 'random';

export type OllamaServersOptions = {
  baseUrls: readonly string[];
  limits: UpstreamLimits;
  listTtlMs: number;
  choice: ServerChoice;
};

/** The configured Ollama servers and what each of them has. */
export type OllamaServers = {
  /** Merged entries of /api/tags of every reachable server, with connection_type, urls and, if loaded, expires_at. */
  tags(signal: AbortSignal): Promise<JsonObject[]>;
  ps(signal: AbortSignal): Promise<JsonObject[]>;
  version(signal: AbortSignal): Promise<string | null>;
  /** The complete name under which the model is listed (`x` finds `x:latest`); null when no server has it. */
  fullName(model: string, signal: AbortSignal): Promise<string | null>;
  /** A server that has the model. Throws OLLAMA_MODEL_NOT_FOUND, or UPSTREAM_UNREACHABLE when the only servers that had it are down. */
  pick(model: unknown, signal: AbortSignal): Promise<{ server: OllamaServer; model: string }>;
  /** The server of that place in the configuration; a negative index counts from the end. Throws INVALID_INPUT outside of it. */
  at(index: number): OllamaServer;
  health(): BackendHealth[];
};

type ServerState = { server: OllamaServer; error: string | null; isKnown: boolean; tags: JsonObject[] };

/** A model that is not in the kept list is looked for once more, at most this often. */
const RECHECK_MS = 1_000;

export function createOllamaServers(options: OllamaServersOptions): OllamaServers {
  const states: ServerState[] = options.baseUrls.map((baseUrl, index) => ({
    server: { index, client: createUpstreamClient({ source: 'ollama', baseUrl, apiKey: '', limits: options.limits }) },
    error: null,
    isKnown: false,
    tags: [],
  }));
  let turn = 0;

  /** What each server answers, in their order; a failure is kept as the error it is. */
  const askAll = async (path: string, signal: AbortSignal): Promise<{ state: ServerState; answer: JsonObject | AppError }[]> => {
    const ask = async (state: ServerState): Promise<{ state: ServerState; answer: JsonObject | AppError }> => {
      const call = (): Promise<JsonObject> => state.server.client.getJson(path, { signal, timeoutMs: options.limits.listTimeoutMs });
      try {
        return { state, answer: await withRetry(call, { retries: 1, baseDelayMs: 100, signal }) };
      } catch (error) {
        if (signal.aborted || !isAppError(error)) throw error;
        return { state, answer: error };
      }
    };
    return Promise.all(states.map(ask));
  };

  const answersOf = async (path: string, signal: AbortSignal): Promise<JsonObject[]> =>
    (await askAll(path, signal)).flatMap(({ answer }) => (isAppError(answer) ? [] : [answer]));

  const loadTags = async (signal: AbortSignal): Promise<JsonObject[]> => {
    const [lists, running] = await Promise.all([askAll('/api/tags', signal), loadRunning(signal)]);
    for (const { state, answer } of lists) {
      state.isKnown = true;
      state.error = isAppError(answer) ? answer.message : null;
      if (!isAppError(answer)) state.tags = objectsIn(answer, 'models').filter((entry) => nameOf(entry) !== null);
    }
    return mergeTags(states.filter((state) => state.error === null), running);
  };

  /** When each loaded model expires. Servers too old for /api/ps, or busy, have none; their health is judged by the tags. */
  const loadRunning = async (signal: AbortSignal): Promise<Map<string, number>> => {
    const expiries = new Map<string, number>();
    for (const answer of await answersOf('/api/ps', signal)) {
      for (const entry of objectsIn(answer, 'models')) {
        const [name, epoch] = [nameOf(entry), expiryEpoch(entry)];
        if (name !== null && epoch !== null) expiries.set(name, Math.max(epoch, expiries.get(name) ?? 0));
      }
    }
    return expiries;
  };

  const list = createCachedList(loadTags, options.listTtlMs);

  const find = async (model: string, signal: AbortSignal, maxAgeMs?: number): Promise<string | null> => {
    const entries = await list.get(signal, maxAgeMs);
    return matchName(model, new Set(entries.map((entry) => nameOf(entry) ?? '')));
  };

  const fullName = async (model: string, signal: AbortSignal): Promise<string | null> =>
    (await find(model, signal)) ?? (await find(model, signal, RECHECK_MS));

  const choose = (candidates: readonly ServerState[]): OllamaServer | undefined => {
    turn += 1;
    const place = options.choice === 'random' ? Math.floor(Math.random() * candidates.length) : turn % candidates.length;
    return candidates[place]?.server;
  };

  const pick = async (model: unknown, signal: AbortSignal): Promise<{ server: OllamaServer; model: string }> => {
    if (typeof model !== 'string' || model === '') throw modelNotFound(model);
    const listed = await fullName(model, signal);
    const having = states.flatMap((state) => {
      const name = matchName(model, new Set(state.tags.map((entry) => nameOf(entry) ?? '')));
      return name === null ? [] : [{ state, name }];
    });
    // A server that is down keeps its last list: "unreachable" is then the truth, "not found" is not.
    const alive = having.filter(({ state }) => state.error === null);
    const candidates = listed !== null && alive.length > 0 ? alive : having;
    const server = choose(candidates.map(({ state }) => state));
    const name = candidates[0]?.name;
    if (server === undefined || name === undefined) throw modelNotFound(model);
    return { server, model: name };
  };

  return {
    tags: (signal) => list.get(signal),
    ps: async (signal) => (await answersOf('/api/ps', signal)).flatMap((answer) => objectsIn(answer, 'models')),
    version: async (signal) => {
      const versions = (await answersOf('/api/version', signal)).flatMap(({ version }) => (typeof version === 'string' ? [version] : []));
      return versions.sort(compareVersions)[0] ?? null;
    },
    fullName,
    pick,
    at: (index) => {
      const state = Number.isInteger(index) ? states.at(index) : undefined;
      if (state === undefined) throw new AppError('INVALID_INPUT', `There is no Ollama server ${index}: ${states.length} are configured, counted from 0.`);
      return state.server;
    },
    health: () =>
      states.map(({ server, error, isKnown }) => ({
        name: 'ollama',
        url: displayUrl(server.client.target.baseUrl),
        ok: isKnown && error === null,
        error: isKnown ? error : 'not asked yet',
      })),
  };
}
