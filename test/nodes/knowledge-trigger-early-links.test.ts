import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json } from './support/engine-types.ts';
import type { StoredFile } from './support/scripted-store.ts';
import { EMPTY_CONTENT, sha256 } from './support/scripted-store.ts';
import { ALL_EVENTS, watchBases, Watcher } from './support/watcher.ts';

const bench = openBench();
const { server } = bench;

/** An active workflow whose trigger has made its first poll, which gave nothing. */
async function watch(parameters: Json = {}): Promise<Watcher> {
  const watcher = new Watcher(bench.engine, { events: ALL_EVENTS, ...parameters });
  expect(await watcher.events()).toEqual([]);
  return watcher;
}

/** A file that looks failed for want of text; what is kept of its text may say otherwise. */
const failing = (name: string, content?: string): StoredFile =>
  server.addFile(name, name, { hash: null, data: { status: 'failed', error: EMPTY_CONTENT, ...(content === undefined ? {} : { content }) } });
const finish = (file: StoredFile): void => void Object.assign(file, { hash: sha256(file.text), data: { status: 'completed', content: file.text, error: null } });
const recordsRead = (file: StoredFile): number => server.seen('GET', `/api/v1/files/${file.id}`).length;

/** Lets the trigger have begun to doubt so many seconds earlier. */
function age(watcher: Watcher, seconds: number): void {
  const text = JSON.stringify(watcher.state).replaceAll(/\?(\d+)~(\d+)/g, (_, doubt, since) => `?${String(doubt)}~${Number(since) - seconds}`);
  watcher.state = JSON.parse(text) as Json;
}

describe('A long file that somebody links too early', () => {
  it('is told as searchable only, however many polls it looks failed', async () => {
    const watcher = await watch();
    const file = failing('long.pdf', 'A long text');
    expect([await watcher.events(), await watcher.events(), await watcher.events()]).toEqual([[], [], []]);
    expect(recordsRead(file)).toBe(2);
    finish(file);
    expect(await watcher.events()).toEqual(['searchable long.pdf']);
    expect(await watcher.events()).toEqual([]);
  });

  it('is told as searchable only in a knowledge base too', async () => {
    const base = server.addBase('Manuals');
    const watcher = await watch(watchBases(base.id));
    const file = failing('long.pdf', 'A long text');
    base.files.push(file.id);
    expect([await watcher.events(), await watcher.events(), await watcher.events()]).toEqual([[], [], []]);
    finish(file);
    expect(await watcher.events()).toEqual(['searchable long.pdf']);
  });

  it('is told as failed when the server has not gone on for an hour', async () => {
    const watcher = await watch();
    failing('long.pdf', 'A long text');
    expect([await watcher.events(), await watcher.events()]).toEqual([[], []]);
    age(watcher, 3_500);
    expect(await watcher.events()).toEqual([]);
    age(watcher, 100);
    expect(await watcher.events()).toEqual(['failed long.pdf']);
    expect(await watcher.events()).toEqual([]);
  });
});

describe('A file without text', () => {
  it.each([['no letter', ' \n'], ['nothing', undefined]])('of which %s is kept is told as failed by the second poll that sees it, for one request', async (_, content) => {
    const watcher = await watch();
    const file = failing('scan.pdf', content);
    expect(await watcher.events()).toEqual([]);
    expect(await watcher.events()).toEqual(['failed scan.pdf']);
    expect(await watcher.events()).toEqual([]);
    expect(recordsRead(file)).toBe(1);
  });

  it('is told later where there are very many, and each once', async () => {
    const watcher = await watch();
    const files = Array.from({ length: 120 }, (_, index) => failing(`${index}.pdf`, ''));
    const told = [];
    for (let poll = 0; poll < 5; poll++) told.push(...(await watcher.events()));
    expect(told.toSorted()).toEqual(files.map(({ filename }) => `failed ${filename}`).toSorted());
  });

  it('that becomes searchable between the list and its record is not told as failed', async () => {
    const watcher = await watch();
    const file = failing('a.pdf', '');
    expect(await watcher.events()).toEqual([]);
    server.onRequest = ({ path }) => {
      if (path.endsWith(file.id)) finish(file);
    };
    expect(await watcher.events()).toEqual([]);
    expect(await watcher.events()).toEqual(['searchable a.pdf']);
  });
});
