import { isAppError } from '../../../domain/errors.ts';
import { isJsonObject } from '../../../domain/json.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { OllamaGateway, OllamaOperation, OllamaReply } from '../../../ports/ollama-gateway.ts';
import { withRetry } from '../http/with-retry.ts';
import { readJsonLines } from './json-lines.ts';
import { modelNotFound } from './model-names.ts';
import type { OllamaServers } from './ollama-servers.ts';
import type { OllamaServer } from './server-states.ts';

/** Open WebUI's fields of /api/generate, and Ollama's newer ones that Open WebUI drops but Ollama's own client sends. */
const GENERATE_FIELDS = [
  'model', 'prompt', 'suffix', 'images', 'format', 'options', 'system', 'template', 'context', 'stream', 'raw', 'keep_alive',
  'think', 'logprobs', 'top_logprobs',
];

function withoutNulls(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

/** What of the client's body is sent on. A null content, which Ollama's clients send beside tool calls, becomes empty text. */
function bodyFor(operation: OllamaOperation, body: JsonObject, model: string): JsonObject {
  const { name: _name, ...rest } = withoutNulls(body);
  if (operation === 'generate') {
    return { ...Object.fromEntries(Object.entries(rest).filter(([key]) => GENERATE_FIELDS.includes(key))), model };
  }
  if (operation !== 'chat' || !Array.isArray(rest['messages'])) return { ...rest, model };
  const messages = rest['messages'].map((message) => (isJsonObject(message) && message['content'] === null ? { ...message, content: '' } : message));
  return { ...rest, messages, model };
}

/** Lines as they come; what breaks the stream becomes a last line in Ollama's own error shape. */
async function* relayLines(lines: AsyncIterable<JsonObject>, signal: AbortSignal): AsyncGenerator<JsonObject> {
  try {
    yield* lines;
  } catch (error) {
    if (signal.aborted || !isAppError(error)) throw error;
    yield { error: error.message };
  }
}

/** Ollama's own API over the configured servers. */
export function createOllamaGateway(servers: OllamaServers): OllamaGateway {
  const locate = async (body: JsonObject, urlIndex: number | undefined, signal: AbortSignal): Promise<{ server: OllamaServer; model: string }> => {
    const model = body['model'] ?? body['name'];
    if (urlIndex === undefined) return servers.pick(model, signal);
    const server = servers.at(urlIndex);
    if (typeof model !== 'string' || model === '') throw modelNotFound(model);
    return { server, model };
  };

  const ask = async (operation: OllamaOperation, server: OllamaServer, body: JsonObject, signal: AbortSignal): Promise<OllamaReply> => {
    const { limits } = server.client.target;
    const isGenerating = operation === 'generate' || operation === 'chat';
    const timeoutMs = isGenerating ? limits.totalTimeoutMs : limits.embeddingTimeoutMs;
    const call = (): Promise<JsonObject> => server.client.postJson(`/api/${operation}`, body, { signal, timeoutMs });
    const answer = isGenerating ? await call() : await withRetry(call, { retries: 2, baseDelayMs: 250, signal });
    return { kind: 'json', status: 200, body: answer };
  };

  return {
    tags: (signal) => servers.tags(signal),
    ps: (signal) => servers.ps(signal),
    version: (signal) => servers.version(signal),
    serves: async (model, signal) => (await servers.fullName(model, signal)) !== null,
    call: async (operation, body, { urlIndex, signal }) => {
      const { server, model } = await locate(body, urlIndex, signal);
      const sent = bodyFor(operation, body, model);
      const isStream = (operation === 'generate' || operation === 'chat') && sent['stream'] !== false;
      if (!isStream) return ask(operation, server, sent, signal);
      const stream = await server.client.openStream(`/api/${operation}`, sent, signal);
      return { kind: 'stream', lines: relayLines(readJsonLines(server.client.target, stream), signal) };
    },
  };
}
