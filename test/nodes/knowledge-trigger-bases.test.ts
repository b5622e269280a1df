import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json } from './support/engine-types.ts';
import type { StoredBase, StoredFile } from './support/scripted-store.ts';
import { DUPLICATE, sha256 } from './support/scripted-store.ts';
import { ALL_EVENTS, watchBases, Watcher } from './support/watcher.ts';
import { locator } from './support/workflows.ts';

const bench = openBench();
const { server } = bench;

/** An active workflow whose trigger has made its first poll, which gave nothing. */
async function watch(parameters: Json): Promise<Watcher> {
  const watcher = new Watcher(bench.engine, { events: ALL_EVENTS, ...parameters });
  expect(await watcher.events()).toEqual([]);
  return watcher;
}

const add = (base: StoredBase, file: StoredFile): void => void base.files.push(file.id);
const remove = (base: StoredBase, file: StoredFile): void => void (base.files = base.files.filter((id) => id !== file.id));
const many = (count: number): StoredFile[] => Array.from({ length: count }, (_, index) => server.addFile(`${index}.txt`, `${index}`));
const filesPath = ({ id }: StoredBase): string => `/api/v1/knowledge/${id}/files`;

describe('A knowledge base', () => {
  it('starts the workflow when a file is in it, also one that was uploaded long ago', async () => {
    const file = server.addFile('a.txt', 'A', { created_at: 1, updated_at: 1 });
    const base = server.addBase('Manuals');
    const watcher = await watch(watchBases(base.id));
    server.addFile('elsewhere.txt', 'E');
    expect(await watcher.events()).toEqual([]);
    add(base, file);
    expect(await watcher.items()).toMatchObject([
      { event: 'searchable', id: file.id, filename: 'a.txt', isUpdate: false, knowledgeId: base.id, knowledgeName: 'Manuals', status: 'completed', hash: sha256('A') },
    ]);
    expect(await watcher.events()).toEqual([]);
  });

  it('tells of a file that is taken out, and again when it is put back', async () => {
    const file = server.addFile('a.txt', 'A');
    const base = server.addBase('Manuals', [file]);
    const watcher = await watch(watchBases(base.id));
    remove(base, file);
    expect(await watcher.items()).toEqual([{ event: 'removed', id: file.id, filename: 'a.txt', knowledgeId: base.id, knowledgeName: 'Manuals' }]);
    add(base, file);
    expect(await watcher.events()).toEqual(['searchable a.txt']);
  });

  it('tells of a text that has changed', async () => {
    const file = server.addFile('a.txt', 'A');
    const watcher = await watch(watchBases(server.addBase('Manuals', [file]).id));
    file.hash = sha256('B');
    expect(await watcher.items()).toMatchObject([{ event: 'searchable', isUpdate: true }]);
  });

  it('tells of a file that failed on its way into it, once, and of no other failed one', async () => {
    const base = server.addBase('Manuals');
    const watcher = await watch(watchBases(base.id));
    const failed = { hash: null, data: { status: 'failed', error: DUPLICATE } };
    server.addFile('elsewhere.txt', 'E', failed);
    const file = server.addFile('a.txt', 'A', { ...failed, meta: { data: { knowledge_id: base.id } } });
    expect(await watcher.items()).toMatchObject([{ event: 'failed', id: file.id, filename: 'a.txt', reason: DUPLICATE, knowledgeName: 'Manuals' }]);
    expect(await watcher.events()).toEqual([]);
    server.deleteFile(file.id);
    expect(await watcher.events()).toEqual([]);
  });

  it('tells of a file in it that fails, also when it is the file of somebody else', async () => {
    const file = server.addFile('a.txt', 'A');
    const watcher = await watch(watchBases(server.addBase('Manuals', [file]).id));
    Object.assign(file, { hash: null, data: { status: 'failed', error: 'The disk is full' } });
    server.script('GET', '/api/v1/files/search', { status: 404, body: { detail: 'No files found matching the pattern.' } });
    expect(await watcher.items()).toMatchObject([{ event: 'failed', id: file.id, reason: 'The disk is full' }]);
    expect(await watcher.events()).toEqual([]);
  });

  it('keeps a file that another base has refused as a duplicate', async () => {
    const file = server.addFile('a.txt', 'A');
    const watcher = await watch(watchBases(server.addBase('Manuals', [file]).id));
    expect(server.link(server.addBase('Other', [server.addFile('twin.txt', 'A')]), file)).toContain('Duplicate');
    expect(await watcher.events()).toEqual([]);
  });
});

describe('The choice of knowledge bases', () => {
  it('may be several, by ID, name and address, each file with the name of its base', async () => {
    const [one, two, three] = [server.addBase('One'), server.addBase('Two'), server.addBase('Three')];
    const knowledge = [locator('id', one.id), locator('name', 'Two'), locator('url', `${server.baseUrl}/workspace/knowledge/${three.id}`), locator('list', one.id)];
    const watcher = await watch({ watch: 'knowledge', knowledgeBases: { values: knowledge.map((value) => ({ knowledge: value })) } });
    const file = server.addFile('a.txt', 'A');
    for (const base of [one, two, three]) add(base, file);
    expect((await watcher.items()).map(({ knowledgeName }) => knowledgeName)).toEqual(['One', 'Two', 'Three']);
  });

  it('can change: a new base brings what comes from then on, the others go on', async () => {
    const [one, two] = [server.addBase('One'), server.addBase('Two', many(40))];
    const watcher = await watch(watchBases(one.id));
    add(one, server.addFile('a.txt', 'A'));
    watcher.parameters = { ...watcher.parameters, ...watchBases(one.id, two.id) };
    expect(await watcher.events()).toEqual(['searchable a.txt']);
    add(two, server.addFile('b.txt', 'B'));
    expect(await watcher.events()).toEqual(['searchable b.txt']);
    watcher.parameters = { ...watcher.parameters, watch: 'files' };
    expect(await watcher.events()).toEqual([]);
    watcher.parameters = { ...watcher.parameters, ...watchBases(two.id) };
    expect(await watcher.events()).toEqual([]);
  });

  it('may add File Failed later without the old failures', async () => {
    const base = server.addBase('Manuals');
    const meant = { hash: null, meta: { data: { knowledge_id: base.id } } };
    const watcher = await watch({ ...watchBases(base.id), events: ['searchable'] });
    server.addFile('old.txt', 'O', { ...meant, data: { status: 'failed' } });
    expect(await watcher.events()).toEqual([]);
    watcher.parameters = { ...watcher.parameters, events: ALL_EVENTS };
    expect([await watcher.events(), await watcher.events()]).toEqual([[], []]);
    server.addFile('new.txt', 'N', { ...meant, data: { status: 'failed', error: 'Broken' } });
    expect(await watcher.events()).toEqual(['failed new.txt']);
  });

  it('must name one that is there', async () => {
    const none = await new Watcher(bench.engine, { watch: 'knowledge' }).poll();
    expect(none.error).toMatchObject({ name: 'NodeOperationError', message: 'No knowledge base is chosen' });
    const unknown = await new Watcher(bench.engine, watchBases('nope')).poll();
    expect(unknown.error).toMatchObject({ name: 'NodeApiError', message: "We could not find what you're looking for :/" });
  });
});

describe('A long list of a knowledge base', () => {
  it('is read page by page, and a file that moves to a page that was read already is not lost', async () => {
    server.isAdmin = false;
    const files = many(100);
    const base = server.addBase('Manuals', files);
    const watcher = await watch(watchBases(base.id));
    let isDone = false;
    server.onRequest = ({ path, query }) => {
      if (path !== filesPath(base) || query['page'] !== '3' || isDone) return;
      isDone = true;
      remove(base, files[0] as StoredFile);
      add(base, server.addFile('new.txt', 'New'));
    };
    expect(await watcher.events()).toEqual(['searchable new.txt']);
    expect(await watcher.events()).toEqual(['removed 0.txt']);
    expect(await watcher.events()).toEqual([]);
  });

  it('that comes back empty although the server counts files is not believed', async () => {
    const base = server.addBase('Manuals', many(3));
    const watcher = await watch(watchBases(base.id));
    server.script('GET', filesPath(base), { status: 200, body: { items: [], directories: [], breadcrumbs: [], total: 0 }, times: 2 });
    const { error } = await watcher.poll();
    expect(error?.message).toBe('The server lists no files of the knowledge base "Manuals" although it counts 3');
    expect(await watcher.events()).toEqual([]);
    base.files = [];
    expect(await watcher.events()).toEqual(['removed 0.txt', 'removed 1.txt', 'removed 2.txt']);
  });

  it('costs two requests where failed files are not asked for', async () => {
    const base = server.addBase('Manuals', many(30));
    await watch({ ...watchBases(base.id), events: ['searchable'] });
    expect(server.requests.map(({ path }) => path)).toEqual([`/api/v1/knowledge/${base.id}`, filesPath(base)]);
    expect(server.requests[1]?.query).toMatchObject({ limit: '1000', order_by: 'created_at', direction: 'asc' });
  });
});
