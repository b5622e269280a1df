import { afterEach, describe, expect, it } from '@jest/globals';

import { createOpenAiBackend } from '../../runtime/src/adapters/models/openai/openai-backend.ts';
import { toOpenAiChat } from '../../runtime/src/adapters/models/openai/to-openai-chat.ts';
import type { JsonObject } from '../../runtime/src/domain/json.ts';
import { chatChunk, sse, startScriptedOpenAi } from '../support/scripted-openai.ts';
import type { ScriptedOpenAiOptions } from '../support/scripted-openai.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { choice, collect, NEVER, streamedText } from './collect.ts';

const KEY = 'sk-planted-secret-0123456789';
const servers: ScriptedServer[] = [];

async function start(options: ScriptedOpenAiOptions = {}): Promise<ScriptedServer> {
  const server = await startScriptedOpenAi(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function ask(text: string, more: JsonObject = {}): JsonObject {
  return { model: 'gpt-echo', messages: [{ role: 'user', content: text }], ...more };
}

describe('a chat body for an OpenAI-compatible server', () => {
  const url = 'http://localhost:8000/v1';

  it('takes params where the top level has no such key, and none of the web UI\'s own', () => {
    const request = { model: 'm', messages: [], temperature: 1, params: { temperature: 0, top_p: 0.5, system: 'x', function_calling: 'native', custom_params: { min_p: '0.1' } }, extra: { a: 1 } };
    expect(toOpenAiChat(request, 'm', false, url)).toEqual({ model: 'm', messages: [], temperature: 1, top_p: 0.5, min_p: 0.1, extra: { a: 1 }, stream: false });
  });

  it('sends stream_options only with a stream', () => {
    const request = { messages: [], stream_options: { include_usage: true } };
    expect(toOpenAiChat(request, 'm', false, url)).not.toHaveProperty('stream_options');
    expect(toOpenAiChat(request, 'm', true, url)).toHaveProperty('stream_options');
  });

  it.each([
    ['max_tokens at an unknown host', 'm', url, { max_completion_tokens: 5 }, { max_tokens: 5 }],
    ['what it was at OpenAI', 'gpt-4o', 'https://api.openai.com/v1', { max_completion_tokens: 5 }, { max_completion_tokens: 5 }],
    ['max_completion_tokens for a reasoning model', 'o3-mini', 'https://api.openai.com/v1', { max_tokens: 5 }, { max_completion_tokens: 5 }],
  ])('calls the length limit %s', (_what, model, baseUrl, request, expected) => {
    const body = toOpenAiChat({ messages: [], ...request }, model, false, baseUrl);
    expect(body).toEqual({ messages: [], model, stream: false, ...expected });
  });
});

describe('the models of OpenAI-compatible servers', () => {
  it('are listed in the contract\'s shape and order of keys, the first server winning', async () => {
    const [one, two] = [await start({ models: ['a', 'b'] }), await start({ models: ['b', 'c'] })];
    const backend = createOpenAiBackend({ connections: [{ baseUrl: `${one.url}/`, apiKey: '' }, { baseUrl: 'http://127.0.0.1:9/v1', apiKey: '' }, { baseUrl: two.url, apiKey: '' }] });
    const models = await backend.models(NEVER);
    expect(models.map(({ id, urlIdx }) => [id, urlIdx])).toEqual([['a', 0], ['b', 0], ['c', 2]]);
    expect(Object.keys(models[0] ?? {})).toEqual(['id', 'object', 'created', 'owned_by', 'connection_type', 'name', 'openai', 'provider', 'urlIdx', 'actions', 'filters', 'tags']);
    expect(models[0]).toMatchObject({ owned_by: 'openai', connection_type: 'external', openai: { owned_by: 'scripted' } });
    expect(backend.health().map(({ ok }) => ok)).toEqual([true, false, true]);
    await expect(backend.chat({ model: 'x' }, NEVER)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});

describe('a chat through an OpenAI-compatible server', () => {
  it('is relayed with the connection\'s key, and so is its answer', async () => {
    const server = await start({ apiKey: KEY });
    const backend = createOpenAiBackend({ connections: [{ baseUrl: server.url, apiKey: KEY }] });
    const answer = await backend.chat(ask('hello', { seed: 4 }), NEVER);
    expect(choice(answer)?.message?.content).toBe('You said: hello');
    expect(server.requestsTo('/v1/chat/completions')[0]?.body).toEqual({ ...ask('hello'), seed: 4, stream: false });
  });

  it('streams the server\'s chunks as they are', async () => {
    const server = await start({ pieceDelayMs: 2 });
    const backend = createOpenAiBackend({ connections: [{ baseUrl: server.url, apiKey: '' }] });
    const chunks = await collect(backend.chatStream(ask('a b c', { stream_options: { include_usage: true } }), NEVER));
    expect(streamedText(chunks)).toBe('You said: a b c');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 5 } });
  });

  it('puts Japanese text together whatever bytes the network cuts it into', async () => {
    const bytes = Buffer.from(sse(chatChunk('gpt-echo', { content: '結婚休暇は五日🍣' })) + sse(chatChunk('gpt-echo', {}, 'stop')) + sse('[DONE]'));
    const server = await start({
      override: ({ path }) => (path.endsWith('/completions') ? { kind: 'chunks', contentType: 'text/event-stream', delayMs: 1, chunks: Array.from(bytes, (_byte, i) => bytes.subarray(i, i + 1)) } : undefined),
    });
    const backend = createOpenAiBackend({ connections: [{ baseUrl: server.url, apiKey: '' }] });
    expect(streamedText(await collect(backend.chatStream(ask('x'), NEVER)))).toBe('結婚休暇は五日🍣');
  });

  it('keeps status, body and Retry-After of an error and asks only once', async () => {
    const body = { error: { message: 'slow down', type: 'rate_limit' } };
    const server = await start({ override: ({ path }) => (path.endsWith('/completions') ? { kind: 'json', status: 429, body, headers: { 'Retry-After': '7' } } : undefined) });
    const backend = createOpenAiBackend({ connections: [{ baseUrl: server.url, apiKey: '' }] });
    const expected = { code: 'UPSTREAM_ERROR', message: 'slow down', isRetryable: true, details: { status: 429, body, retryAfter: '7', source: 'openai' } };
    await expect(backend.chat(ask('x'), NEVER)).rejects.toMatchObject(expected);
    await expect(collect(backend.chatStream(ask('x'), NEVER))).rejects.toMatchObject(expected);
    expect(server.requestsTo('/v1/chat/completions')).toHaveLength(2);
  });

  it('never lets the key out, not even when the server repeats it', async () => {
    const server = await start({ apiKey: 'another', override: ({ path }) => (path === '/v1/models' ? { kind: 'json', body: { data: [{ id: 'gpt-echo' }] } } : undefined) });
    const backend = createOpenAiBackend({ connections: [{ baseUrl: server.url, apiKey: KEY }] });
    const error = (await backend.chat(ask('x'), NEVER).catch((thrown: unknown) => thrown)) as Error & { details: { status: number; body: unknown }; cause?: unknown };
    expect(error.details.status).toBe(401);
    expect(JSON.stringify([error.message, error.stack, error.details, error.cause ?? null])).not.toContain(KEY);
    await server.close();
    const unreachable = await backend.chat(ask('x'), NEVER).catch((thrown: unknown) => thrown);
    expect(unreachable).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    expect(JSON.stringify(unreachable, Object.getOwnPropertyNames(unreachable))).not.toContain(KEY);
  });

  it('ends at the server when the consumer stops reading', async () => {
    const server = await start({ pieceDelayMs: 20, answer: () => 'word '.repeat(500) });
    const backend = createOpenAiBackend({ connections: [{ baseUrl: server.url, apiKey: '' }] });
    for await (const _chunk of backend.chatStream(ask('x'), NEVER)) break;
    expect(await server.requestsTo('/v1/chat/completions')[0]?.ended).toBe('aborted');
  });

  it('makes chunks of a whole answer when the server does not stream', async () => {
    const completion = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'whole' }, finish_reason: 'stop' }], usage: { total_tokens: 3 } };
    const server = await start({ override: ({ path }) => (path.endsWith('/completions') ? { kind: 'json', body: completion } : undefined) });
    const backend = createOpenAiBackend({ connections: [{ baseUrl: server.url, apiKey: '' }] });
    const chunks = await collect(backend.chatStream(ask('x'), NEVER));
    expect(streamedText(chunks)).toBe('whole');
    expect(chunks.at(-1)).toMatchObject({ object: 'chat.completion.chunk', choices: [{ finish_reason: 'stop', delta: {} }], usage: { total_tokens: 3 } });
  });

  it('asks for embeddings again after 503, as often as Retry-After and the limit allow', async () => {
    const server = await start({
      override: (request, requests) => {
        const nth = requests.filter(({ path }) => path === '/v1/embeddings').length;
        return request.path === '/v1/embeddings' && nth < 3 ? { kind: 'json', status: 503, body: { error: { message: 'busy' } }, headers: { 'Retry-After': '0' } } : undefined;
      },
    });
    const backend = createOpenAiBackend({ connections: [{ baseUrl: server.url, apiKey: '' }] });
    expect((await backend.embeddings({ model: 'text-embed', input: 'a' }, NEVER))['data']).toHaveLength(1);
    expect(server.requestsTo('/v1/embeddings')).toHaveLength(3);
  });
});
