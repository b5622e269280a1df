import { isJsonObject } from '../../../domain/json.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { flattenParams } from '../flatten-params.ts';
import { toOllamaMessages } from './to-ollama-messages.ts';

/** Options of Ollama that a request may carry at its top level. Open WebUI drops them silently there; they are honoured here. */
const TOP_LEVEL_OPTIONS = [
  'temperature', 'top_p', 'top_k', 'min_p', 'typical_p', 'seed', 'presence_penalty', 'frequency_penalty', 'repeat_penalty',
  'repeat_last_n', 'num_ctx', 'num_predict', 'num_keep', 'num_batch', 'num_gpu', 'num_thread', 'main_gpu', 'use_mmap', 'mirostat', 'mirostat_eta',
  'mirostat_tau', 'tfs_z',
] as const;

/** Keys of a chat that Ollama reads at the root of its body. */
const ROOT_KEYS = ['format', 'keep_alive', 'think', 'logprobs', 'top_logprobs'] as const;

function isSet(value: Json | undefined): value is Exclude<Json, null> {
  return value !== undefined && value !== null;
}

function formatOf(responseFormat: Json | undefined): Json | undefined {
  if (!isJsonObject(responseFormat)) return undefined;
  if (responseFormat['type'] === 'json_object') return 'json';
  const wrapped = responseFormat['json_schema'];
  return responseFormat['type'] === 'json_schema' && isJsonObject(wrapped) ? wrapped['schema'] : undefined;
}

/** OpenAI's reasoning efforts as Ollama's `think`: the levels are the same words, none and minimal mean no thinking. */
function thinkOf(effort: Json | undefined): Json | undefined {
  if (effort === 'none' || effort === 'minimal') return false;
  return effort === 'low' || effort === 'medium' || effort === 'high' ? effort : undefined;
}

function optionsOf(request: JsonObject, params: JsonObject): JsonObject {
  const options: JsonObject = {};
  for (const [key, value] of Object.entries(params)) {
    if (isSet(value)) options[key === 'max_tokens' || key === 'max_completion_tokens' ? 'num_predict' : key] = value;
  }
  if (isJsonObject(request['options'])) Object.assign(options, request['options']);
  for (const key of TOP_LEVEL_OPTIONS) if (isSet(request[key])) options[key] = request[key];
  const limit = request['max_tokens'] ?? request['max_completion_tokens'];
  if (isSet(limit)) options['num_predict'] = limit;
  if (isSet(request['stop'])) options['stop'] = request['stop'];
  if (typeof options['stop'] === 'string') options['stop'] = [options['stop']];
  return options;
}

/**
 * Body of Ollama's /api/chat for an OpenAI chat request. `params` is the base of `options`; an explicit `options` wins over
 * it, and keys at the top level win over both. `model` is the complete name at the server. Throws INVALID_INPUT.
 */
export function toOllamaChat(request: JsonObject, model: string, stream: boolean): JsonObject {
  const params = flattenParams(request['params']);
  const root: JsonObject = {};
  const effort = thinkOf(params['reasoning_effort']);
  if (effort !== undefined) root['think'] = effort;
  for (const key of ROOT_KEYS) {
    if (isSet(params[key])) root[key] = params[key];
    delete params[key];
  }
  const paramsFormat = formatOf(params['response_format']);
  if (paramsFormat !== undefined) root['format'] = paramsFormat;
  for (const key of ['reasoning_effort', 'response_format', 'stream']) delete params[key];

  const topEffort = thinkOf(request['reasoning_effort']);
  if (topEffort !== undefined) root['think'] = topEffort;
  const topFormat = formatOf(request['response_format']);
  if (topFormat !== undefined) root['format'] = topFormat;
  for (const key of ROOT_KEYS) if (isSet(request[key])) root[key] = request[key];

  const options = optionsOf(request, params);
  return {
    model,
    messages: toOllamaMessages(request['messages']),
    stream,
    ...(Array.isArray(request['tools']) && request['tools'].length > 0 && request['tool_choice'] !== 'none' ? { tools: request['tools'] } : {}),
    ...root,
    ...(Object.keys(options).length > 0 ? { options } : {}),
  };
}
