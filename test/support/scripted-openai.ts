import { lastUserText, pieces, startScriptedServer, textVector, wordCount } from './scripted-server.ts';
import type { RecordedRequest, ScriptedReply, ScriptedServer } from './scripted-server.ts';

export type ScriptedOpenAiOptions = {
  /** Ids; default `gpt-echo` and `text-embed`. */
  models?: readonly string[];
  /** Wanted as `Authorization: Bearer`; any other is refused with 401. Default: no key is asked for. */
  apiKey?: string;
  /** The answer to a prompt; default `You said: <prompt>`. */
  answer?: (prompt: string, request: RecordedRequest) => string;
  /** Pause before each streamed piece. */
  pieceDelayMs?: number;
  /** Length of embeddings; default 32. */
  dimensions?: number;
  /** Whether /embeddings refuses the key `input_type` with 400, as strict servers do. */
  refusesInputType?: boolean;
  /** Answers instead of the server's own behaviour where it returns a reply. Paths begin with /v1. */
  override?: (request: RecordedRequest, requests: readonly RecordedRequest[]) => ScriptedReply | undefined;
  port?: number;
};

function failure(status: number, message: string, type = 'invalid_request_error'): ScriptedReply {
  return { kind: 'json', status, body: { error: { message, type, param: null, code: null } } };
}

/** An event of a server-sent stream. */
export function sse(value: unknown): string {
  return `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
}

/** A chunk of a streamed chat. */
export function chatChunk(model: string, delta: unknown, finishReason: string | null = null): Record<string, unknown> {
  return { id: 'chatcmpl-scripted', object: 'chat.completion.chunk', created: 1_700_000_000, model, choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] };
}

function completed(request: RecordedRequest, options: ScriptedOpenAiOptions, model: string): ScriptedReply {
  const body = request.body ?? {};
  const prompt = lastUserText(body);
  const text = options.answer?.(prompt, request) ?? `You said: ${prompt}`;
  const limit = body['max_tokens'] as number | undefined;
  const all = pieces(text);
  const kept = limit === undefined ? all : all.slice(0, limit);
  const finishReason = kept.length < all.length ? 'length' : 'stop';
  const usage = { prompt_tokens: wordCount(prompt), completion_tokens: kept.length, total_tokens: wordCount(prompt) + kept.length };
  if (body['stream'] !== true) {
    const choice = { index: 0, message: { role: 'assistant', content: kept.join('') }, logprobs: null, finish_reason: finishReason };
    return { kind: 'json', body: { id: 'chatcmpl-scripted', object: 'chat.completion', created: 1_700_000_000, model, choices: [choice], usage } };
  }
  const wantsUsage = (body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true;
  const events = [
    chatChunk(model, { role: 'assistant', content: '' }),
    ...kept.map((piece) => chatChunk(model, { content: piece })),
    chatChunk(model, {}, finishReason),
    ...(wantsUsage ? [{ ...chatChunk(model, {}), choices: [], usage }] : []),
    '[DONE]',
  ];
  return {
    kind: 'chunks',
    contentType: 'text/event-stream; charset=utf-8',
    chunks: events.map(sse),
    ...(options.pieceDelayMs === undefined ? {} : { delayMs: options.pieceDelayMs }),
  };
}

function embedded(request: RecordedRequest, options: ScriptedOpenAiOptions, model: string): ScriptedReply {
  const body = request.body ?? {};
  if (options.refusesInputType === true && 'input_type' in body) return failure(400, 'Unrecognized request argument supplied: input_type');
  const texts = Array.isArray(body['input']) ? body['input'].map(String) : [String(body['input'] ?? '')];
  const tokens = wordCount(texts.join(' '));
  const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: textVector(text, options.dimensions ?? 32) }));
  return { kind: 'json', body: { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } } };
}

function behave(request: RecordedRequest, options: ScriptedOpenAiOptions): ScriptedReply {
  const models = options.models ?? ['gpt-echo', 'text-embed'];
  if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
    return failure(401, `Incorrect API key provided: ${request.headers.authorization ?? 'none'}`, 'authentication_error');
  }
  if (request.path === '/v1/models') {
    return { kind: 'json', body: { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'scripted' })) } };
  }
  const model = request.body?.['model'];
  if (typeof model !== 'string' || !models.includes(model)) return failure(404, `The model '${String(model)}' does not exist`);
  if (request.path === '/v1/chat/completions') return completed(request, options, model);
  if (request.path === '/v1/embeddings') return embedded(request, options, model);
  return failure(404, `Unknown request URL: ${request.method} ${request.path}`);
}

/** A server that speaks OpenAI's API under /v1 on a loopback port with scripted answers. `url` includes /v1. */
export async function startScriptedOpenAi(options: ScriptedOpenAiOptions = {}): Promise<ScriptedServer> {
  const server = await startScriptedServer((request, requests) => options.override?.(request, requests) ?? behave(request, options), options.port === undefined ? {} : { port: options.port });
  return { ...server, url: `${server.url}/v1` };
}
