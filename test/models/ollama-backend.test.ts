import { afterEach, describe, expect, it } from '@jest/globals';

import { createOllamaBackend } from '../../runtime/src/adapters/models/ollama/ollama-backend.ts';
import type { JsonObject } from '../../runtime/src/domain/json.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import type { ScriptedOllamaOptions } from '../support/scripted-ollama.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { choice, collect, NEVER, streamedText } from './collect.ts';

const DEAD_URL = 'http://127.0.0.1:9';
const servers: ScriptedServer[] = [];

async function start(options: ScriptedOllamaOptions = {}): Promise<ScriptedServer> {
  const server = await startScriptedOllama(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function ask(model: string, text: string, more: JsonObject = {}): JsonObject {
  return { model, messages: [{ role: 'user', content: text }], ...more };
}

describe('the models of several Ollama servers', () => {
  it('are merged, each with the places of the servers that have it; a dead server is left out and reported', async () => {
    const one = await start({ models: ['a:latest', 'b:7b'], loaded: ['b:7b'] });
    const two = await start({ models: ['b:7b', 'c:latest'] });
    const backend = createOllamaBackend({ baseUrls: [one.url, DEAD_URL, two.url] });
    const models = await backend.models(NEVER);
    expect(models.map(({ id, ollama }) => [id, (ollama as { urls: number[] }).urls])).toEqual([['a:latest', [0]], ['b:7b', [0, 2]], ['c:latest', [2]]]);
    expect(Object.keys(models[0] ?? {})).toEqual(['id', 'name', 'object', 'created', 'owned_by', 'ollama', 'loaded', 'connection_type', 'tags', 'actions', 'filters']);
    expect(models[1]).toMatchObject({ loaded: true, ollama: { expires_at: Math.floor(Date.parse('2026-11-23T20:00:00Z') / 1000), connection_type: 'local' } });
    expect(backend.health().map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(backend.health()[1]?.error).toContain('ECONNREFUSED');
  });

  it('are asked for once by calls at the same time and kept for a moment', async () => {
    const server = await start();
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    await Promise.all([backend.models(NEVER), backend.models(NEVER), backend.gateway.tags(NEVER)]);
    await backend.models(NEVER);
    expect(server.requestsTo('/api/tags')).toHaveLength(1);
  });

  it('are found by their complete name, and by a name that lacks the tag latest', async () => {
    const server = await start({ models: ['echo:latest', 'big:7b'] });
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    const served = await Promise.all(['echo:latest', 'echo', 'big:7b', 'big', 'nope'].map((name) => backend.serves(name, NEVER)));
    expect(served).toEqual([true, true, true, false, false]);
    await backend.chat(ask('echo', 'x'), NEVER);
    expect(server.requestsTo('/api/chat')[0]?.body?.['model']).toBe('echo:latest');
  });

  it('give OLLAMA_MODEL_NOT_FOUND with the name when no server has the model', async () => {
    const server = await start();
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    await expect(backend.chat(ask('nope', 'x'), NEVER)).rejects.toMatchObject({ code: 'OLLAMA_MODEL_NOT_FOUND', message: "Model 'nope' was not found", details: { model: 'nope' } });
    expect(server.requestsTo('/api/chat')).toHaveLength(0);
  });

  it('of a server that went down are unreachable, not unknown', async () => {
    const server = await start();
    const backend = createOllamaBackend({ baseUrls: [server.url], listTtlMs: 0 });
    await backend.models(NEVER);
    await server.close();
    await expect(backend.chat(ask('echo', 'x'), NEVER)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE', isRetryable: true });
  });
});

describe('a chat through Ollama', () => {
  it('is answered in OpenAI\'s shape, and takes turns among the servers that have the model', async () => {
    const [one, two] = [await start(), await start()];
    const backend = createOllamaBackend({ baseUrls: [one.url, two.url] });
    for (const text of ['a', 'b', 'c', 'd']) expect(choice(await backend.chat(ask('echo', text), NEVER))?.message?.content).toBe(`You said: ${text}`);
    expect([one, two].map((server) => server.requestsTo('/api/chat').length)).toEqual([2, 2]);
  });

  it('streams as the pieces come and ends with usage', async () => {
    const server = await start({ pieceDelayMs: 5 });
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    const chunks = await collect(backend.chatStream(ask('echo', 'one two three'), NEVER));
    expect(streamedText(chunks)).toBe('You said: one two three');
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: { prompt_tokens: 3, completion_tokens: 5 } });
  });

  it('puts Japanese text together whatever bytes the network cuts it into', async () => {
    const text = '年次有給休暇は十日です。𠮷野家🍣';
    const bytes = Buffer.from(`${JSON.stringify({ model: 'echo:latest', message: { role: 'assistant', content: text }, done: false })}\n${JSON.stringify({ model: 'echo:latest', done: true, done_reason: 'stop' })}\n`);
    const server = await start({
      override: ({ path }) => (path === '/api/chat' ? { kind: 'chunks', contentType: 'application/x-ndjson', delayMs: 1, chunks: Array.from(bytes, (_byte, i) => bytes.subarray(i, i + 1)) } : undefined),
    });
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    expect(streamedText(await collect(backend.chatStream(ask('echo', 'x'), NEVER)))).toBe(text);
  });

  it('shows an error line in the middle of a stream instead of a clean end', async () => {
    const piece = JSON.stringify({ model: 'echo:latest', message: { role: 'assistant', content: 'Half' }, done: false });
    const server = await start({ override: ({ path }) => (path === '/api/chat' ? { kind: 'chunks', contentType: 'application/x-ndjson', chunks: [`${piece}\n`, '{"error":"out of memory"}\n'] } : undefined) });
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    const chunks = await collect(backend.chatStream(ask('echo', 'x'), NEVER));
    expect(streamedText(chunks)).toBe('Half');
    expect(chunks.at(-1)).toEqual({ error: { message: 'out of memory' } });
  });

  it('keeps the status and text of an error of Ollama', async () => {
    const server = await start({ override: ({ path }) => (path === '/api/chat' ? { kind: 'json', status: 400, body: { error: '"echo" does not support tools' } } : undefined) });
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    const expected = { code: 'UPSTREAM_ERROR', message: '"echo" does not support tools', details: { status: 400, source: 'ollama', body: { error: '"echo" does not support tools' } } };
    await expect(backend.chat(ask('echo', 'x'), NEVER)).rejects.toMatchObject(expected);
    await expect(collect(backend.chatStream(ask('echo', 'x'), NEVER))).rejects.toMatchObject(expected);
    expect(server.requestsTo('/api/chat')).toHaveLength(2);
  });

  it('ends at the server when the consumer stops reading', async () => {
    const server = await start({ pieceDelayMs: 20, answer: () => 'word '.repeat(500) });
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    for await (const _chunk of backend.chatStream(ask('echo', 'x'), NEVER)) break;
    expect(await server.requestsTo('/api/chat')[0]?.ended).toBe('aborted');
  });

  it('ends at the server when the caller aborts, and passes the caller\'s reason on unwrapped', async () => {
    const server = await start({ override: ({ path }) => (path === '/api/chat' ? { kind: 'no-answer' } : undefined) });
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    await backend.models(NEVER);
    const reason = new Error('the client left');
    for (const run of [(signal: AbortSignal) => backend.chat(ask('echo', 'x'), signal), (signal: AbortSignal) => collect(backend.chatStream(ask('echo', 'x'), signal))]) {
      const controller = new AbortController();
      const before = server.requestsTo('/api/chat').length;
      const outcome = run(controller.signal).catch((error: unknown) => error);
      while (server.requestsTo('/api/chat').length === before) await new Promise((resolve) => setTimeout(resolve, 5));
      controller.abort(reason);
      expect(await outcome).toBe(reason);
      expect(await server.requestsTo('/api/chat').at(-1)?.ended).toBe('aborted');
    }
  });
});

describe('embeddings through Ollama', () => {
  it('are answered in OpenAI\'s shape without usage', async () => {
    const server = await start({ dimensions: 4 });
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    const answer = await backend.embeddings({ model: 'embed', input: ['a', 'b'], dimensions: 4, encoding_format: 'float' }, NEVER);
    expect(Object.keys(answer)).toEqual(['object', 'data', 'model']);
    expect(answer['data']).toMatchObject([{ object: 'embedding', index: 0 }, { object: 'embedding', index: 1 }]);
    expect(server.requestsTo('/api/embed')[0]?.body).toEqual({ model: 'embed:latest', input: ['a', 'b'], dimensions: 4 });
  });

  it('come as little-endian Float32 in base64 for a client that asks for it', async () => {
    const server = await start({ dimensions: 3 });
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    const [plain, packed] = await Promise.all(['float', 'base64'].map((format) => backend.embeddings({ model: 'embed', input: 'word', encoding_format: format }, NEVER)));
    const bytes = Buffer.from((packed as { data: [{ embedding: string }] }).data[0].embedding, 'base64');
    const numbers = (plain as { data: [{ embedding: number[] }] }).data[0].embedding;
    expect(numbers.map((_value, i) => bytes.readFloatLE(i * 4))).toEqual(numbers.map(Math.fround));
  });

  it('refuse token numbers and a missing input before the server is asked', async () => {
    const server = await start();
    const backend = createOllamaBackend({ baseUrls: [server.url] });
    for (const input of [[1, 2], null, []]) await expect(backend.embeddings({ model: 'embed', input }, NEVER)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(server.requestsTo('/api/embed')).toHaveLength(0);
  });
});
