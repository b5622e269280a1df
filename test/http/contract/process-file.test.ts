import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../../support/runtime.ts';
import { call, fileForm, TEXT, type Answer } from './client.ts';

let runtime: RunningRuntime;
beforeAll(async () => {
  runtime = await startRuntime();
});
afterAll(() => runtime.stop());

const processFile = (body: object): Promise<Answer> => call(runtime, 'POST', '/api/v1/retrieval/process/file', { json: body });

describe('POST /api/v1/retrieval/process/file', () => {
  it('processes a file that was stored without, answers with its text, and makes it searchable', async () => {
    const { id } = (await call(runtime, 'POST', '/api/v1/files/?process=false', { form: fileForm('The bridge opened in 1931.', 'bridge.txt') })).json;
    const answer = await processFile({ file_id: id });
    expect(answer.json).toEqual({ status: true, collection_name: `file-${id}`, filename: 'bridge.txt', content: 'The bridge opened in 1931.' });
    const found = await call(runtime, 'POST', '/api/v1/retrieval/query/doc', { json: { collection_name: `file-${id}`, query: 'When was the bridge opened?' } });
    expect(found.json.documents).toEqual([['The bridge opened in 1931.']]);
  });

  it('leaves a completed file as it is', async () => {
    const { id } = (await call(runtime, 'POST', '/api/v1/files/?process_in_background=false', { form: fileForm('Done already.', 'done.txt') })).json;
    const before = (await call(runtime, 'GET', `/api/v1/files/${id}`)).json;
    expect((await processFile({ file_id: id })).status).toBe(200);
    expect((await call(runtime, 'GET', `/api/v1/files/${id}`)).json).toEqual(before);
  });

  it('tries a failed file again and says why it failed again', async () => {
    const { id } = (await call(runtime, 'POST', '/api/v1/files/?process_in_background=false', { form: fileForm('   \n', 'blank.txt') })).json;
    const answer = await processFile({ file_id: id });
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toContain('blank.txt');
    expect((await call(runtime, 'GET', `/api/v1/files/${id}/process/status`)).json).toMatchObject({ status: 'failed' });
  });

  it('answers 404 for an unknown file and 422 for what it cannot do', async () => {
    const unknown = await processFile({ file_id: '00000000-0000-4000-8000-000000000000' });
    expect([unknown.status, unknown.json.detail]).toEqual([404, TEXT.notFound]);
    expect((await processFile({ file_id: 'x', content: 'another text' })).status).toBe(422);
  });
});
