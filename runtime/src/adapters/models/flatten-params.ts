import { isJsonObject } from '../../domain/json.ts';
import type { Json, JsonObject } from '../../domain/json.ts';

/** Keys of Open WebUI's `params` that steer Open WebUI itself and never reach a model server. */
const OWN_KEYS = new Set(['system', 'function_calling', 'stream_response', 'stream_delta_chunk_size', 'reasoning_tags', 'custom_params']);

/** A text that holds JSON is taken as that JSON, as Open WebUI's editor for custom parameters stores it. */
function customValue(value: Json): Json {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

/** The model's own parameters out of a request's `params`: web-UI keys removed, `custom_params` lifted, nulls left out. */
export function flattenParams(params: Json | undefined): JsonObject {
  if (!isJsonObject(params)) return {};
  const flat: JsonObject = {};
  for (const [key, value] of Object.entries(params)) {
    if (!OWN_KEYS.has(key) && value !== null) flat[key] = value;
  }
  if (isJsonObject(params['custom_params'])) {
    for (const [key, value] of Object.entries(params['custom_params'])) flat[key] = customValue(value);
  }
  return flat;
}
