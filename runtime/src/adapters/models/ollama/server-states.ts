import { isAppError } from '../../../domain/errors.ts';
import type { AppError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { BackendHealth } from '../../../ports/model-backend.ts';
import { createUpstreamClient } from '../http/upstream-client.ts';
import type { UpstreamClient } from '../http/upstream-client.ts';
import { displayUrl } from '../http/upstream-target.ts';
import type { UpstreamLimits } from '../http/upstream-target.ts';
import { withRetry } from '../http/with-retry.ts';
import { nameOf } from './model-names.ts';
import { loadedUntil, mergeTags, objectsIn } from './tag-lists.ts';

export type OllamaServer = { index: number; client: UpstreamClient };

/** A server with the last list it gave, kept while it is down. */
export type ServerState = { server: OllamaServer; error: string | null; isKnown: boolean; tags: JsonObject[] };

export function createServerStates(baseUrls: readonly string[], limits: UpstreamLimits): ServerState[] {
  return baseUrls.map((baseUrl, index) => ({
    server: { index, client: createUpstreamClient({ source: 'ollama', baseUrl, apiKey: '', limits }) },
    error: null,
    isKnown: false,
    tags: [],
  }));
}

async function ask({ server: { client } }: ServerState, path: string, signal: AbortSignal): Promise<JsonObject | AppError> {
  const call = (): Promise<JsonObject> => client.getJson(path, { signal, timeoutMs: client.target.limits.listTimeoutMs });
  try {
    return await withRetry(call, { retries: 1, baseDelayMs: 100, signal });
  } catch (error) {
    if (signal.aborted || !isAppError(error)) throw error;
    return error;
  }
}

/** The answers of the servers that gave one, in their order. */
export async function answersOf(states: readonly ServerState[], path: string, signal: AbortSignal): Promise<JsonObject[]> {
  const answers = await Promise.all(states.map((state) => ask(state, path, signal)));
  return answers.flatMap((answer) => (isAppError(answer) ? [] : [answer]));
}

/** Asks every server for its models, notes who answered, and merges the lists. Servers without /api/ps have no loaded models. */
export async function loadTags(states: readonly ServerState[], signal: AbortSignal): Promise<JsonObject[]> {
  const [running] = await Promise.all([
    answersOf(states, '/api/ps', signal),
    ...states.map(async (state) => {
      const answer = await ask(state, '/api/tags', signal);
      state.isKnown = true;
      state.error = isAppError(answer) ? answer.message : null;
      if (!isAppError(answer)) state.tags = objectsIn(answer, 'models').filter((entry) => nameOf(entry) !== null);
    }),
  ]);
  const alive = states.filter(({ error }) => error === null).map(({ server, tags }) => ({ index: server.index, tags }));
  return mergeTags(alive, loadedUntil(running));
}

export function healthOf({ server, error, isKnown }: ServerState): BackendHealth {
  return {
    name: 'ollama',
    url: displayUrl(server.client.target.baseUrl),
    ok: isKnown && error === null,
    error: isKnown ? error : 'not asked yet',
  };
}
