import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { InputItem, Json, RunResult } from '../support/engine-types.ts';
import { locator, ourNode } from '../support/workflows.ts';
import { firstOf, jsons, OPEN_WITHIN_MS, openLiveServer, TEST_WITHIN_MS, textFile } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;

beforeAll(async () => {
  server = await openLiveServer();
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

const upload = async (items: InputItem[], options: Json = {}, more: Json = {}): Promise<RunResult> =>
  await server.execute(items, ourNode('UploadFile', { options }, more));
const bytesFile = (fileName: string, mimeType: string, base64: string): InputItem => ({ json: {}, files: { data: { fileName, mimeType, base64 } } });

describe('Upload File on a real server', () => {
  it.each(['保証書 %.txt', '「冬」の "手引" ❄️ %.txt', "it's #1 & more; a=b [x] % (2).txt"])('uploads %s once and knows it again', async (pattern) => {
    const item = textFile(pattern.replace('%', server.run), `保証は二年です (${pattern}, ${server.run})。`);
    const first = firstOf(await upload([item]), 'UploadFile');
    expect(first).toMatchObject({ action: 'uploaded', status: 'completed' });
    expect(firstOf(await upload([item]), 'UploadFile')).toMatchObject({ action: 'reused', id: first['id'], filename: first['filename'] });
  }, TEST_WITHIN_MS);

  it('keeps metadata of every kind with the file, and gives it back', async () => {
    const metadataJson = JSON.stringify({ 部署: '総務', year: 2026, open: true, tags: ['a', 'b'] });
    const options = { metadataJson, metadata: { fields: [{ name: 'team', value: 'kettles' }] } };
    const file = firstOf(await upload([textFile(`meta-${server.run}.txt`, `Metadata ${server.run}`)], options), 'UploadFile');
    const metadata = { 部署: '総務', year: 2026, open: true, tags: ['a', 'b'], team: 'kettles' };
    expect(file['metadata']).toMatchObject(metadata);
    const record = (await server.call('GET', `/api/v1/files/${String(file['id'])}`)).json;
    expect(record).toMatchObject({ meta: { data: metadata } });
  }, TEST_WITHIN_MS);

  it('fails, uploads again or replaces when the same content is there', async () => {
    const items = [textFile(`twice-${server.run}.txt`, `The same text twice (${server.run})`)];
    const first = firstOf(await upload(items), 'UploadFile');
    const failed = await upload(items, { ifSameContent: 'fail' });
    expect(failed.error).toMatchObject({ message: `"twice-${server.run}.txt" is already on the server`, description: expect.stringContaining(String(first['id'])) as unknown });
    const second = firstOf(await upload(items, { ifSameContent: 'upload' }), 'UploadFile');
    expect(second['id']).not.toBe(first['id']);
    const third = firstOf(await upload(items, { ifSameContent: 'replace' }), 'UploadFile');
    expect(third).toMatchObject({ action: 'replaced', status: 'completed' });
    expect([...(third['deletedIds'] as string[])].sort()).toEqual([first['id'], second['id']].sort());
    for (const { id } of [first, second]) expect((await server.call('GET', `/api/v1/files/${String(id)}`)).status).toBe(404);
  }, TEST_WITHIN_MS);

  it('gives the reason of the server for files it refuses or cannot read, and uploads the others', async () => {
    const items = [
      textFile(`empty-${server.run}.txt`, ''),
      textFile(`blank-${server.run}.txt`, ' \n\n '),
      bytesFile(`broken-${server.run}.pdf`, 'application/pdf', Buffer.from('%PDF-1.7\nthis is no PDF').toString('base64')),
      bytesFile(`picture-${server.run}.png`, 'image/png', 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
      textFile(`good-${server.run}.txt`, `A good file (${server.run})`),
    ];
    const outputs = jsons(await upload(items, { concurrency: 5 }, { onError: 'continueRegularOutput' }), 'UploadFile');
    expect(outputs[0]?.['error']).toMatch(/empty|no bytes/iu);
    expect(outputs[1]?.['error']).toMatch(/could not be processed: .*(content provided is empty|holds no text)/u);
    expect(outputs[2]?.['error']).toMatch(/^"broken-.*\.pdf" could not be processed: (?!the server gives no reason).{5,}/u);
    expect(outputs[3]?.['error']).toMatch(/picture-.*could not be processed: .*(image\/png|PNG image)/u);
    expect(outputs[4]).toMatchObject({ status: 'completed' });
  }, TEST_WITHIN_MS);

  it('survives that somebody adds the file to a knowledge base while it is being processed (trap 2)', async () => {
    const text = Array.from({ length: 300 }, (_, index) => `Paragraph ${index} (${server.run}). ${'The kettle boils water quickly. '.repeat(8)}`).join('\n\n');
    const name = `early-${server.run}.txt`;
    const base = (await server.call('POST', '/api/v1/knowledge/create', { json: { name: `Early ${server.run}`, description: '' } })).json as { id: string };
    const run = upload([textFile(name, text)]);
    let fileId = '';
    while (fileId === '') {
      const { status, json } = await server.call('GET', `/api/v1/files/search?filename=${name}&content=false`);
      if (status === 200) fileId = (json as Array<{ id: string }>)[0]?.id ?? '';
    }
    await server.call('POST', `/api/v1/knowledge/${base.id}/file/add`, { json: { file_id: fileId } });
    expect(firstOf(await run, 'UploadFile')).toMatchObject({ id: fileId, status: 'completed', action: 'uploaded' });
    const add = await server.execute([{ json: { id: fileId } }], ourNode('AddToKnowledge', { knowledge: locator('id', base.id) }));
    expect(firstOf(add, 'AddToKnowledge')).toMatchObject({ fileCount: 1 });
  }, TEST_WITHIN_MS);
});
