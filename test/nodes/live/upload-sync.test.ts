import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { InputItem, Json, RunResult } from '../support/engine-types.ts';
import { ourNode } from '../support/workflows.ts';
import { jsons, OPEN_WITHIN_MS, openLiveServer, TEST_WITHIN_MS, textFile } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;

beforeAll(async () => {
  server = await openLiveServer();
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

const inFolder = (folder: string, fileName: string, text: string): InputItem => ({ ...textFile(`${fileName}-${server.run}.md`, text), json: { folder } });
const options = { fileName: '={{ $json.folder }}/{{ $binary.data.fileName }}' };
const sync = async (items: InputItem[], more: Json = {}): Promise<Json[]> => {
  const result: RunResult = await server.execute(items, ourNode('UploadFile', { operation: 'sync', options: { ...options, ...more } }));
  expect(result.error).toBeUndefined();
  return jsons(result, 'UploadFile');
};
const changes = (outputs: Json[]): unknown[] => outputs.map(({ change }) => change);
const stored = async (): Promise<Array<{ id: string; filename: string; meta: { data: Json } }>> =>
  (await server.call('GET', `/api/v1/files/search?filename=*${server.run}*&content=false`)).json as never;

describe('Upload File: Sync on a real server', () => {
  const docs = (text = 'Docs'): InputItem => inFolder('docs', '手引 "a"', `${text} ${server.run}`);
  const sub = (): InputItem => inFolder('sub', '手引 "a"', `Sub ${server.run}`);
  let before: Json[] = [];

  it('adds files of equal names in two folders, each with its path', async () => {
    before = await sync([docs(), sub()]);
    expect(changes(before)).toEqual(['added', 'added']);
    expect(before.map(({ status }) => status)).toEqual(['completed', 'completed']);
    const paths = (await stored()).map(({ meta }) => meta.data['path']).sort();
    expect(paths).toEqual([`docs/手引 "a"-${server.run}.md`, `sub/手引 "a"-${server.run}.md`]);
  }, TEST_WITHIN_MS);

  it('changes nothing when they come again', async () => {
    const again = await sync([docs(), sub()]);
    expect(again.map(({ change, id }) => [change, id])).toEqual(before.map(({ id }) => ['unchanged', id]));
    expect(again[0]?.['counts']).toEqual({ added: 0, changed: 0, unchanged: 2, failed: 0 });
  }, TEST_WITHIN_MS);

  it('puts the new version of a changed file in the place of the old one, and of no other', async () => {
    const [changed, unchanged] = await sync([docs('New docs'), sub()]);
    expect(changed).toMatchObject({ change: 'changed', status: 'completed', previousId: before[0]?.['id'], deletedIds: [before[0]?.['id']] });
    expect(unchanged).toMatchObject({ change: 'unchanged', id: before[1]?.['id'] });
    expect((await stored()).map(({ id }) => id).sort()).toEqual([changed?.['id'], before[1]?.['id']].sort());
    const query = { json: { collection_name: `file-${String(before[0]?.['id'])}`, query: 'Docs', k: 3 } };
    expect((await server.call('POST', '/api/v1/retrieval/query/doc', query)).text).not.toContain(`Docs ${server.run}`);
    before = [changed ?? {}, unchanged ?? {}];
  }, TEST_WITHIN_MS);

  it('keeps the version that is there when the new one is refused or cannot be read', async () => {
    const blank = inFolder('docs', '手引 "a"', ' \n ');
    const outputs = await sync([blank, { ...sub(), files: { data: { fileName: `手引 "a"-${server.run}.md`, mimeType: 'text/markdown', text: '' } } }, inFolder('docs', 'b', `B ${server.run}`)]);
    expect(changes(outputs)).toEqual(['failed', 'failed', 'added']);
    expect(outputs.slice(0, 2).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(outputs[0]?.['error']).toMatch(/content provided is empty|holds no text/u);
    expect(outputs[1]?.['error']).toMatch(/empty|no bytes/iu);
    expect(await stored()).toHaveLength(3);
  }, TEST_WITHIN_MS);

  it('compares the metadata that the server keeps, when told to', async () => {
    const metadataJson = JSON.stringify({ year: 2026, tags: ['x'], 部署: '総務' });
    const item = inFolder('docs', 'c', `C ${server.run}`);
    expect(changes(await sync([item], { metadataJson }))).toEqual(['added']);
    expect(changes(await sync([item], { metadataJson, compareMetadata: true }))).toEqual(['unchanged']);
    expect(changes(await sync([item], { metadataJson: '{"year": 2027}', compareMetadata: true }))).toEqual(['changed']);
    expect(changes(await sync([item], { metadataJson: '{"year": 2028}' }))).toEqual(['unchanged']);
  }, TEST_WITHIN_MS);
});
