import { afterEach, describe, expect, it } from '@jest/globals';

import { createEmbedder } from '../../runtime/src/adapters/models/embedders/create-embedder.ts';
import type { EmbedderConfig } from '../../runtime/src/adapters/models/embedders/create-embedder.ts';
import type { Embedder } from '../../runtime/src/ports/embedder.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import { startScriptedOpenAi } from '../support/scripted-openai.ts';
import { textVector } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { NEVER } from './collect.ts';

const servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function embedder(engine: EmbedderConfig['engine'], server: ScriptedServer | null, more: Partial<EmbedderConfig> = {}): Embedder {
  if (server !== null) servers.push(server);
  const model = engine === 'openai' ? 'text-embed' : 'embed';
  return createEmbedder({ engine, model, baseUrl: server?.url ?? '', apiKey: '', queryPrefix: '', passagePrefix: '', relevanceFloor: () => 0.5, ...more });
}

/** An OpenAI-compatible server whose vectors are the given ones, whatever the texts. */
function vectorsServer(vectors: unknown[]): Promise<ScriptedServer> {
  const data = vectors.map((embedding, index) => ({ index, embedding }));
  return startScriptedOpenAi({ override: ({ path }) => (path === '/v1/embeddings' ? { kind: 'text', contentType: 'application/json', text: JSON.stringify({ data }).replaceAll('"NaN"', '1e999') } : undefined) });
}

describe('an embedder', () => {
  it('asks Ollama in batches and gives the vectors in the order of the texts, with length 1', async () => {
    const server = await startScriptedOllama({ dimensions: 16 });
    const texts = Array.from({ length: 75 }, (_item, i) => `text number ${i}`);
    const vectors = await embedder('ollama', server).embed(texts, 'passage', NEVER);
    expect(vectors).toHaveLength(75);
    vectors.forEach((vector, i) => {
      const expected = textVector(texts[i] ?? '', 16);
      expect(Array.from(vector)).toEqual(expected.map((value) => expect.closeTo(value, 5)));
    });
    expect(server.requestsTo('/api/embed').map(({ body }) => (body?.['input'] as string[]).length).sort()).toEqual([11, 32, 32]);
  });

  it('puts the configured prefixes before the texts', async () => {
    const server = await startScriptedOllama();
    const e5 = embedder('ollama', server, { queryPrefix: 'query: ', passagePrefix: 'passage: ' });
    await e5.embed(['a'], 'query', NEVER);
    await e5.embed(['b'], 'passage', NEVER);
    expect(server.requestsTo('/api/embed').map(({ body }) => body?.['input'])).toEqual([['query: a'], ['passage: b']]);
  });

  it('tells an OpenAI-compatible server what kind of text it gets', async () => {
    const server = await startScriptedOpenAi();
    const openai = embedder('openai', server);
    await openai.embed(['a'], 'query', NEVER);
    await openai.embed(['b'], 'passage', NEVER);
    expect(server.requestsTo('/v1/embeddings').map(({ body }) => body)).toEqual([
      { model: 'text-embed', input: ['a'], encoding_format: 'float', input_type: 'query' },
      { model: 'text-embed', input: ['b'], encoding_format: 'float', input_type: 'passage' },
    ]);
  });

  it('does so no more once the server has refused it, and not at all beside prefixes', async () => {
    const server = await startScriptedOpenAi({ refusesInputType: true });
    const openai = embedder('openai', server);
    for (const text of ['a', 'b']) await openai.embed([text], 'query', NEVER);
    await embedder('openai', server, { queryPrefix: 'query: ' }).embed(['c'], 'query', NEVER);
    const bodies = server.requestsTo('/v1/embeddings').map(({ body }) => body ?? {});
    expect(bodies.map((body) => 'input_type' in body)).toEqual([true, false, false, false]);
    expect(bodies.at(-1)?.['input']).toEqual(['query: c']);
  });

  it('keeps sending it after a refusal that has another cause', async () => {
    const server = await startScriptedOpenAi({ override: ({ path, body }) => (path === '/v1/embeddings' && JSON.stringify(body).includes('bad') ? { kind: 'json', status: 400, body: { error: { message: 'too long' } } } : undefined) });
    const openai = embedder('openai', server);
    await expect(openai.embed(['bad'], 'query', NEVER)).rejects.toMatchObject({ code: 'UPSTREAM_ERROR', message: 'too long' });
    await openai.embed(['good'], 'query', NEVER);
    expect(server.requestsTo('/v1/embeddings').at(-1)?.body).toHaveProperty('input_type', 'query');
  });

  it.each<[string, unknown[], RegExp]>([
    ['too few vectors', [[1, 2]], /1 vectors for 2 texts/],
    ['too many vectors', [[1], [2], [3]], /3 vectors for 2 texts/],
    ['vectors of different lengths', [[1, 2], [1, 2, 3]], /vector of 3 numbers where 2/],
    ['an all-zero vector', [[1, 2], [0, 0]], /all zero/],
    ['an infinite number', [[1, 2], ['NaN', 1]], /not a number/],
    ['a text in place of a number', [[1, 2], ['x', 1]], /not a number/],
    ['no vector', [[1, 2], null], /no vector/],
    ['an empty vector', [[1, 2], []], /no vector/],
  ])('refuses %s with a sentence that names the model', async (_what, vectors, sentence) => {
    const error = (await embedder('openai', await vectorsServer(vectors)).embed(['a', 'b'], 'passage', NEVER).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'EMBEDDING_FAILED', isRetryable: false });
    expect(error.message).toMatch(sentence);
    expect(error.message).toContain('"text-embed"');
  });

  it('refuses vectors of another length than it gave before', async () => {
    let dimensions = 8;
    const server = await startScriptedOpenAi({ override: ({ path, body }) => (path === '/v1/embeddings' ? { kind: 'json', body: { data: (body?.['input'] as string[]).map((text) => ({ embedding: textVector(text, dimensions) })) } } : undefined) });
    const openai = embedder('openai', server);
    await openai.embed(['a'], 'query', NEVER);
    dimensions = 9;
    await expect(openai.embed(['a'], 'query', NEVER)).rejects.toMatchObject({ code: 'EMBEDDING_FAILED', message: expect.stringContaining('restart') });
  });

  it('puts vectors that the server sent out of order back in order', async () => {
    const server = await startScriptedOpenAi({ override: ({ path }) => (path === '/v1/embeddings' ? { kind: 'json', body: { data: [{ index: 1, embedding: [0, 1] }, { index: 0, embedding: [3, 0] }] } } : undefined) });
    expect((await embedder('openai', server).embed(['a', 'b'], 'passage', NEVER)).map((vector) => Array.from(vector))).toEqual([[1, 0], [0, 1]]);
  });

  it('tries again after 500 and gives up after the third time', async () => {
    const server = await startScriptedOllama({ override: ({ path }) => (path === '/api/embed' ? { kind: 'json', status: 500, body: { error: 'loading' }, headers: { 'Retry-After': '0' } } : undefined) });
    await expect(embedder('ollama', server).embed(['a'], 'query', NEVER)).rejects.toMatchObject({ code: 'UPSTREAM_ERROR', isRetryable: true, message: 'loading' });
    expect(server.requestsTo('/api/embed')).toHaveLength(3);
  });

  it('stops waiting for a retry when the caller aborts', async () => {
    const server = await startScriptedOllama({ override: ({ path }) => (path === '/api/embed' ? { kind: 'json', status: 429, body: {}, headers: { 'Retry-After': '15' } } : undefined) });
    const controller = new AbortController();
    const outcome = embedder('ollama', server).embed(['a'], 'query', controller.signal).catch((error: unknown) => error);
    while (server.requestsTo('/api/embed').at(-1)?.outcome !== 'finished') await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    expect(await outcome).toMatchObject({ name: 'AbortError' });
    expect(server.requestsTo('/api/embed')).toHaveLength(1);
  });

  it('ends the other batches at the server when one fails', async () => {
    const server = await startScriptedOllama({
      override: ({ path, body }) => {
        if (path !== '/api/embed') return undefined;
        return JSON.stringify(body).includes('bad') ? { kind: 'json', status: 400, body: { error: 'no' }, delayMs: 100 } : { kind: 'no-answer' };
      },
    });
    await expect(embedder('ollama', server, { batchSize: 1 }).embed(['good', 'bad', 'never'], 'passage', NEVER)).rejects.toMatchObject({ message: 'no' });
    const [good] = server.requestsTo('/api/embed').filter(({ body }) => JSON.stringify(body).includes('good'));
    expect(await good?.ended).toBe('aborted');
    expect(server.requestsTo('/api/embed')).toHaveLength(2);
  });

  it('has a profile that knows provider, model and prefixes, and the floor of that profile', async () => {
    const e5 = embedder('ollama', await startScriptedOllama(), { queryPrefix: 'query: ', relevanceFloor: ({ model }) => (model === 'embed' ? 0.7 : 0) });
    expect(e5.profile).toEqual({ provider: 'ollama', model: 'embed', revision: '', queryPrefix: 'query: ', passagePrefix: '' });
    expect(e5.relevanceFloor).toBe(0.7);
    expect(e5.profileKey).not.toBe(embedder('ollama', null, { baseUrl: 'http://localhost:1' }).profileKey);
  });

  it('is the built-in one unless another is configured, and refuses half a configuration', async () => {
    expect(embedder('', null).profile).toMatchObject({ provider: 'builtin', model: 'builtin/lexical-embed', revision: '1' });
    expect(await embedder('builtin', null).embed([], 'query', NEVER)).toEqual([]);
    expect(() => embedder('openai', null, { baseUrl: 'http://localhost', model: '' })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(() => embedder('openai', null, { baseUrl: 'localhost' })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
