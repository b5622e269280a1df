import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json } from './support/engine-types.ts';
import type { StoredFile } from './support/scripted-store.ts';
import { EMPTY_CONTENT, sha256 } from './support/scripted-store.ts';
import { ALL_EVENTS, Watcher } from './support/watcher.ts';
import { ourNode } from './support/workflows.ts';

const SEARCH = '/api/v1/files/user/search';
const bench = openBench();
const { server } = bench;

/** An active workflow whose trigger has made its first poll, which gave nothing. */
async function watch(parameters: Json = {}): Promise<Watcher> {
  const watcher = new Watcher(bench.engine, parameters);
  expect(await watcher.events()).toEqual([]);
  return watcher;
}

const busy = (name: string): StoredFile => server.addFile(name, name, { hash: null, data: { status: 'processing' } });
const finish = (file: StoredFile, text = file.text): void => void Object.assign(file, { text, hash: sha256(text), data: { status: 'completed' } });
const fail = (file: StoredFile, error?: string): void => void Object.assign(file, { hash: null, data: { status: 'failed', error } });

describe('A searchable file', () => {
  it('starts the workflow once, when it is searchable and not before', async () => {
    server.addFile('old.txt', 'Old');
    const watcher = await watch();
    const file = busy('new.txt');
    expect(await watcher.events()).toEqual([]);
    finish(file);
    expect(await watcher.items()).toEqual([
      {
        event: 'searchable', id: file.id, filename: 'new.txt', isUpdate: false, status: 'completed', hash: sha256('new.txt'), fileHash: sha256('new.txt'),
        sizeBytes: 7, contentType: 'text/plain', metadata: {}, createdAt: file.created_at, updatedAt: file.updated_at,
      },
    ]);
    expect(await watcher.events()).toEqual([]);
  });

  it('comes with the record of the server when Simplify is off', async () => {
    const watcher = await watch({ simplify: false });
    const { id } = server.addFile('new.txt', 'New');
    expect(await watcher.items()).toMatchObject([{ event: 'searchable', id, file: { id, user_id: 'user-1', data: { status: 'completed' } } }]);
  });

  it('comes again as an update when its text has changed, and not when only its name or time has', async () => {
    const file = server.addFile('a.txt', 'First');
    const watcher = await watch();
    file.updated_at += 10;
    file.filename = 'b.txt';
    expect(await watcher.events()).toEqual([]);
    finish(file, 'Second');
    expect(await watcher.items()).toMatchObject([{ id: file.id, isUpdate: true, hash: sha256('Second') }]);
  });

  it('does not come again when it is processed again with the same text', async () => {
    const file = server.addFile('a.txt', 'First');
    const watcher = await watch();
    Object.assign(file, { hash: null, data: { status: 'processing' } });
    expect(await watcher.events()).toEqual([]);
    finish(file);
    expect(await watcher.events()).toEqual([]);
  });

  it('is found among others of the same second, whatever the clocks say', async () => {
    const second = { created_at: 4_102_444_800, updated_at: 4_102_444_800 };
    server.addFile('a.txt', 'A', second);
    const watcher = await watch();
    server.addFile('b.txt', 'B', second);
    expect(await watcher.events()).toEqual(['searchable b.txt']);
    server.addFile('c.txt', 'C', { created_at: 1, updated_at: 1 });
    server.addFile('d.txt', 'D', second);
    expect(await watcher.events()).toEqual(['searchable c.txt', 'searchable d.txt']);
  });

  it('starts the workflow at the first poll already when the files that are there are included', async () => {
    server.addFile('a.txt', 'A');
    const watcher = new Watcher(bench.engine, { options: { includeExisting: true } });
    expect(await watcher.events()).toEqual(['searchable a.txt']);
    expect(await watcher.events()).toEqual([]);
  });
});

describe('A failed file', () => {
  it('starts the workflow once, with the reason of the server', async () => {
    const watcher = await watch({ events: ['failed'] });
    const file = busy('broken.pdf');
    fail(file, 'Stream has ended unexpectedly');
    expect(await watcher.items()).toMatchObject([{ event: 'failed', id: file.id, status: 'failed', reason: 'Stream has ended unexpectedly' }]);
    expect(await watcher.events()).toEqual([]);
  });

  it.each([['for want of text', EMPTY_CONTENT], ['without a reason', undefined]])('%s is believed when it still is at the next poll', async (_, reason) => {
    const watcher = await watch({ events: ALL_EVENTS });
    const file = busy('a.txt');
    fail(file, reason);
    expect(await watcher.events()).toEqual([]);
    expect(await watcher.events()).toEqual(['failed a.txt']);
    expect(await watcher.events()).toEqual([]);
  });

  it('that goes on and completes was none: only the searchable file is told', async () => {
    const watcher = await watch({ events: ALL_EVENTS });
    const file = busy('a.txt');
    fail(file, EMPTY_CONTENT);
    expect(await watcher.events()).toEqual([]);
    Object.assign(file, { data: { status: 'processing' }, updated_at: file.updated_at + 1 });
    expect(await watcher.events()).toEqual([]);
    finish(file);
    expect(await watcher.events()).toEqual(['searchable a.txt']);
  });

  it('is told as searchable when it recovers later', async () => {
    const watcher = await watch({ events: ALL_EVENTS });
    const file = busy('a.txt');
    fail(file, 'The embedding model is gone');
    expect(await watcher.events()).toEqual(['failed a.txt']);
    finish(file);
    expect(await watcher.events()).toEqual(['searchable a.txt']);
  });
});

describe('A removed file', () => {
  it('is told once, with its name, before the file that takes its place', async () => {
    const old = server.addFile('a.txt', 'A');
    const watcher = await watch({ events: ALL_EVENTS });
    server.deleteFile(old.id);
    const { id } = server.addFile('a.txt', 'B');
    expect(await watcher.items()).toEqual([{ event: 'removed', id: old.id, filename: 'a.txt' }, expect.objectContaining({ event: 'searchable', id })]);
    expect(await watcher.events()).toEqual([]);
  });

  it('is not invented when a long list moves up while it is read', async () => {
    for (let index = 0; index < 1500; index++) server.addFile(`${index}.txt`, `${index}`);
    const watcher = await watch({ events: ALL_EVENTS });
    const newest = [...server.files.keys()].at(-1);
    server.onRequest = ({ query }) => {
      if (query['skip'] === '1000') server.deleteFile(String(newest));
    };
    // 499.txt moves to the page that was read already.
    expect(await watcher.events()).toEqual([]);
    expect(await watcher.events()).toEqual(['removed 1499.txt']);
    expect(await watcher.events()).toEqual([]);
  });
});

describe('The options of the trigger', () => {
  it('filter by file name, and a filter that changes brings no old files', async () => {
    const watcher = await watch({ options: { nameFilter: '*.PDF' } });
    server.addFile('a.txt', 'A');
    server.addFile('b.pdf', 'B');
    expect(await watcher.events()).toEqual(['searchable b.pdf']);
    watcher.parameters = { options: { nameFilter: '?.txt' } };
    expect(await watcher.events()).toEqual([]);
    server.addFile('c.txt', 'C');
    server.addFile('cc.txt', 'CC');
    expect(await watcher.events()).toEqual(['searchable c.txt']);
  });

  it('compare Japanese names as they are read, however the letters are stored', async () => {
    const watcher = await watch({ options: { nameFilter: '*ガイド?.pdf'.normalize('NFC') } });
    for (const name of ['製品ガイド1.pdf', '製品ガイド2.pdf'.normalize('NFD'), '製品ガイド𠮷.pdf', 'カイド3.pdf']) server.addFile(name, name);
    expect((await watcher.events()).map((event) => event.normalize('NFC')).toSorted()).toEqual(['searchable 製品ガイド1.pdf', 'searchable 製品ガイド2.pdf', 'searchable 製品ガイド𠮷.pdf']);
  });

  it('bring no old events when another event is chosen', async () => {
    const file = server.addFile('a.txt', 'A');
    const watcher = await watch({ events: ['removed'] });
    fail(busy('b.txt'), 'Broken');
    server.addFile('c.txt', 'C');
    expect(await watcher.events()).toEqual([]);
    watcher.parameters = { events: ALL_EVENTS };
    expect(await watcher.events()).toEqual([]);
    server.deleteFile(file.id);
    expect(await watcher.events()).toEqual(['removed a.txt']);
  });

  it('limit the files of a poll; the others come with the next ones, oldest first', async () => {
    const watcher = await watch({ options: { filesPerPoll: 2 } });
    for (const name of ['e', 'd', 'c', 'b', 'a']) server.addFile(name, name, { updated_at: 100 - name.charCodeAt(0) });
    expect(await watcher.events()).toEqual(['searchable e', 'searchable d']);
    server.addFile('f', 'f', { updated_at: 99 });
    expect(await watcher.events()).toEqual(['searchable c', 'searchable b']);
    expect(await watcher.events()).toEqual(['searchable a', 'searchable f']);
    expect(await watcher.events()).toEqual([]);
  });

  it('must name an event', async () => {
    const { error } = await new Watcher(bench.engine, { events: [] }).poll();
    expect(error).toMatchObject({ name: 'NodeOperationError', message: 'No event is chosen' });
  });
});

describe('The polls of the trigger', () => {
  it('change nothing when the server is down, show its words, and catch up afterwards', async () => {
    const watcher = await watch();
    server.addFile('a.txt', 'A');
    server.script('GET', SEARCH, { status: 500, body: { detail: 'The database is locked' } });
    const before = watcher.state;
    const { error } = await watcher.poll();
    expect(error).toMatchObject({ name: 'NodeApiError', message: 'The database is locked', httpCode: '500' });
    expect((await watcher.poll({ credential: { baseUrl: 'http://127.0.0.1:9' } })).error?.message).toContain('the connection was refused');
    expect(watcher.state).toEqual(before);
    server.addFile('b.txt', 'B');
    server.script('GET', SEARCH, { status: 200, body: [...server.files.values()].map((file) => server.record(file)), times: 1 });
    expect(await watcher.events()).toHaveLength(2);
    expect(await watcher.events()).toEqual([]);
  });

  it('give up on a server that says nothing after the time limit of the options, and catch up afterwards', async () => {
    const watcher = await watch({ options: { timeout: 1 } });
    server.script('GET', SEARCH, { status: 200, body: [], delayMs: 60_000, times: 1 });
    const { error } = await watcher.poll();
    expect(error?.message).toBe(`${server.baseUrl} did not answer within 1 seconds`);
    expect(error?.description).toContain('Raise Options > Timeout');
    server.addFile('a.txt', 'A');
    expect(await watcher.events()).toEqual(['searchable a.txt']);
  });

  it('give each event once when n8n starts several at the same time', async () => {
    const watcher = await watch();
    server.addFile('a.txt', 'A');
    expect(await watcher.events({ timesAtOnce: 4 })).toEqual(['searchable a.txt']);
  });

  it('do nothing while one is at work, as they may have been given the memory from before it', async () => {
    const watcher = await watch();
    const { state } = watcher;
    const record = server.record(server.addFile('a.txt', 'A'));
    let meanwhile: Promise<string[]> | undefined;
    const late = new Watcher(bench.engine);
    server.onRequest = () => {
      late.state = state;
      meanwhile ??= late.events();
    };
    server.script('GET', SEARCH, { status: 200, body: [record], until: async () => await meanwhile });
    expect(await watcher.events()).toEqual(['searchable a.txt']);
    expect(await meanwhile).toEqual([]);
    expect(server.seen('GET', SEARCH)).toHaveLength(2);
  });

  it('begin anew without a flood when the key of another user is used', async () => {
    const watcher = await watch();
    const theirs = ['x.txt', 'y.txt'].map((name) => server.addFile(name, name, { user_id: 'user-2' }));
    expect(await watcher.events()).toEqual(['searchable x.txt', 'searchable y.txt']);
    for (const file of theirs) file.user_id = 'user-3';
    server.addFile('z.txt', 'Z', { user_id: 'user-3' });
    expect(await watcher.events()).toEqual([]);
    server.addFile('new.txt', 'New', { user_id: 'user-3' });
    expect(await watcher.events()).toEqual(['searchable new.txt']);
  });

  it('need one request for up to 1,000 files and some 60 bytes a file in the memory of n8n', async () => {
    for (let index = 0; index < 900; index++) server.addFile(`document-${index}.pdf`, `${index}`);
    const watcher = await watch();
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.query).toEqual({ filename: '*', content: 'false', skip: '0', limit: '1000' });
    expect(JSON.stringify(watcher.state).length / 900).toBeLessThan(62);
  });

  it('work with servers that have no search among one\'s own files', async () => {
    server.hasOwnSearch = false;
    const watcher = await watch();
    server.addFile('a.txt', 'A');
    expect(await watcher.events()).toEqual(['searchable a.txt']);
  });
});

describe('Fetch Test Event', () => {
  const fetchEvent = async (parameters: Json) =>
    await bench.engine.run({ nodes: [ourNode('KnowledgeTrigger', parameters)], connections: {} }, { startNode: 'KnowledgeTrigger' });

  it('shows the newest file of each chosen event', async () => {
    server.addFile('old.txt', 'Old', { updated_at: 1 });
    server.addFile('new.txt', 'New', { updated_at: 2 });
    fail(server.addFile('bad.txt', 'Bad', { updated_at: 3 }), EMPTY_CONTENT);
    const { nodes, error } = await fetchEvent({ events: ALL_EVENTS });
    expect(error).toBeUndefined();
    expect(nodes['KnowledgeTrigger']?.items.map(({ json }) => [json['event'], json['filename']])).toEqual([['searchable', 'new.txt'], ['failed', 'bad.txt']]);
  });

  it('says so when there is no file to show', async () => {
    server.addFile('a.txt', 'A');
    const { error } = await fetchEvent({ options: { nameFilter: '*.pdf' } });
    expect(error).toMatchObject({ message: 'There is no file to show as a test event', description: expect.stringContaining('File Name Filter') as unknown });
    expect((await fetchEvent({ events: ['removed'] })).error?.description).toContain('Removed files cannot be shown');
  });
});
