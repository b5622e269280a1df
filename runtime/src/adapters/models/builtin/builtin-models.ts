import { createHash } from 'node:crypto';

import type { JsonObject } from '../../../domain/json.ts';
import type { ModelEntry } from '../../../ports/model-backend.ts';
import { LEXICAL_EMBED_DIMENSIONS, LEXICAL_EMBED_MODEL, LEXICAL_EMBED_REVISION } from './lexical-embed.ts';

/** Name of the built-in chat model. */
export const EXTRACTIVE_MODEL = 'builtin/extractive';

export type BuiltinModel = { name: string; capability: 'completion' | 'embedding'; revision: string; description: string; changedAt: string; modelInfo: JsonObject };

const CHANGED_AT = '2026-11-23T00:00:00Z';

export const BUILTIN_MODELS: readonly BuiltinModel[] = [
  {
    name: EXTRACTIVE_MODEL,
    capability: 'completion',
    revision: '1',
    description: 'Answers with sentences of the given documents, word for word and with citations. It writes nothing of its own.',
    changedAt: CHANGED_AT,
    modelInfo: { 'general.architecture': 'extractive' },
  },
  {
    name: LEXICAL_EMBED_MODEL,
    capability: 'embedding',
    revision: LEXICAL_EMBED_REVISION,
    description: 'Vectors of hashed words and parts of words: lexical, without knowledge of meaning.',
    changedAt: CHANGED_AT,
    modelInfo: { 'general.architecture': 'lexical', 'lexical.embedding_length': LEXICAL_EMBED_DIMENSIONS },
  },
];

/** The built-in model that a client's name means, with or without Ollama's tag `latest`. */
export function findBuiltin(name: unknown): BuiltinModel | undefined {
  return BUILTIN_MODELS.find((model) => model.name === name || `${model.name}:latest` === name);
}

function details(): JsonObject {
  return { parent_model: '', format: 'builtin', family: 'builtin', families: ['builtin'], parameter_size: '0', quantization_level: 'none' };
}

/** Entry of /api/tags. */
export function toTag(model: BuiltinModel): JsonObject {
  return {
    name: model.name,
    model: model.name,
    modified_at: model.changedAt,
    size: 0,
    digest: createHash('sha256').update(`${model.name}@${model.revision}`).digest('hex'),
    details: details(),
    connection_type: 'local',
    urls: [],
  };
}

/** Entry of /api/models. */
export function toEntry(model: BuiltinModel): ModelEntry {
  return {
    id: model.name,
    name: model.name,
    object: 'model',
    created: 0,
    owned_by: 'builtin',
    description: model.description,
    loaded: true,
    connection_type: 'local',
    tags: [],
    actions: [],
    filters: [],
  };
}

/** Answer of /api/show. */
export function toShow(model: BuiltinModel): JsonObject {
  return {
    license: 'MIT',
    modelfile: `# ${model.description}\nFROM ${model.name}`,
    parameters: '',
    template: model.capability === 'completion' ? '{{ .Prompt }}' : '',
    details: details(),
    model_info: model.modelInfo,
    capabilities: [model.capability],
    modified_at: model.changedAt,
  };
}
