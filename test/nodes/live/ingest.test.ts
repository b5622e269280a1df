import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { InputItem, WorkflowNode } from '../support/engine-types.ts';
import { locator, ourNode } from '../support/workflows.ts';
import { firstOf, jsons, OPEN_WITHIN_MS, openLiveServer, TEST_WITHIN_MS, textFile } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;

beforeAll(async () => {
  server = await openLiveServer();
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

const knowledgeName = (): string => `Kettles ${server.run}`;
const warrantyText = (): string => `The warranty of the Aurora kettle (${server.run}) lasts 27 months from the day of purchase.`;
const warranty = (): InputItem => textFile(`warranty-${server.run}.txt`, warrantyText());
const cleaning = (): InputItem => textFile(`cleaning-${server.run}.txt`, `Clean the Aurora kettle (${server.run}) with citric acid once a month.`);
const upload = ourNode('UploadFile', { options: { metadata: { fields: [{ name: 'team', value: 'kettles' }] } } });
const ingest = (): WorkflowNode[] => [upload, ourNode('AddToKnowledge', { knowledge: locator('name', knowledgeName()), createIfMissing: true })];

describe('Upload File and Add to Knowledge on a real server', () => {
  it('upload files, wait until they are searchable, and put them into a new knowledge base', async () => {
    const result = await server.execute([warranty(), cleaning()], ...ingest());
    expect(result.error).toBeUndefined();
    expect(jsons(result, 'UploadFile')).toEqual([
      expect.objectContaining({ status: 'completed', action: 'uploaded', metadata: expect.objectContaining({ team: 'kettles' }) as unknown }),
      expect.objectContaining({ status: 'completed', action: 'uploaded' }),
    ]);
    expect(jsons(result, 'AddToKnowledge').map(({ action, fileCount }) => [action, fileCount])).toEqual([['added', 1], ['added', 2]]);
  }, TEST_WITHIN_MS);

  it('change nothing when the same files come again', async () => {
    const result = await server.execute([warranty()], ...ingest());
    expect(firstOf(result, 'UploadFile')).toMatchObject({ action: 'reused' });
    expect(firstOf(result, 'AddToKnowledge')).toMatchObject({ action: 'unchanged', fileCount: 2 });
  }, TEST_WITHIN_MS);

  it('skip an equal text under another name and leave both files searchable', async () => {
    const copy = textFile(`copy-${server.run}.txt`, warrantyText());
    const result = await server.execute([copy], ...ingest());
    expect(firstOf(result, 'AddToKnowledge')).toMatchObject({ action: 'skipped', fileCount: 2 });
    for (const file of [warranty(), copy]) {
      const again = firstOf(await server.execute([file], ourNode('UploadFile', {})), 'UploadFile');
      expect(again).toMatchObject({ action: 'reused', status: 'completed' });
      const record = (await server.call('GET', `/api/v1/files/${String(again['id'])}`)).json;
      expect(record).toMatchObject({ data: { status: 'completed' }, hash: expect.any(String) as unknown });
    }
  }, TEST_WITHIN_MS);

  it('take a file out of the knowledge base once, keep the file, and add it again', async () => {
    const remove = ourNode('AddToKnowledge', { operation: 'remove', knowledge: locator('name', knowledgeName()) });
    for (const action of ['removed', 'absent']) {
      const result = await server.execute([cleaning()], ourNode('UploadFile', {}), remove);
      expect(firstOf(result, 'AddToKnowledge')).toMatchObject({ action, fileCount: 1 });
    }
    const again = await server.execute([cleaning()], ...ingest());
    expect(firstOf(again, 'UploadFile')).toMatchObject({ action: 'reused' });
    expect(firstOf(again, 'AddToKnowledge')).toMatchObject({ action: 'added', fileCount: 2 });
  }, TEST_WITHIN_MS);

  it('offer the files and the knowledge base in the pickers by a part of the name', async () => {
    const bases = await server.engine.listSearch({ node: 'openWebUiAddToKnowledge', method: 'searchKnowledge', filter: server.run });
    expect(bases.results.map(({ name }) => name)).toEqual([knowledgeName()]);
    const files = await server.engine.listSearch({ node: 'openWebUiChatCompletion', method: 'searchFiles', filter: `cleaning-${server.run}` });
    expect(files.results.map(({ name }) => name)).toEqual([`cleaning-${server.run}.txt`]);
  }, TEST_WITHIN_MS);

  it('name Add to Knowledge when the file is unknown', async () => {
    const add = ourNode('AddToKnowledge', { knowledge: locator('name', knowledgeName()), fileId: '00000000-0000-4000-8000-000000000000' });
    const { error } = await server.execute([{ json: {} }], add);
    expect(error?.node).toBe('AddToKnowledge');
    expect(`${error?.message} ${error?.description}`).toMatch(/file/iu);
  }, TEST_WITHIN_MS);
});
