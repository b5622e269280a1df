import { AppError } from '../domain/errors.ts';
import type { ModelBackend, ModelEntry } from '../ports/model-backend.ts';
import type { OllamaGateway } from '../ports/ollama-gateway.ts';
import type { JsonObject } from '../domain/json.ts';

export type ModelDirectoryDeps = {
  /** In the contract's order: OpenAI-compatible, Ollama. */
  backends: readonly ModelBackend[];
  builtin: ModelBackend | null;
  ollama: OllamaGateway | null;
  builtinOllama: OllamaGateway | null;
  /** `auto` lists the built-in models only while no server offers a model. */
  builtinMode: 'auto' | 'true' | 'false';
  isOllamaEnabled: boolean;
};

/** Which backend serves a model, and what the lists show. */
export interface ModelDirectory {
  list(signal: AbortSignal): Promise<ModelEntry[]>;
  /** Throws MODEL_NOT_FOUND. */
  backendOf(model: string, signal: AbortSignal): Promise<ModelBackend>;
  tags(signal: AbortSignal): Promise<JsonObject[]>;
  /** Throws OLLAMA_MODEL_NOT_FOUND, OLLAMA_DISABLED. */
  gatewayOf(model: string, signal: AbortSignal): Promise<OllamaGateway>;
  gateways(): OllamaGateway[];
}

export function createModelDirectory(deps: ModelDirectoryDeps): ModelDirectory {
  const gateways = (): OllamaGateway[] => {
    if (!deps.isOllamaEnabled) throw new AppError('OLLAMA_DISABLED', 'The Ollama API is switched off (ENABLE_OLLAMA_API).');
    return [deps.ollama, deps.builtinOllama].filter((gateway) => gateway !== null);
  };
  return {
    gateways,
    async list(signal) {
      const lists = await Promise.all(deps.backends.map((backend) => backend.models(signal)));
      const remote = lists.flat();
      // The built-in models step back as soon as a real one is there; they still answer to their names.
      const isBuiltinShown = deps.builtinMode === 'true' || (deps.builtinMode === 'auto' && remote.length === 0);
      const all = deps.builtin !== null && isBuiltinShown ? [...remote, ...(await deps.builtin.models(signal))] : remote;
      return [...new Map(all.map((model) => [model.id, model])).values()];
    },
    async backendOf(model, signal) {
      // The last of equal ids wins in the list, so it must also be the one that answers.
      for (const backend of [deps.builtin, ...deps.backends.toReversed()]) {
        if (backend !== null && (await backend.serves(model, signal))) return backend;
      }
      throw new AppError('MODEL_NOT_FOUND', 'Model not found', { details: { model } });
    },
    async tags(signal) {
      const [remote, builtin] = [deps.ollama, deps.builtinOllama];
      if (!deps.isOllamaEnabled) throw new AppError('OLLAMA_DISABLED', 'The Ollama API is switched off (ENABLE_OLLAMA_API).');
      const tags = remote === null ? [] : await remote.tags(signal);
      const isBuiltinShown = builtin !== null && (deps.builtinMode === 'true' || (deps.builtinMode === 'auto' && tags.length === 0));
      return isBuiltinShown ? [...tags, ...(await builtin.tags(signal))] : tags;
    },
    async gatewayOf(model, signal) {
      for (const gateway of gateways().toReversed()) if (await gateway.serves(model, signal)) return gateway;
      throw new AppError('OLLAMA_MODEL_NOT_FOUND', `Model '${model.slice(0, 200)}' was not found`, { details: { model } });
    },
  };
}
