import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json } from './support/engine-types.ts';
import type { StoredBase, StoredFile } from './support/scripted-store.ts';
import type { Reply, SeenRequest } from './support/scripted-types.ts';
import { ALL_EVENTS, watchBases, Watcher } from './support/watcher.ts';

/** Open WebUI answers so when its own query fails. */
const NOTHING = { items: [], directories: [], breadcrumbs: [], total: 0 };
const SEARCH = '/api/v1/knowledge/search/files';
const bench = openBench();
const { server } = bench;

const many = (count: number): StoredFile[] => Array.from({ length: count }, (_, index) => server.addFile(`${index}.txt`, `${index}`));
const filesPath = ({ id }: StoredBase): string => `/api/v1/knowledge/${id}/files`;
const watcherOf = (base: StoredBase): Watcher => new Watcher(bench.engine, { ...watchBases(base.id), events: ALL_EVENTS });
const took = (path: string): number => server.seen('GET', path).length;

/** An active workflow whose trigger has made its first poll, which gave nothing. */
async function watch(base: StoredBase): Promise<Watcher> {
  const watcher = watcherOf(base);
  expect(await watcher.events()).toEqual([]);
  return watcher;
}

/** Lets the server's query for a page of the list fail so many times. */
function breakPage(base: StoredBase, page: string, times: number): void {
  let left = times;
  server.version = ({ path, query }, reply) => (path === filesPath(base) && query['page'] === page && left-- > 0 ? { status: 200, body: NOTHING } : reply);
}

/** Lets the server count files that are gone, and tell which ones a search in all bases finds in this one. */
function haunt(base: StoredBase, ghosts: number, found: StoredFile[] = []): void {
  const counted = (reply: Reply): Json => {
    const body = (reply as { body: Json }).body;
    const items = (body['items'] as Json[]).map((item) => (item['id'] === base.id ? { ...item, file_count: Number(item['file_count']) + ghosts } : item));
    return { ...body, items };
  };
  const before = server.version;
  server.version = (seen: SeenRequest, reply: Reply): Reply => {
    if (seen.path === '/api/v1/knowledge/') return { status: 200, body: counted(reply) };
    if (seen.path !== SEARCH) return before(seen, reply);
    const items = found.filter(({ filename }) => filename.includes(seen.query['query'] ?? '')).map((file) => ({ ...server.record(file), collection: { id: base.id } }));
    return { status: 200, body: { ...NOTHING, items, total: items.length } };
  };
}

describe('A list that breaks off', () => {
  it('on a later page brings neither removed files nor the same files again', async () => {
    server.isAdmin = false;
    const base = server.addBase('Manuals', many(75));
    const watcher = await watch(base);
    breakPage(base, '2', 1);
    expect([await watcher.events(), await watcher.events()]).toEqual([[], []]);
  });

  it('at the first look does not make the files behind it new', async () => {
    server.isAdmin = false;
    const base = server.addBase('Manuals', many(75));
    breakPage(base, '3', 1);
    const watcher = await watch(base);
    expect(await watcher.events()).toEqual([]);
  });

  it('each time it is read fails the poll, and nothing is lost', async () => {
    server.isAdmin = false;
    const base = server.addBase('Manuals', many(75));
    const watcher = await watch(base);
    breakPage(base, '2', 2);
    const before = watcher.state;
    const { error } = await watcher.poll();
    expect(error?.message).toBe('The server lists 30 files of the knowledge base "Manuals" although it counts 75');
    expect(watcher.state).toEqual(before);
    base.files.push(server.addFile('new.txt', 'New').id);
    expect(await watcher.events()).toEqual(['searchable new.txt']);
  });

  it.each([31, 32, 61])('because one of %s files is deleted meanwhile gives that one event', async (count) => {
    server.isAdmin = false;
    const base = server.addBase('Manuals', many(count));
    const watcher = await watch(base);
    let isDone = false;
    server.onRequest = ({ path, query }) => {
      if (isDone || path !== filesPath(base) || query['page'] !== '2') return;
      isDone = true;
      base.files.shift();
    };
    const told = [...(await watcher.events()), ...(await watcher.events()), ...(await watcher.events())];
    expect(told).toEqual(['removed 0.txt']);
  });
});

describe('A knowledge base that the server counts deleted files in', () => {
  it('tells that its last file was deleted, and goes on', async () => {
    const [file] = many(1) as [StoredFile];
    const base = server.addBase('Manuals', [file]);
    const watcher = await watch(base);
    server.deleteFile(file.id);
    haunt(base, 1);
    expect(await watcher.events()).toEqual(['removed 0.txt']);
    const asked = took('/api/v1/knowledge/');
    expect(await watcher.events()).toEqual([]);
    expect(took('/api/v1/knowledge/')).toBe(asked);
    base.files.push(server.addFile('new.txt', 'New').id);
    expect(await watcher.events()).toEqual(['searchable new.txt']);
  });

  it('tells that its last file was taken out, which is still there elsewhere', async () => {
    const [file] = many(1) as [StoredFile];
    const base = server.addBase('Manuals', [file]);
    const watcher = await watch(base);
    base.files = [];
    haunt(base, 1);
    expect(await watcher.events()).toEqual(['removed 0.txt']);
  });

  it('is not taken for empty while a search still finds its files', async () => {
    const files = many(3);
    const base = server.addBase('Manuals', files);
    const watcher = await watch(base);
    breakPage(base, '1', 2);
    haunt(base, 0, files);
    const before = watcher.state;
    expect((await watcher.poll()).error?.message).toBe('The server lists no files of the knowledge base "Manuals" although it counts 3');
    expect(watcher.state).toEqual(before);
    expect(await watcher.events()).toEqual([]);
  });

  it('does not keep the workflow from being activated', async () => {
    const base = server.addBase('Manuals');
    haunt(base, 2);
    const watcher = await watch(base);
    base.files.push(server.addFile('new.txt', 'New').id);
    expect(await watcher.events()).toEqual(['searchable new.txt']);
  });
});

describe('An empty list of a knowledge base', () => {
  it('at the first look is read again before its files count as new', async () => {
    const base = server.addBase('Manuals', many(75));
    breakPage(base, '1', 1);
    const watcher = await watch(base);
    expect(await watcher.events()).toEqual([]);
  });

  it('at the first look fails the poll while a search finds files in the base', async () => {
    const files = many(3);
    const base = server.addBase('Manuals', files);
    breakPage(base, '1', 2);
    haunt(base, 0, files);
    const watcher = watcherOf(base);
    expect((await watcher.poll()).error?.message).toContain('lists no files of the knowledge base "Manuals"');
    expect([await watcher.events(), await watcher.events()]).toEqual([[], []]);
  });

  it('does not forget its files when one that failed on its way into it is seen', async () => {
    const base = server.addBase('Manuals', many(3));
    const watcher = await watch(base);
    server.addFile('bad.txt', 'Bad', { hash: null, data: { status: 'failed', error: 'Broken' }, meta: { data: { knowledge_id: base.id } } });
    breakPage(base, '1', 1);
    expect(await watcher.events()).toEqual(['failed bad.txt']);
    expect(await watcher.events()).toEqual([]);
  });
});
