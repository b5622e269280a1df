import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Json } from '../support/engine-types.ts';
import { locator, ourNode } from '../support/workflows.ts';
import { jsons, ONE_ITEM, OPEN_WITHIN_MS, openLiveServer, TEST_WITHIN_MS } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;

beforeAll(async () => {
  server = await openLiveServer();
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

describe('List Models, Ollama Embed and the credential on a real server', () => {
  it('list the models, the chosen ones among them', async () => {
    const result = await server.execute(ONE_ITEM, ourNode('ListModels', { returnAll: true }));
    const ids = jsons(result, 'ListModels').map(({ id }) => id);
    expect(ids).toContain(server.chatModel);
    expect(ids).toContain(server.languageModel);
  }, TEST_WITHIN_MS);

  it('offer the models that chat and those that embed in the pickers', async () => {
    const chat = await server.engine.listSearch({ node: 'openWebUiChatCompletion', method: 'searchModels' });
    expect(chat.results.map(({ value }) => value)).toContain(server.languageModel);
    const listed = await server.execute(ONE_ITEM, ourNode('ListModels', { returnAll: true, options: { capability: 'embedding' } }));
    const embedders = jsons(listed, 'ListModels').map(({ id }) => id);
    const embed = await server.engine.listSearch({ node: 'openWebUiOllamaEmbed', method: 'searchOllamaModels' });
    const offered = embed.results.map(({ value }) => value);
    // A server without a model for embeddings offers what it has.
    if (embedders.length === 0) expect(offered).toContain(server.embedModel);
    else expect(offered.sort()).toEqual(embedders.sort());
  }, TEST_WITHIN_MS);

  it('embed the texts of several items in vectors of one length, English and Japanese', async () => {
    const items = [{ json: { text: 'The warranty lasts two years.' } }, { json: { text: '保証は二年です。' } }];
    const result = await server.execute(items, ourNode('OllamaEmbed', { model: locator('id', server.embedModel), output: 'embeddingOnly' }));
    expect(result.error).toBeUndefined();
    const lengths = jsons(result, 'OllamaEmbed').map(({ embedding }) => (embedding as number[]).length);
    expect(lengths).toHaveLength(2);
    expect(new Set(lengths).size).toBe(1);
    expect(lengths[0]).toBeGreaterThan(100);
  }, TEST_WITHIN_MS);

  it('filter the list by source, capability and name, and tell what the models can do', async () => {
    const list = async (options: Record<string, unknown>) => jsons(await server.execute(ONE_ITEM, ourNode('ListModels', { returnAll: true, options })), 'ListModels');
    // Other tests make and remove models of their own at the same time: the list is compared by those that stay.
    const ids = (models: Json[]) => models.filter(({ custom }) => custom === false).map(({ id }) => id);
    const all = await list({});
    for (const source of ['builtin', 'ollama', 'openai']) {
      const found = await list({ source });
      expect(found.every((model) => model['source'] === source)).toBe(true);
      expect(ids(found)).toEqual(ids(all.filter((model) => model['source'] === source)));
    }
    expect((await list({ nameFilter: server.languageModel.toUpperCase() })).map(({ id }) => id)).toContain(server.languageModel);
    const [chatting] = await list({ capability: 'chat', nameFilter: server.languageModel });
    expect(chatting?.['id']).toBe(server.languageModel);
    const asked = (await list({ includeCapabilities: true })).filter(({ source }) => source === 'ollama' || source === 'builtin');
    for (const { capabilities } of asked) expect(capabilities).toEqual(expect.arrayContaining([expect.stringMatching(/completion|embedding/u)]));
  }, TEST_WITHIN_MS);

  it('tell how close texts are in meaning, in the same requests', async () => {
    const items = [{ json: { text: 'The warranty lasts two years.' } }, { json: { text: 'Penguins live in the south.' } }];
    const options = { compareWith: 'The warranty lasts two years.' };
    const result = await server.execute(items, ourNode('OllamaEmbed', { model: locator('id', server.embedModel), output: 'embeddingOnly', options }));
    const [same, other] = jsons(result, 'OllamaEmbed').map(({ similarity }) => Number(similarity));
    expect(same).toBeCloseTo(1, 3);
    expect(other).toBeLessThan(0.999);
  }, TEST_WITHIN_MS);

  it('tell a refused key from one that works', async () => {
    const refused = await server.executeWith({ credential: { apiKey: 'sk-wrong' } }, ourNode('ListModels', {}));
    expect(refused.error).toMatchObject({ httpCode: '401' });
    expect(await server.engine.testCredential({ apiKey: 'sk-wrong' })).toMatchObject({ ok: false });
    expect(await server.engine.testCredential()).toMatchObject({ ok: true });
  }, TEST_WITHIN_MS);
});
