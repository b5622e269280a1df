import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { InputItem, Json, RunResult } from './support/engine-types.ts';
import type { StoredFile } from './support/scripted-store.ts';
import { chain, ourNode } from './support/workflows.ts';

const FILES = '/api/v1/files/';
const LIST = '/api/v1/files/user/search';
const AGAIN = '/api/v1/retrieval/process/file';
const bench = openBench();
const { server } = bench;

const file = (fileName: string, text: string): InputItem => ({ json: {}, files: { data: { fileName, mimeType: 'text/plain', text } } });

async function sync(inputItems: InputItem[], options: Json = {}): Promise<RunResult> {
  return await bench.engine.run(chain(ourNode('UploadFile', { operation: 'sync', options })), { inputItems });
}

const outputs = (result: RunResult): Json[] => (result.nodes['UploadFile']?.items ?? []).map(({ json }) => json);
const changes = (result: RunResult): unknown[] => outputs(result).map(({ change }) => change);

/** A file that the server began so many minutes ago, and has forgotten. */
const unfinishedFor = (fileName: string, minutes: number): StoredFile =>
  server.addFile(fileName, 'Text', { data: { status: 'processing' }, hash: null, readyAt: Date.now() + 600_000, updated_at: Math.floor(Date.now() / 1000) - minutes * 60 });

describe('Upload File: Sync after a restart of the server', () => {
  it('lets the server begin anew with a file that it has not finished within an hour, once, and then waits for it', async () => {
    const lost = unfinishedFor('lost.txt', 90);
    expect(outputs(await sync([file('lost.txt', 'Text')], { timeout: 5 }))[0]).toMatchObject({ change: 'unchanged', id: lost.id, status: 'completed' });
    expect(server.seen('POST', AGAIN).map(({ body }) => body)).toEqual([{ file_id: lost.id }]);
    expect(server.seen('POST', FILES)).toEqual([]);
    unfinishedFor('busy.txt', 30);
    expect(outputs(await sync([file('busy.txt', 'Text')], { timeout: 1 }))[0]).toMatchObject({ change: 'failed', error: expect.stringContaining('not searchable after 1 seconds') as unknown });
    expect(server.seen('POST', AGAIN)).toHaveLength(1);
  });

  it('leaves a file alone that the server has finished since the files were listed', async () => {
    const stored = unfinishedFor('a.txt', 90);
    server.onRequest = ({ path }) => void (path.endsWith('/process/status') && Object.assign(stored, { readyAt: 1 }));
    expect(changes(await sync([file('a.txt', 'Text')]))).toEqual(['unchanged']);
    expect(server.seen('POST', AGAIN)).toEqual([]);
  });

  it('waits for such a file also when the server will not begin anew with it', async () => {
    const stored = unfinishedFor('a.txt', 90);
    server.script('POST', AGAIN, { status: 400, body: { detail: 'not now' } });
    server.onRequest = ({ path }) => void (path === AGAIN && Object.assign(stored, { readyAt: Date.now() + 300 }));
    expect(outputs(await sync([file('a.txt', 'Text')]))[0]).toMatchObject({ change: 'unchanged', status: 'completed' });
  });
});

describe('Upload File: Sync and the fields of the user', () => {
  it('leaves a field "replaces" of the user as it is, and takes its file for unchanged', async () => {
    const options = { compareMetadata: true, metadata: { fields: [{ name: 'replaces', value: 'DOC-12' }] } };
    expect(changes(await sync([file('a.txt', 'Old')], options))).toEqual(['added']);
    const changed = await sync([file('a.txt', 'New')], options);
    expect(outputs(changed)[0]).toMatchObject({ change: 'changed', metadata: { replaces: 'DOC-12' } });
    expect([...server.files.values()].map(({ meta }) => (meta['data'] as Json)['replaces'])).toEqual(['DOC-12']);
    expect(changes(await sync([file('a.txt', 'New')], options))).toEqual(['unchanged']);
  });

  it('shows the user\'s own metadata alone, without its note of the older versions', async () => {
    const old = server.addFile('a.txt', 'Old');
    const [output] = outputs(await sync([file('a.txt', 'New')], { metadata: { fields: [{ name: 'team', value: 'ice' }] } }));
    expect(output?.['metadata']).toEqual({ team: 'ice' });
    expect([...server.files.values()].map(({ meta }) => meta['data'])).toEqual([{ team: 'ice', n8n_replaces: [old.id] }]);
  });
});

describe('Upload File: Sync and a server of many files', () => {
  /** Deletes the newest file while the list is read: all others move up, and one falls between two answers. */
  const deleteMeanwhile = (): void => {
    server.onRequest = ({ query }) => {
      if (query['skip'] !== '1000') return;
      server.onRequest = () => undefined;
      const newest = [...server.files.keys()].at(-1);
      if (newest !== undefined) server.deleteFile(newest);
    };
  };
  const addFiles = (count: number): void => {
    for (let index = 0; index < count; index++) server.addFile(`other${index}.txt`, `Text ${index}`);
  };

  it('does not send a file again that the list passes over because another one is deleted while it is read', async () => {
    const hidden = server.addFile('hidden.txt', 'Hidden');
    addFiles(1_000);
    deleteMeanwhile();
    expect(outputs(await sync([file('hidden.txt', 'Hidden')]))[0]).toMatchObject({ change: 'unchanged', id: hidden.id });
    expect(server.seen('POST', FILES)).toEqual([]);
  });

  it('names and deletes the older version that the list passes over', async () => {
    const hidden = server.addFile('hidden.txt', 'Old');
    addFiles(1_000);
    deleteMeanwhile();
    expect(outputs(await sync([file('hidden.txt', 'New')]))[0]).toMatchObject({ change: 'changed', previousId: hidden.id, deletedIds: [hidden.id] });
  });

  it('asks by name once for each name that it would send, and not where one answer held all files', async () => {
    const path = { fileName: '={{ $json.folder }}/{{ $binary.data.fileName }}' };
    const inFolders = ['a', 'b', 'c'].map((folder) => ({ ...file('read.me', folder), json: { folder } }));
    const asked = (): string[] => server.seen('GET', LIST).map(({ query }) => String(query['filename']));
    addFiles(999);
    expect(changes(await sync(inFolders, path))).toEqual(['added', 'added', 'added']);
    expect(asked()).toEqual(['*']);
    server.requests.length = 0;
    const others = ['d', 'e'].map((folder) => ({ ...file('read.me', folder), json: { folder } }));
    expect(changes(await sync([...inFolders, ...others], path))).toEqual(['unchanged', 'unchanged', 'unchanged', 'added', 'added']);
    expect(asked()).toEqual(['*', '*', 'read.me']);
  });
});
