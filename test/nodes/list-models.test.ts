import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { spawnEngine } from './support/engine-client.ts';
import type { Engine, Json } from './support/engine-types.ts';
import { ScriptedOpenWebUi } from './support/scripted-open-webui.ts';
import { chain, ourNode } from './support/workflows.ts';

const server = new ScriptedOpenWebUi();
let engine: Engine;

beforeAll(async () => {
  await server.start();
  engine = await spawnEngine({ baseUrl: server.baseUrl, apiKey: server.apiKey });
});

afterAll(async () => {
  await engine.close();
  await server.stop();
});

beforeEach(() => server.reset());

async function list(parameters: Json): Promise<Json[]> {
  const result = await engine.run(chain(ourNode('ListModels', parameters)));
  expect(result.error).toBeUndefined();
  return (result.nodes['ListModels']?.items ?? []).map(({ json }) => json);
}

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

  it('gives the entries of the server without Simplify', async () => {
    expect((await list({ returnAll: true, simplify: false }))[2]).toEqual(server.models[2]);
  });
});
