import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RunningRuntime } from '../support/runtime.ts';
import { startRuntime } from '../support/runtime.ts';
import { spawnEngine } from './support/engine-client.ts';
import type { Engine, InputItem, Json, RunResult, WorkflowNode } from './support/engine-types.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

/**
 * The nodes against a real server: the runtime, started here, or the one that OPENWEBUI_TEST_URL and
 * OPENWEBUI_TEST_API_KEY name. OPENWEBUI_TEST_CHAT_MODEL and OPENWEBUI_TEST_EMBED_MODEL choose models.
 */
const env = process.env;
const run = randomUUID().slice(0, 8);
let runtime: RunningRuntime | undefined;
let engine: Engine;
let chatModel = env['OPENWEBUI_TEST_CHAT_MODEL'] ?? '';
let embedModel = env['OPENWEBUI_TEST_EMBED_MODEL'] ?? '';

beforeAll(async () => {
  if (env['OPENWEBUI_TEST_URL'] === undefined) runtime = await startRuntime();
  engine = await spawnEngine({
    baseUrl: runtime?.baseUrl ?? env['OPENWEBUI_TEST_URL'] ?? '',
    apiKey: runtime?.apiKey ?? env['OPENWEBUI_TEST_API_KEY'] ?? '',
  });
  const chat = await engine.listSearch({ node: 'openWebUiChatCompletion', method: 'searchModels' });
  const embed = await engine.listSearch({ node: 'openWebUiOllamaEmbed', method: 'searchOllamaModels' });
  chatModel ||= String(chat.results[0]?.value);
  embedModel ||= String(embed.results[0]?.value);
}, 120_000);

afterAll(async () => {
  await engine.close();
  await runtime?.stop();
});

const textFile = (fileName: string, text: string): InputItem => ({ json: {}, files: { data: { fileName, mimeType: 'text/plain', text } } });
const jsons = (result: RunResult, node: string): Json[] => (result.nodes[node]?.items ?? []).map(({ json }) => json);
const execute = async (inputItems: InputItem[], ...nodes: WorkflowNode[]): Promise<RunResult> => await engine.run(chain(...nodes), { inputItems });

const warranty = `The warranty of the Aurora kettle (${run}) lasts 27 months from the day of purchase.`;
const cleaning = `Clean the Aurora kettle (${run}) with citric acid once a month.`;
const ingest = [
  ourNode('UploadFile', { options: { metadata: { fields: [{ name: 'team', value: 'kettles' }] } } }),
  ourNode('AddToKnowledge', { knowledge: locator('name', `Kettles ${run}`), createIfMissing: true }),
];
const question = (parameters: Json): WorkflowNode =>
  ourNode('ChatCompletion', { model: locator('id', chatModel), prompt: 'How many months does the warranty of the Aurora kettle last?', ...parameters });

describe('The nodes against a real server', () => {
  it('upload files, wait until they are searchable, and put them into a new knowledge base', async () => {
    const result = await execute([textFile(`warranty-${run}.txt`, warranty), textFile(`cleaning-${run}.txt`, cleaning)], ...ingest);
    expect(result.error).toBeUndefined();
    expect(jsons(result, 'UploadFile')).toEqual([
      expect.objectContaining({ status: 'completed', action: 'uploaded', metadata: expect.objectContaining({ team: 'kettles' }) as unknown }),
      expect.objectContaining({ status: 'completed', action: 'uploaded' }),
    ]);
    expect(jsons(result, 'AddToKnowledge').map(({ action, fileCount }) => [action, fileCount])).toEqual([['added', 1], ['added', 2]]);
  });

  it('change nothing when the same files come again', async () => {
    const result = await execute([textFile(`warranty-${run}.txt`, warranty)], ...ingest);
    expect(jsons(result, 'UploadFile')[0]).toMatchObject({ action: 'reused' });
    expect(jsons(result, 'AddToKnowledge')[0]).toMatchObject({ action: 'unchanged', fileCount: 2 });
  });

  it('skip an equal text under another name and leave that file searchable', async () => {
    const result = await execute([textFile(`copy-${run}.txt`, warranty)], ...ingest);
    expect(jsons(result, 'AddToKnowledge')[0]).toMatchObject({ action: 'skipped', fileCount: 2 });
    const again = await execute([textFile(`copy-${run}.txt`, warranty)], ourNode('UploadFile', {}));
    expect(jsons(again, 'UploadFile')[0]).toMatchObject({ action: 'reused', status: 'completed' });
  });

  it('answer a question with the passage it rests on', async () => {
    const knowledgeBases = { values: [{ knowledge: locator('name', `Kettles ${run}`) }] };
    const result = await execute([{ json: {} }], question({ knowledgeBases, options: { requireSources: true, temperature: 0 } }));
    expect(result.error).toBeUndefined();
    const [answer] = jsons(result, 'ChatCompletion');
    expect(answer?.['content']).not.toBe('');
    const sources = answer?.['sources'] as Json[];
    expect(sources.map(({ file }) => file)).toContain(`warranty-${run}.txt`);
    expect(typeof sources[0]?.['score']).toBe('number');
  });

  it('stream the same answer to a trigger that streams', async () => {
    const knowledgeBases = { values: [{ knowledge: locator('name', `Kettles ${run}`) }] };
    const result = await engine.run(chain(question({ knowledgeBases, options: { requireSources: true } })), { streaming: true });
    expect(result.error).toBeUndefined();
    const [answer] = jsons(result, 'ChatCompletion');
    expect(result.chunks.filter(({ type }) => type === 'item').map(({ content }) => content).join('')).toBe(answer?.['content']);
    expect((answer?.['sources'] as Json[]).length).toBeGreaterThan(0);
  });

  it('fail without sources when none may be missing', async () => {
    const result = await execute([{ json: {} }], question({ options: { fileIds: randomUUID(), requireSources: true } }));
    expect(result.status).toBe('error');
    expect(result.error?.node).toBe('ChatCompletion');
  });

  it('search documents without a model and cite the heading or the page', async () => {
    const query = (text: string, parameters: Json): WorkflowNode => ourNode('QueryKnowledge', { query: text, ...parameters });
    const example = async (fileName: string, mimeType: string): Promise<InputItem> => {
      const bytes = await readFile(new URL(`../../examples/documents/${fileName}`, import.meta.url));
      return { json: {}, files: { data: { fileName: `${run}-${fileName}`, mimeType, base64: bytes.toString('base64') } } };
    };
    const knowledge = locator('name', `Search ${randomUUID()}`);
    const files = [await example('product-guide.ja.md', 'text/markdown'), await example('handbook.pdf', 'application/pdf')];
    const added = await execute(files, ourNode('UploadFile', {}), ourNode('AddToKnowledge', { knowledge, createIfMissing: true }));
    expect(added.error).toBeUndefined();
    const knowledgeBases = { values: [{ knowledge }] };

    const japanese = await execute([{ json: {} }], query('クローバーは何度の坂まで登れますか？', { knowledgeBases }));
    expect(japanese.error).toBeUndefined();
    expect(jsons(japanese, 'QueryKnowledge')[0]).toMatchObject({
      file: `${run}-product-guide.ja.md`, text: expect.stringContaining('24度') as unknown, rank: 1, score: expect.any(Number) as unknown, similarity: expect.any(Number) as unknown,
    });
    const english = await execute([{ json: {} }], query('How much may I spend on a hotel room per night?', { knowledgeBases, options: { topK: 1 } }));
    expect(jsons(english, 'QueryKnowledge')).toEqual([expect.objectContaining({ file: `${run}-handbook.pdf`, page: 3 })]);

    const wrong = await execute([{ json: {} }], query('x', { options: { knowledgeIds: randomUUID() } }));
    expect(wrong.error).toMatchObject({ node: 'QueryKnowledge', name: 'NodeApiError', message: "We could not find what you're looking for :/" });
    if (runtime === undefined) return;
    // Open WebUI has headings only with its Markdown splitter, and always finds something.
    expect(jsons(japanese, 'QueryKnowledge')[0]).toMatchObject({ heading: expect.stringContaining('傾斜地での使用') as unknown });
    const nothing = await execute([{ json: {} }], query('Which violin concerto did Sibelius compose?', { knowledgeBases }));
    expect([nothing.status, jsons(nothing, 'QueryKnowledge')]).toEqual(['success', []]);
    expect(nothing.nodes['QueryKnowledge']?.hints.join()).toContain('no passage was found');
  });

  it('embed the texts of several items in vectors of one length', async () => {
    const items = [{ json: { text: warranty } }, { json: { text: '保証は二年です。' } }];
    const result = await execute(items, ourNode('OllamaEmbed', { model: locator('id', embedModel), output: 'embeddingOnly' }));
    expect(result.error).toBeUndefined();
    const lengths = jsons(result, 'OllamaEmbed').map(({ embedding }) => (embedding as number[]).length);
    expect(lengths).toHaveLength(2);
    expect(new Set(lengths).size).toBe(1);
  });

  it('list the models, the chosen ones among them', async () => {
    const result = await execute([{ json: {} }], ourNode('ListModels', { returnAll: true }));
    expect(jsons(result, 'ListModels').map(({ id }) => id)).toContain(chatModel);
  });

  it('show the words of the server for an unknown model and a refused key', async () => {
    const unknown = await execute([{ json: {} }], question({ model: locator('id', 'no-such-model') }));
    expect(unknown.error).toMatchObject({ name: 'NodeApiError', httpCode: '400' });
    expect(unknown.error?.message).toMatch(/not found/i);
    const refused = await engine.run(chain(ourNode('ListModels', {})), { credential: { apiKey: 'sk-wrong' } });
    expect(refused.error).toMatchObject({ httpCode: '401' });
    expect(await engine.testCredential({ apiKey: 'sk-wrong' })).toMatchObject({ ok: false });
    expect(await engine.testCredential()).toMatchObject({ ok: true });
  });

  it('offer the files and the knowledge base in the pickers', async () => {
    const bases = await engine.listSearch({ node: 'openWebUiAddToKnowledge', method: 'searchKnowledge', filter: run });
    expect(bases.results.map(({ name }) => name)).toEqual([`Kettles ${run}`]);
    const files = await engine.listSearch({ node: 'openWebUiChatCompletion', method: 'searchFiles', filter: `cleaning-${run}` });
    expect(files.results.map(({ name }) => name)).toEqual([`cleaning-${run}.txt`]);
  });
});
