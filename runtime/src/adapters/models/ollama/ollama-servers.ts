import { AppError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { BackendHealth } from '../../../ports/model-backend.ts';
import { createCachedList } from '../cached-list.ts';
import type { UpstreamLimits } from '../http/upstream-target.ts';
import { compareVersions } from './compare-versions.ts';
import { matchName, modelNotFound, nameOf } from './model-names.ts';
import { answersOf, createServerStates, healthOf, loadTags } from './server-states.ts';
import type { OllamaServer, ServerState } from './server-states.ts';
import { objectsIn } from './tag-lists.ts';

/** How a server is chosen among several that have the model. */
export type ServerChoice = 'round-robin' | 'random';

export type OllamaServersOptions = {
  baseUrls: readonly string[];
  limits: UpstreamLimits;
  listTtlMs: number;
  choice: ServerChoice;
};

/** A server and the complete name under which it has the model. */
export type PickedServer = { server: OllamaServer; model: string };

/** The configured Ollama servers and what each of them has. */
export type OllamaServers = {
  /** Merged entries of /api/tags of every reachable server, with connection_type, urls and, if loaded, expires_at. */
  tags(signal: AbortSignal): Promise<JsonObject[]>;
  ps(signal: AbortSignal): Promise<JsonObject[]>;
  version(signal: AbortSignal): Promise<string | null>;
  /** The complete name under which the model is listed (`x` finds `x:latest`); null when no server has it. */
  fullName(model: string, signal: AbortSignal): Promise<string | null>;
  /** A server that has the model. Throws OLLAMA_MODEL_NOT_FOUND; a server that is down is given when no other has the model. */
  pick(model: unknown, signal: AbortSignal): Promise<PickedServer>;
  /** The server of that place in the configuration; a negative index counts from the end. Throws INVALID_INPUT outside of it. */
  at(index: number): OllamaServer;
  health(): BackendHealth[];
};

/** A model that is not in the kept list is looked for once more, at most this often. */
const RECHECK_MS = 1_000;

function namesIn(tags: readonly JsonObject[]): Set<string> {
  return new Set(tags.map((tag) => nameOf(tag) ?? ''));
}

/** The servers that have the model: the ones that answer, or those that had it when they last did. */
function serversHaving(states: readonly ServerState[], model: string): PickedServer[] {
  const having = states.flatMap((state) => {
    const name = matchName(model, namesIn(state.tags));
    return name === null ? [] : [{ server: state.server, model: name, isAlive: state.error === null }];
  });
  // A server that is down keeps its last list: "unreachable" is then the truth, "not found" is not.
  const alive = having.filter(({ isAlive }) => isAlive);
  return alive.length > 0 ? alive : having;
}

function serverAt(states: readonly ServerState[], index: number): OllamaServer {
  const state = Number.isInteger(index) ? states.at(index) : undefined;
  if (state === undefined) throw new AppError('INVALID_INPUT', `There is no Ollama server ${index}: ${states.length} are configured, counted from 0.`);
  return state.server;
}

export function createOllamaServers(options: OllamaServersOptions): OllamaServers {
  const states = createServerStates(options.baseUrls, options.limits);
  const list = createCachedList((signal) => loadTags(states, signal), options.listTtlMs);
  let turn = 0;

  const find = async (model: string, signal: AbortSignal, maxAgeMs?: number): Promise<string | null> =>
    matchName(model, namesIn(await list.get(signal, maxAgeMs)));
  const fullName = async (model: string, signal: AbortSignal): Promise<string | null> =>
    (await find(model, signal)) ?? (await find(model, signal, RECHECK_MS));

  const pick = async (model: unknown, signal: AbortSignal): Promise<PickedServer> => {
    if (typeof model !== 'string' || model === '') throw modelNotFound(model);
    await fullName(model, signal);
    const candidates = serversHaving(states, model);
    turn += 1;
    const picked = candidates[options.choice === 'random' ? Math.floor(Math.random() * candidates.length) : turn % candidates.length];
    if (picked === undefined) throw modelNotFound(model);
    return { server: picked.server, model: picked.model };
  };

  return {
    tags: (signal) => list.get(signal),
    ps: async (signal) => (await answersOf(states, '/api/ps', signal)).flatMap((answer) => objectsIn(answer, 'models')),
    version: async (signal) => {
      const versions = (await answersOf(states, '/api/version', signal)).flatMap(({ version }) => (typeof version === 'string' ? [version] : []));
      return versions.sort(compareVersions)[0] ?? null;
    },
    fullName,
    pick,
    at: (index) => serverAt(states, index),
    health: () => states.map(healthOf),
  };
}
