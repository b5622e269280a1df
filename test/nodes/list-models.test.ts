import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json } from './support/engine-types.ts';
import { chain, ourNode } from './support/workflows.ts';

const SHOW = '/ollama/api/show';
const bench = openBench();
const { server } = bench;

async function list(parameters: Json): Promise<Json[]> {
  const result = await bench.engine.run(chain(ourNode('ListModels', parameters)));
  expect(result.error).toBeUndefined();
  return (result.nodes['ListModels']?.items ?? []).map(({ json }) => json);
}

const asked = (): unknown[] => server.seen('POST', SHOW).map(({ body }) => (body as Json)['model']);

describe('List Models', () => {
  it('gives one item for each model, in short', async () => {
    const models = await list({ returnAll: true });
    expect(models).toHaveLength(4);
    expect(models[0]).toEqual({
      id: 'llama3.2:latest', name: 'llama3.2:latest', source: 'ollama', custom: false, embedding: false,
      loaded: true, sizeBytes: 2019393189, parameterSize: '3.2B', quantization: 'Q4_K_M',
    });
  });

  it.each([
    ['ollama', ['llama3.2:latest', 'nomic-embed-text:latest']],
    ['openai', ['gpt-test']],
    ['builtin', ['builtin/extractive']],
  ])('filters by the source %s', async (source, ids) => {
    expect((await list({ returnAll: true, options: { source } })).map(({ id }) => id)).toEqual(ids);
  });

  it('filters by name in upper or lower case and stops at the limit', async () => {
    expect((await list({ returnAll: true, options: { nameFilter: 'GPT' } })).map(({ id }) => id)).toEqual(['gpt-test']);
    expect(await list({ returnAll: false, limit: 2 })).toHaveLength(2);
  });

  it.each([['={{ null }}', 4], ['={{ "2" }}', 2], [0, 4], [-1, 1]])('gives some models for a limit of %s', async (limit, count) => {
    expect(await list({ returnAll: false, limit })).toHaveLength(count);
  });

  it('judges a model of the workspace by the one it is made from, and no name by a part of a word', async () => {
    const made = (id: string, base: string): Json => ({ id, name: id, owned_by: 'ollama', preset: true, info: { base_model_id: base } });
    const models = [made('embedded-systems-expert', 'llama3.2:latest'), made('desk', 'nomic-embed-text:latest'), { id: 'embeddinggemma:300m', owned_by: 'ollama' }, { id: 'snowflake-arctic-embed2', owned_by: 'openai' }, { id: 'embedded-coder', owned_by: 'openai' }, { id: 'nvidia/llama-3.2-nv-embedqa-1b-v2', owned_by: 'openai' }, { id: 'textembedding-gecko@003', owned_by: 'openai' }];
    server.script('GET', '/api/models', { status: 200, body: { data: models } });
    expect((await list({ returnAll: true })).map(({ embedding }) => embedding)).toEqual([false, true, true, true, false, true, true]);
    const { results } = await bench.engine.listSearch({ node: 'openWebUiChatCompletion', method: 'searchModels' });
    expect(results.map(({ value }) => value)).toEqual(['embedded-coder', 'embedded-systems-expert']);
  });

  it('tells the capabilities that Ollama reports, and those of built-in models', async () => {
    server.capabilities = { 'llama3.2:latest': ['completion', 'tools'], 'nomic-embed-text:latest': ['embedding'] };
    const models = await list({ returnAll: true, options: { includeCapabilities: true } });
    expect(models.map(({ capabilities }) => capabilities)).toEqual([['completion', 'tools'], ['embedding'], undefined, ['completion']]);
  });

  it.each([
    ['any', ['llama3.2:latest', 'nomic-embed-text:latest', 'gpt-test', 'builtin/extractive']],
    ['chat', ['nomic-embed-text:latest', 'gpt-test', 'builtin/extractive']],
    ['embedding', ['llama3.2:latest']],
    ['vision', ['nomic-embed-text:latest']],
  ])('believes the server and not the name when it filters by the capability %s', async (capability, ids) => {
    server.capabilities = { 'llama3.2:latest': ['embedding'], 'nomic-embed-text:latest': ['completion', 'vision'] };
    expect((await list({ returnAll: true, options: { capability } })).map(({ id }) => id)).toEqual(ids);
  });

  it('judges by family and name when the server does not tell', async () => {
    const idsFor = async (capability: string) => (await list({ returnAll: true, options: { capability } })).map(({ id }) => id);
    expect(await idsFor('embedding')).toEqual(['nomic-embed-text:latest']);
    expect(await idsFor('chat')).toEqual(['llama3.2:latest', 'gpt-test', 'builtin/extractive']);
    const names = ['gpt-4o-mini', 'whisper-1', 'text-embedding-3-small', 'qwen2.5-vl-7b'];
    const models = names.map((id) => ({ id, name: id, owned_by: 'openai', openai: { id } }));
    server.script('GET', '/api/models', { status: 200, body: { data: models } });
    expect(await idsFor('vision')).toEqual(['gpt-4o-mini', 'qwen2.5-vl-7b']);
    expect(await idsFor('chat')).toEqual(['gpt-4o-mini', 'qwen2.5-vl-7b']);
    expect(await idsFor('embedding')).toEqual(['text-embedding-3-small']);
  });

  it('judges a custom model by the one it is made from', async () => {
    server.capabilities = { 'nomic-embed-text:latest': ['embedding'] };
    const custom = { id: 'desk', name: 'Desk', owned_by: 'ollama', preset: true, info: { base_model_id: 'nomic-embed-text:latest' } };
    server.script('GET', '/api/models', { status: 200, body: { data: [custom] } });
    const [model] = await list({ returnAll: true, options: { capability: 'embedding' } });
    expect(model).toMatchObject({ id: 'desk', custom: true, embedding: true, capabilities: ['embedding'] });
  });

  it('asks for the list alone, unless capabilities are to be shown or filtered by', async () => {
    server.capabilities = { 'llama3.2:latest': ['completion'] };
    await list({ returnAll: true, options: { nameFilter: 'llama', source: 'ollama' } });
    await list({ returnAll: true, simplify: false, options: { includeCapabilities: true } });
    expect(server.seen('POST', SHOW)).toEqual([]);
    await list({ returnAll: false, limit: 1, options: { includeCapabilities: true } });
    expect(asked()).toEqual(['llama3.2:latest']);
  });

  it('shows the capabilities that the list itself tells without asking', async () => {
    const ollama = { model: 'seer:latest', capabilities: ['completion', 'vision'] };
    server.script('GET', '/api/models', { status: 200, body: { data: [{ id: 'seer:latest', owned_by: 'ollama', ollama }] } });
    expect((await list({ returnAll: true }))[0]).toMatchObject({ capabilities: ['completion', 'vision'] });
    expect(asked()).toEqual([]);
  });

  it('asks about each model of Ollama once in a run, however many items and whatever is asked at once', async () => {
    server.capabilities = { 'llama3.2:latest': ['completion'] };
    const node = ourNode('ListModels', { returnAll: true, options: { capability: 'chat', concurrency: 3 } });
    const result = await bench.engine.run(chain(node), { inputItems: [{ json: {} }, { json: {} }, { json: {} }] });
    expect(asked().sort()).toEqual(['llama3.2:latest', 'nomic-embed-text:latest']);
    expect(result.nodes['ListModels']?.items.map(({ pairedItem }) => pairedItem)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2].map((item) => ({ item })));
  });

  it.each([1, 3])('works on %i items at once when told so', async (concurrency) => {
    server.script('GET', '/api/models', { status: 200, body: { data: server.models }, delayMs: 200 });
    await bench.engine.run(chain(ourNode('ListModels', { options: { concurrency } })), { inputItems: [{ json: {} }, { json: {} }, { json: {} }, { json: {} }] });
    expect(server.mostAtOnce).toBe(concurrency);
  });

  it('lists the models all the same when the server cannot describe them, and stops asking', async () => {
    const models = Array.from({ length: 30 }, (_, index) => ({ id: `m${index}`, name: `m${index}`, owned_by: 'ollama', ollama: {} }));
    server.script('GET', '/api/models', { status: 200, body: { data: models } });
    server.script('POST', SHOW, { status: 500, body: { detail: 'Ollama: Server Connection Error' } });
    expect(await list({ returnAll: true, options: { includeCapabilities: true } })).toHaveLength(30);
    expect(asked().length).toBeLessThan(8);
  });

  it('makes the server ask the model servers anew when told to', async () => {
    await list({ options: { refresh: true } });
    await list({});
    expect(server.seen('GET', '/api/models').map(({ query }) => query)).toEqual([{ refresh: 'true' }, {}]);
  });

  it.each([[null], ['OK'], [{ status: 'sign in' }]])('says so when the answer is no list but %j', async (body) => {
    server.script('GET', '/api/models', { status: 200, body });
    const { error } = await bench.engine.run(chain(ourNode('ListModels', { returnAll: true })));
    expect(error).toMatchObject({ name: 'NodeApiError', message: 'The server sent no list of models', itemIndex: 0 });
    expect(error?.description).toContain('base URL');
    await expect(bench.engine.listSearch({ node: 'openWebUiChatCompletion', method: 'searchModels' })).rejects.toThrow('The server sent no list of models');
  });

  it('gives the entries of the server without Simplify', async () => {
    expect((await list({ returnAll: true, simplify: false }))[2]).toEqual(server.models[2]);
  });
});
