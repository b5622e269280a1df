import { isJsonObject } from '../../../domain/json.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { flattenParams } from '../flatten-params.ts';

/** OpenAI's model families that refuse `max_tokens` and call the system's role `developer`. */
const REASONING_MODEL = /^(o[1-9]|gpt-5)/;

function isOpenAiHost(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && new URL(baseUrl).hostname === 'api.openai.com';
}

function renameLimit(body: JsonObject, from: string, to: string): void {
  if (body[from] === undefined) return;
  if (body[to] === undefined) body[to] = body[from];
  delete body[from];
}

/**
 * Body for /chat/completions of the server at `baseUrl`: `params` fill what the top level lacks, the length limit gets the
 * name that the server knows, `stream_options` goes only with a stream. Everything else stays as the client sent it.
 */
export function toOpenAiChat(request: JsonObject, model: string, stream: boolean, baseUrl: string): JsonObject {
  const { params, ...rest } = request;
  const body: JsonObject = { ...flattenParams(params), ...rest, model, stream };
  if (!stream) delete body['stream_options'];
  if (REASONING_MODEL.test(model)) {
    renameLimit(body, 'max_tokens', 'max_completion_tokens');
    if (Array.isArray(body['messages'])) {
      body['messages'] = body['messages'].map((message) => (isJsonObject(message) && message['role'] === 'system' ? { ...message, role: 'developer' } : message));
    }
  } else if (!isOpenAiHost(baseUrl)) {
    renameLimit(body, 'max_completion_tokens', 'max_tokens');
  }
  return body;
}
