import { AppError } from '../../../domain/errors.ts';
import { isJsonObject } from '../../../domain/json.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';

const DATA_URI = /^data:image\/[\w.+-]+;base64,/;

/** The base64 text of an image part. Throws INVALID_INPUT for an image that would have to be fetched: nothing is fetched on a client's behalf. */
function imageData(part: JsonObject): string {
  const image = part['image_url'];
  const url = isJsonObject(image) ? image['url'] : image;
  if (typeof url === 'string' && DATA_URI.test(url)) return url.slice(url.indexOf(',') + 1);
  throw new AppError('INVALID_INPUT', 'Images must be sent inside the message as data URIs (data:image/png;base64,...).');
}

function splitContent(content: Json | undefined): { text: string; images: string[] } {
  if (typeof content === 'string') return { text: content, images: [] };
  if (content === null || content === undefined) return { text: '', images: [] };
  if (!Array.isArray(content)) throw new AppError('INVALID_INPUT', 'A message\'s "content" must be a string, a list of parts or null.');
  const parts = content.filter(isJsonObject);
  const texts = parts.flatMap((part) => (part['type'] === 'text' && typeof part['text'] === 'string' ? [part['text']] : []));
  return { text: texts.join('\n'), images: parts.filter((part) => part['type'] === 'image_url').map(imageData) };
}

function parsedArguments(value: Json | undefined): Json {
  if (typeof value !== 'string') return value ?? {};
  if (value.trim() === '') return {};
  try {
    return JSON.parse(value) as Json;
  } catch {
    throw new AppError('INVALID_INPUT', 'The "arguments" of a tool call in "messages" are not JSON.');
  }
}

function toOllamaToolCall(call: JsonObject, place: number): JsonObject {
  const called = isJsonObject(call['function']) ? call['function'] : {};
  return {
    ...(typeof call['id'] === 'string' ? { id: call['id'] } : {}),
    function: { index: typeof call['index'] === 'number' ? call['index'] : place, name: called['name'] ?? '', arguments: parsedArguments(called['arguments']) },
  };
}

/**
 * OpenAI messages in Ollama's shape: text parts joined by line feeds, data-URI images as `images`, tool calls with parsed
 * arguments, tool results with the tool's name, null contents as empty text, `developer` as `system`.
 * Throws INVALID_INPUT for what cannot be said to Ollama.
 */
export function toOllamaMessages(messages: Json | undefined): JsonObject[] {
  if (messages === undefined || messages === null) return [];
  if (!Array.isArray(messages)) throw new AppError('INVALID_INPUT', '"messages" must be a list of messages.');
  const toolNames = new Map<string, Json>();
  return messages.map((message) => {
    if (!isJsonObject(message)) throw new AppError('INVALID_INPUT', 'Every item of "messages" must be an object with "role" and "content".');
    const { text, images } = splitContent(message['content']);
    const calls = Array.isArray(message['tool_calls']) ? message['tool_calls'].filter(isJsonObject) : [];
    for (const call of calls) {
      if (typeof call['id'] === 'string' && isJsonObject(call['function'])) toolNames.set(call['id'], call['function']['name'] ?? '');
    }
    const callId = message['tool_call_id'];
    const toolName = message['name'] ?? (typeof callId === 'string' ? toolNames.get(callId) : undefined);
    return {
      role: message['role'] === 'developer' ? 'system' : (message['role'] ?? 'user'),
      content: text,
      ...(images.length > 0 ? { images } : Array.isArray(message['images']) ? { images: message['images'] } : {}),
      ...(typeof message['reasoning_content'] === 'string' ? { thinking: message['reasoning_content'] } : {}),
      ...(calls.length > 0 ? { tool_calls: calls.map(toOllamaToolCall) } : {}),
      ...(typeof callId === 'string' ? { tool_call_id: callId } : {}),
      ...(message['role'] === 'tool' && typeof toolName === 'string' ? { tool_name: toolName } : {}),
    };
  });
}
