import { createHash } from 'node:crypto';

import { lastUserText, pieces, startScriptedServer, textVector, wordCount } from './scripted-server.ts';
import type { RecordedRequest, ScriptedReply, ScriptedServer } from './scripted-server.ts';

export type ScriptedOllamaOptions = {
  /** Complete names; default `echo:latest` and `embed:latest`. */
  models?: readonly string[];
  /** Names that /api/ps reports as loaded. */
  loaded?: readonly string[];
  version?: string;
  /** The answer to a prompt; default `You said: <prompt>`. */
  answer?: (prompt: string, request: RecordedRequest) => string;
  /** Pause before each streamed piece. */
  pieceDelayMs?: number;
  /** Length of embeddings; default 32. */
  dimensions?: number;
  /** Answers instead of the server's own behaviour where it returns a reply. */
  override?: (request: RecordedRequest, requests: readonly RecordedRequest[]) => ScriptedReply | undefined;
  port?: number;
};

const COUNTS = { total_duration: 5_000_000_000, load_duration: 1_000_000, prompt_eval_duration: 50_000_000, eval_duration: 250_000_000 };

function tag(name: string): Record<string, unknown> {
  return {
    name,
    model: name,
    modified_at: '2026-01-02T03:04:05.678901234Z',
    size: 1_234_567,
    digest: createHash('sha256').update(name).digest('hex'),
    details: { parent_model: '', format: 'gguf', family: 'llama', families: ['llama'], parameter_size: '1B', quantization_level: 'Q4_0' },
  };
}

/** Ollama finds `x:latest` for `x`. */
function find(models: readonly string[], name: unknown): string | undefined {
  return models.find((model) => model === name || model === `${String(name)}:latest`);
}

function generated(request: RecordedRequest, options: ScriptedOllamaOptions, model: string): ScriptedReply {
  const body = request.body ?? {};
  const isChat = request.path === '/api/chat';
  const prompt = isChat ? lastUserText(body) : String(body['prompt'] ?? '');
  const text = options.answer?.(prompt, request) ?? `You said: ${prompt}`;
  const limit = (body['options'] as { num_predict?: number } | undefined)?.num_predict;
  const all = pieces(text);
  const kept = limit === undefined || limit < 0 ? all : all.slice(0, limit);
  const line = (piece: string): Record<string, unknown> => ({
    model,
    created_at: new Date().toISOString(),
    ...(isChat ? { message: { role: 'assistant', content: piece } } : { response: piece }),
  });
  const end = {
    done: true,
    done_reason: kept.length < all.length ? 'length' : 'stop',
    ...(isChat ? {} : { context: [1, 2, 3] }),
    ...COUNTS,
    prompt_eval_count: wordCount(prompt),
    eval_count: kept.length,
  };
  if (body['stream'] === false) return { kind: 'json', body: { ...line(kept.join('')), ...end } };
  const lines = [...kept.map((piece) => ({ ...line(piece), done: false })), { ...line(''), ...end }];
  return {
    kind: 'chunks',
    contentType: 'application/x-ndjson',
    chunks: lines.map((entry) => `${JSON.stringify(entry)}\n`),
    ...(options.pieceDelayMs === undefined ? {} : { delayMs: options.pieceDelayMs }),
  };
}

function embedded(request: RecordedRequest, options: ScriptedOllamaOptions, model: string): ScriptedReply {
  const dimensions = options.dimensions ?? 32;
  const body = request.body ?? {};
  if (request.path === '/api/embeddings') return { kind: 'json', body: { embedding: textVector(String(body['prompt'] ?? ''), dimensions) } };
  const input = body['input'];
  const texts = Array.isArray(input) ? input.map(String) : [String(input ?? '')];
  return {
    kind: 'json',
    body: { model, embeddings: texts.map((text) => textVector(text, dimensions)), total_duration: 1_000_000, load_duration: 0, prompt_eval_count: wordCount(texts.join(' ')) },
  };
}

function behave(request: RecordedRequest, options: ScriptedOllamaOptions): ScriptedReply {
  const models = options.models ?? ['echo:latest', 'embed:latest'];
  switch (request.path) {
    case '/':
      return { kind: 'text', text: 'Ollama is running' };
    case '/api/tags':
      return { kind: 'json', body: { models: models.map(tag) } };
    case '/api/ps':
      return { kind: 'json', body: { models: (options.loaded ?? []).map((name) => ({ ...tag(name), expires_at: '2026-11-23T20:00:00.5Z', size_vram: 0 })) } };
    case '/api/version':
      return { kind: 'json', body: { version: options.version ?? '0.6.5' } };
  }
  const asked = request.body?.['model'] ?? request.body?.['name'];
  const model = find(models, asked);
  if (model === undefined) return { kind: 'json', status: 404, body: { error: `model '${String(asked)}' not found` } };
  switch (request.path) {
    case '/api/chat':
    case '/api/generate':
      return generated(request, options, model);
    case '/api/embed':
    case '/api/embeddings':
      return embedded(request, options, model);
    case '/api/show':
      return { kind: 'json', body: { license: 'MIT', modelfile: `FROM ${model}`, parameters: '', template: '{{ .Prompt }}', details: tag(model)['details'], model_info: {}, capabilities: ['completion'] } };
    default:
      return { kind: 'text', status: 404, text: '404 page not found' };
  }
}

/** A server that speaks Ollama's API on a loopback port with scripted answers. */
export function startScriptedOllama(options: ScriptedOllamaOptions = {}): Promise<ScriptedServer> {
  return startScriptedServer((request, requests) => options.override?.(request, requests) ?? behave(request, options), options.port === undefined ? {} : { port: options.port });
}
