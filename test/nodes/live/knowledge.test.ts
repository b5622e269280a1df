import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { InputItem, Json, RunResult, WorkflowNode } from '../support/engine-types.ts';
import { chain, locator, ourNode } from '../support/workflows.ts';
import { firstOf, jsons, ONE_ITEM, OPEN_WITHIN_MS, openLiveServer, openWebUiOnly, TEST_WITHIN_MS, textFile } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;

beforeAll(async () => {
  server = await openLiveServer();
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

const baseName = (name: string): string => `${name} ${server.run}`;
const file = (name: string, text: string): InputItem => textFile(`${name}-${server.run}.txt`, `${text} (${server.run})`);
const node = (base: string, parameters: Json = {}, more: Partial<WorkflowNode> = {}): WorkflowNode =>
  ourNode('AddToKnowledge', { knowledge: locator('name', baseName(base)), ...(parameters['operation'] !== 'remove' && { createIfMissing: true }), ...parameters }, more);
const upload = ourNode('UploadFile', {});
const actions = (result: RunResult): unknown[] => jsons(result, 'AddToKnowledge').map(({ action }) => action);

async function filesIn(base: string): Promise<string[]> {
  const found = (await server.call('GET', `/api/v1/knowledge/search?query=${encodeURIComponent(baseName(base))}`)).json as { items: Json[] };
  const listed = (await server.call('GET', `/api/v1/knowledge/${String(found.items[0]?.['id'])}/files`)).json as { items: Json[] };
  return listed.items.map(({ filename }) => String(filename).split(`-${server.run}`)[0] ?? '').sort();
}

async function citations(base: string, query: string): Promise<Json[]> {
  const knowledgeBases = { values: [{ knowledge: locator('name', baseName(base)) }] };
  return jsons(await server.execute([{ json: {} }], ourNode('QueryKnowledge', { query, knowledgeBases })), 'QueryKnowledge');
}

describe('Add to Knowledge on a real server', () => {
  it('adds many files in a batch, skips the equal text among them, and leaves that file healthy (trap 14)', async () => {
    const items = Array.from({ length: 25 }, (_, index) => file(`many-${index}`, `Part number ${index} is kept on shelf ${index * 7}`));
    items.push(file('many-copy', 'Part number 3 is kept on shelf 21'));
    const result = await server.execute(items, upload, node('Many', { output: 'summary', options: { batchSize: 10 } }));
    const summary = firstOf(result, 'AddToKnowledge') as Record<string, Json[]>;
    expect(summary['fileCount']).toBe(25);
    expect(summary['added']?.map(({ filename }) => filename)).toEqual(Array.from({ length: 25 }, (_, index) => `many-${index}-${server.run}.txt`));
    expect(summary['skipped']).toEqual([expect.objectContaining({ filename: `many-copy-${server.run}.txt`, duplicateOf: summary['added']?.[3]?.['id'] })]);
    const copy = (await server.call('GET', `/api/v1/files/${String(summary['skipped']?.[0]?.['id'])}`)).json;
    expect(copy).toMatchObject({ data: { status: 'completed' }, hash: expect.any(String) as unknown });
    const again = await server.execute(items, upload, node('Many'));
    expect(new Set(actions(again))).toEqual(new Set(['unchanged', 'skipped']));
    expect((await citations('Many', 'Where is part number 17 kept?')).map(({ text }) => text).join()).toContain('shelf 119');
  }, TEST_WITHIN_MS);

  it('keeps the pages of a PDF that comes among others', async () => {
    const bytes = await readFile(new URL('../../../examples/documents/handbook.pdf', import.meta.url));
    const pdf: InputItem = { json: {}, files: { data: { fileName: `handbook-${server.run}.pdf`, mimeType: 'application/pdf', base64: bytes.toString('base64') } } };
    const result = await server.execute([file('pages-a', 'A'), pdf, file('pages-b', 'B')], upload, node('Pages'));
    expect(actions(result)).toEqual(['added', 'added', 'added']);
    expect((await citations('Pages', 'How much may I spend on a hotel room per night?'))[0]).toMatchObject({ file: `handbook-${server.run}.pdf`, page: 3 });
  }, TEST_WITHIN_MS);

  it('mirrors: new files come in and are found, the others go out and stay on the server', async () => {
    const kettle = file('kettle', 'The kettle holds 1.7 litres');
    await server.execute([kettle, file('toaster', 'The toaster has four slots')], upload, node('Mirror', { operation: 'mirror' }));
    expect(await filesIn('Mirror')).toEqual(['kettle', 'toaster']);
    const result = await server.execute([kettle, file('mixer', 'The mixer has 900 watts'), file('oven', 'The oven has 14 programmes')], upload, node('Mirror', { operation: 'mirror' }));
    expect(jsons(result, 'AddToKnowledge').map(({ action, filename }) => [action, String(filename).split('-')[0]])).toEqual([
      ['unchanged', 'kettle'], ['added', 'mixer'], ['added', 'oven'], ['removed', 'toaster'],
    ]);
    expect(await filesIn('Mirror')).toEqual(['kettle', 'mixer', 'oven']);
    const texts = (await citations('Mirror', 'How many slots does the toaster have?')).map(({ text }) => text).join();
    expect(texts).not.toContain('four slots');
    const toaster = (await server.call('GET', `/api/v1/files/${String(jsons(result, 'AddToKnowledge')[3]?.['fileId'])}`)).json;
    expect(toaster).toMatchObject({ data: { status: 'completed' } });
  }, TEST_WITHIN_MS);

  it('mirrors nothing away while an item failed, and deletes what goes out when told so', async () => {
    const keep = file('keep', 'The lamp has a range of 30 metres');
    await server.execute([keep, file('drop', 'The torch has a range of 90 metres')], upload, node('Safe', { operation: 'mirror' }));
    const goOn = { onError: 'continueRegularOutput' };
    const careful = await server.execute([keep, textFile(`blank-${server.run}.txt`, '   ')], { ...upload, ...goOn }, node('Safe', { operation: 'mirror' }, goOn));
    expect(jsons(careful, 'AddToKnowledge')[0]).toMatchObject({ action: 'unchanged', removalSkipped: true });
    expect(await filesIn('Safe')).toEqual(['drop', 'keep']);
    const result = await server.execute([keep], upload, node('Safe', { operation: 'mirror', options: { deleteRemoved: true } }));
    expect(actions(result)).toEqual(['unchanged', 'removed']);
    expect((await server.call('GET', `/api/v1/files/${String(jsons(result, 'AddToKnowledge')[1]?.['fileId'])}`)).status).toBe(404);
  }, TEST_WITHIN_MS);

  it('deletes a removed file for good: no text of it can be had any more (trap 17: deleted is not gone)', async () => {
    const uploaded = await server.execute([file('secret', 'The code of the safe is 4711')], upload, node('Secret'));
    const { fileId } = firstOf(uploaded, 'AddToKnowledge');
    const query = { json: { collection_name: `file-${String(fileId)}`, query: 'code of the safe', k: 1 } };
    expect((await server.call('POST', '/api/v1/retrieval/query/doc', query)).text).toContain('4711');
    const remove = node('Secret', { operation: 'remove', fileId, options: { deleteFile: true } });
    expect(actions(await server.execute([{ json: {} }], remove))).toEqual(['removed']);
    expect((await server.call('POST', '/api/v1/retrieval/query/doc', query)).text).not.toContain('4711');
    expect((await server.call('GET', `/api/v1/files/${String(fileId)}`)).status).toBe(404);
    expect((await citations('Secret', 'What is the code of the safe?')).map(({ text }) => text).join()).not.toContain('4711');
  }, TEST_WITHIN_MS);

  it('deletes a file out of all knowledge bases that hold it, and its text can be added to each anew', async () => {
    const walrus = file('walrus', 'The walrus sleeps on the blue ice shelf');
    const { knowledgeId: one, fileId } = firstOf(await server.execute([walrus], upload, node('Walrus One')), 'AddToKnowledge');
    const { knowledgeId: two } = firstOf(await server.execute([walrus], upload, node('Walrus Two')), 'AddToKnowledge');
    const textsOf = async (collection: string): Promise<string> =>
      (await server.call('POST', '/api/v1/retrieval/query/collection', { json: { collection_names: [collection], query: 'Where does the walrus sleep?', k: 5 } })).text;
    for (const id of [one, two, `file-${String(fileId)}`]) expect(await textsOf(String(id))).toContain('blue ice shelf');
    const remove = node('Walrus One', { operation: 'remove', fileId, options: { deleteFile: true } });
    expect(actions(await server.execute(ONE_ITEM, remove))).toEqual(['removed']);
    for (const id of [one, two, `file-${String(fileId)}`]) expect(await textsOf(String(id))).not.toContain('blue ice shelf');
    const counts = (await server.call('GET', `/api/v1/knowledge/search?query=${encodeURIComponent(baseName('Walrus Two'))}`)).json as { items: Json[] };
    expect(counts.items).toEqual([expect.objectContaining({ id: two, file_count: 0 })]);
    for (const base of ['Walrus One', 'Walrus Two']) expect(firstOf(await server.execute([walrus], upload, node(base)), 'AddToKnowledge')).toMatchObject({ action: 'added', fileCount: 1 });
    expect(await textsOf(String(two))).toContain('blue ice shelf');
  }, TEST_WITHIN_MS);

  it('mirrors two knowledge bases in one run, and deletes no file of one that came in for the other', async () => {
    const [heron, badger, newt] = [file('heron', 'The heron stands in the reeds'), file('badger', 'The badger digs a sett'), file('newt', 'The newt lives in the pond')];
    await server.execute([heron, newt], upload, node('Birds', { operation: 'mirror' }));
    const uploaded = jsons(await server.execute([heron, badger], upload), 'UploadFile');
    const items = uploaded.map(({ id }, index) => ({ json: { id, base: baseName(index === 0 ? 'Reeds' : 'Birds') } }));
    const mirror = node('Birds', { operation: 'mirror', knowledge: locator('name', '={{ $json.base }}'), options: { deleteRemoved: true } });
    const result = await server.execute(items, mirror);
    expect(result.error).toBeUndefined();
    expect(jsons(result, 'AddToKnowledge').map(({ knowledgeName, action, filename }) => [knowledgeName, action, String(filename).split('-')[0]]).sort()).toEqual([
      [baseName('Birds'), 'added', 'badger'], [baseName('Birds'), 'removed', 'heron'], [baseName('Birds'), 'removed', 'newt'], [baseName('Reeds'), 'added', 'heron'],
    ]);
    expect([await filesIn('Birds'), await filesIn('Reeds')]).toEqual([['badger'], ['heron']]);
    expect((await citations('Reeds', 'Where does the heron stand?')).map(({ text }) => text).join()).toContain('reeds');
  }, TEST_WITHIN_MS);

  it('stores the text of a file once that the server itself adds, as its metadata ask for', async () => {
    const { knowledgeId } = firstOf(await server.execute([file('first-marten', 'The first marten climbs')], upload, node('Martens')), 'AddToKnowledge');
    const metadata = { fields: [{ name: 'knowledge_id', value: knowledgeId }] };
    const quick = ourNode('UploadFile', { options: { wait: false, metadata } });
    for (const name of ['tall', 'slim']) {
      const result = await server.execute([file(`${name}-marten`, `The ${name} marten climbs pines`)], quick, node('Martens'));
      expect(['added', 'unchanged']).toContain(firstOf(result, 'AddToKnowledge')['action']);
    }
    const found = (await server.call('POST', '/api/v1/retrieval/query/doc', { json: { collection_name: knowledgeId, query: 'marten', k: 10 } })).json as { documents: string[][] };
    expect(found.documents[0]).toHaveLength(3);
  }, TEST_WITHIN_MS);

  it('mirrors what the sync of Upload File gives: a changed file takes the place of its older version', async () => {
    const sync = ourNode('UploadFile', { operation: 'sync', options: { olderVersions: 'keep' } });
    const mirror = node('Sync', { operation: 'mirror', options: { deleteRemoved: true } });
    const price = (text: string): InputItem => textFile(`price-${server.run}.txt`, `${text} (${server.run})`);
    await server.execute([price('The price is 10 euros'), file('stays', 'The colour is green')], sync, mirror);
    const result = await server.execute([price('The price is 12 euros'), file('stays', 'The colour is green')], sync, mirror);
    expect(result.error).toBeUndefined();
    expect(actions(result)).toEqual(['added', 'unchanged', 'removed']);
    const texts = (await citations('Sync', 'What is the price?')).map(({ text }) => text).join();
    expect(texts).toContain('12 euros');
    expect(texts).not.toContain('10 euros');
  }, TEST_WITHIN_MS);

  it('replaces the file of an equal text, and takes files out by name', async () => {
    await server.execute([file('first', 'The tank holds 40 litres')], upload, node('Replace'));
    const second = await server.execute([file('second', 'The tank holds 40 litres')], upload, node('Replace', { options: { ifDuplicate: 'replace' } }));
    expect(actions(second)).toEqual(['replaced']);
    expect(await filesIn('Replace')).toEqual(['second']);
    const remove = node('Replace', { operation: 'remove', identifyBy: 'name', fileName: `second-${server.run}.txt` });
    expect(actions(await server.execute([{ json: {} }], remove))).toEqual(['removed']);
    expect(actions(await server.execute([{ json: {} }], remove))).toEqual(['absent']);
    expect(await filesIn('Replace')).toEqual([]);
  }, TEST_WITHIN_MS);

  it('creates a knowledge base with description and access, and finds it by list, ID, URL and name', async () => {
    const created = await server.execute([file('access', 'Everybody may read this')], upload, node('Public', { options: { access: 'public', description: 'For all' } }));
    const { knowledgeId, fileId } = firstOf(created, 'AddToKnowledge');
    expect((await server.call('GET', `/api/v1/knowledge/${String(knowledgeId)}`)).json).toMatchObject({
      description: 'For all', access_grants: [expect.objectContaining({ principal_type: 'user', principal_id: '*', permission: 'read' })],
    });
    const { results } = await server.engine.listSearch({ node: 'openWebUiAddToKnowledge', method: 'searchKnowledge', filter: baseName('Public') });
    const choices = [locator('list', String(results[0]?.value)), locator('id', String(knowledgeId)), locator('url', `${server.baseUrl}/workspace/knowledge/${String(knowledgeId)}`), locator('name', baseName('Public'))];
    for (const knowledge of choices) {
      const result = await server.engine.run(chain(ourNode('AddToKnowledge', { knowledge, fileId })));
      expect(firstOf(result, 'AddToKnowledge')).toMatchObject({ action: 'unchanged', knowledgeId });
    }
  }, TEST_WITHIN_MS);

  openWebUiOnly('mends a file that another client spoiled, and adds it elsewhere (trap 3)', 'the runtime does not spoil it', async () => {
    await server.execute([file('good', 'The door is 2 metres high')], upload, node('Spoilt'));
    const { id } = firstOf(await server.execute([file('spoilt', 'The door is 2 metres high')], upload), 'UploadFile');
    const { knowledgeId } = firstOf(await server.execute([file('good', 'The door is 2 metres high')], upload, node('Spoilt')), 'AddToKnowledge');
    expect((await server.call('POST', `/api/v1/knowledge/${String(knowledgeId)}/file/add`, { json: { file_id: id } })).status).toBe(400);
    expect((await server.call('GET', `/api/v1/files/${String(id)}`)).json).toMatchObject({ data: { status: 'failed' }, hash: null });
    const result = await server.execute([{ json: { id } }], node('Elsewhere'));
    expect(actions(result)).toEqual(['added']);
    expect((await server.call('GET', `/api/v1/files/${String(id)}`)).json).toMatchObject({ data: { status: 'completed' }, hash: expect.any(String) as unknown });
  });
});
