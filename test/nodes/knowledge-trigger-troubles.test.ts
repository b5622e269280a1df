import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { StoredBase } from './support/scripted-store.ts';
import { EMPTY_CONTENT } from './support/scripted-store.ts';
import { NOT_FOUND } from './support/scripted-types.ts';
import { ALL_EVENTS, watchBases, Watcher } from './support/watcher.ts';
import { locator, ourNode } from './support/workflows.ts';

const bench = openBench();
const { server } = bench;

const put = (base: StoredBase, name: string): void => void base.files.push(server.addFile(name, name).id);
const basePath = ({ id }: StoredBase): string => `/api/v1/knowledge/${id}`;
const REFUSED = { status: 401, body: { detail: 'Access prohibited' } };

/** An active workflow that watches two bases, whose trigger has made its first poll. */
async function watchTwo(): Promise<{ one: StoredBase; two: StoredBase; watcher: Watcher }> {
  const [one, two] = [server.addBase('One'), server.addBase('Two')];
  const watcher = new Watcher(bench.engine, { ...watchBases(one.id, two.id), events: ALL_EVENTS });
  expect(await watcher.events()).toEqual([]);
  return { one, two, watcher };
}

describe('A knowledge base that cannot be watched', () => {
  it('does not keep the events of the others back, and is named by the next poll without events', async () => {
    const { one, two, watcher } = await watchTwo();
    server.bases.delete(two.id);
    put(one, 'a.txt');
    expect(await watcher.events()).toEqual(['searchable a.txt']);
    const before = watcher.state;
    const { error } = await watcher.poll();
    expect(error).toMatchObject({ name: 'NodeOperationError', message: `A knowledge base cannot be watched: "${two.id}" (${NOT_FOUND})` });
    expect(error?.description).toContain('goes on with the others');
    expect(watcher.state).toEqual(before);
  });

  it('is told otherwise before anything is remembered: nothing that came meanwhile can be told later', async () => {
    const [one, two] = [server.addBase('One'), server.addBase('Two')];
    server.script('GET', basePath(two), { ...REFUSED });
    const watcher = new Watcher(bench.engine, { ...watchBases(one.id, two.id), events: ALL_EVENTS });
    const description = (await watcher.poll()).error?.description;
    expect(description).toContain('Activate the workflow once more to watch the others.');
    expect(description).toContain('count as there already');
  });

  it('is told once and not at each poll, and again after it could be watched', async () => {
    const { one, two, watcher } = await watchTwo();
    server.bases.delete(two.id);
    expect((await watcher.poll()).error?.message).toContain(two.id);
    expect([await watcher.events(), await watcher.events()]).toEqual([[], []]);
    put(one, 'a.txt');
    expect(await watcher.events()).toEqual(['searchable a.txt']);
    server.bases.set(two.id, two);
    expect(await watcher.events()).toEqual([]);
    server.bases.delete(two.id);
    expect((await watcher.poll()).error?.message).toContain(two.id);
    expect(await watcher.events()).toEqual([]);
  });

  it('is named as in the list that it was chosen from', async () => {
    const [one, two] = [server.addBase('One'), server.addBase('Two')];
    const knowledge = [locator('id', one.id), { ...locator('list', two.id), cachedResultName: 'Two' }];
    server.bases.delete(two.id);
    const watcher = new Watcher(bench.engine, { watch: 'knowledge', knowledgeBases: { values: knowledge.map((value) => ({ knowledge: value })) } });
    expect((await watcher.poll()).error?.message).toBe(`A knowledge base cannot be watched: "Two" (${NOT_FOUND})`);
  });

  it('is told anew when it becomes another one', async () => {
    const { one, two, watcher } = await watchTwo();
    server.bases.delete(two.id);
    expect((await watcher.poll()).error?.message).toContain(two.id);
    server.bases.delete(one.id);
    server.bases.set(two.id, two);
    expect((await watcher.poll()).error?.message).toContain(one.id);
  });

  it('brings what has happened in it once it can be watched again, and nothing twice', async () => {
    const { two, watcher } = await watchTwo();
    put(two, 'old.txt');
    expect(await watcher.events()).toEqual(['searchable old.txt']);
    server.script('GET', basePath(two), REFUSED);
    expect((await watcher.poll()).error?.message).toContain('Access prohibited');
    expect(await watcher.events()).toEqual([]);
    put(two, 'new.txt');
    expect(await watcher.events()).toEqual([]);
    server.script('GET', basePath(two), { status: 200, body: { id: two.id, name: 'Two' } });
    expect(await watcher.events()).toEqual(['searchable new.txt']);
  });

  it('keeps its memory also where it was chosen by a name that it has lost for a while', async () => {
    const [one, two] = [server.addBase('One'), server.addBase('Two')];
    put(two, 'old.txt');
    const knowledge = [locator('id', one.id), locator('name', 'Two')];
    const watcher = new Watcher(bench.engine, { watch: 'knowledge', knowledgeBases: { values: knowledge.map((value) => ({ knowledge: value })) } });
    expect(await watcher.events()).toEqual([]);
    two.name = 'Renamed';
    expect((await watcher.poll()).error?.message).toBe('A knowledge base cannot be watched: "Two" (No knowledge base is named "Two")');
    put(one, 'a.txt');
    put(two, 'b.txt');
    expect(await watcher.events()).toEqual(['searchable a.txt']);
    two.name = 'Two';
    expect(await watcher.events()).toEqual(['searchable b.txt']);
  });

  it('may be one whose list alone is refused', async () => {
    const { one, two, watcher } = await watchTwo();
    server.script('GET', `${basePath(two)}/files`, { status: 400, body: { detail: 'Access prohibited' } });
    put(one, 'a.txt');
    expect(await watcher.events()).toEqual(['searchable a.txt']);
    expect((await watcher.poll()).error?.message).toBe('A knowledge base cannot be watched: "Two" (Access prohibited)');
  });

  it('does not make a failure be forgotten that must be seen twice', async () => {
    const { one, two, watcher } = await watchTwo();
    server.bases.delete(two.id);
    const file = server.addFile('a.txt', 'A', { hash: null, data: { status: 'failed', error: EMPTY_CONTENT } });
    one.files.push(file.id);
    expect((await watcher.poll()).error).toBeDefined();
    expect(await watcher.events()).toEqual([]);
    expect(await watcher.events()).toEqual(['failed a.txt']);
  });

  it('fails the first poll once, after which the others are watched', async () => {
    const [one, two] = [server.addBase('One'), server.addBase('Two')];
    put(one, 'old.txt');
    server.bases.delete(two.id);
    const watcher = new Watcher(bench.engine, watchBases(one.id, two.id));
    expect((await watcher.poll()).error?.message).toContain(two.id);
    expect(await watcher.events()).toEqual([]);
    put(one, 'a.txt');
    expect(await watcher.events()).toEqual(['searchable a.txt']);
  });

  it('fails each poll when there is no other', async () => {
    const { one, two, watcher } = await watchTwo();
    for (const base of [one, two]) server.bases.delete(base.id);
    for (const _ of [1, 2]) expect((await watcher.poll()).error).toMatchObject({ name: 'NodeApiError', message: NOT_FOUND });
  });

  it('is shown at once by Fetch Test Event', async () => {
    const { one, two } = await watchTwo();
    put(one, 'a.txt');
    server.bases.delete(two.id);
    const { error } = await bench.engine.run({ nodes: [ourNode('KnowledgeTrigger', watchBases(one.id, two.id))], connections: {} }, { startNode: 'KnowledgeTrigger' });
    expect(error).toMatchObject({ message: NOT_FOUND });
  });
});

describe('A server that cannot be reached', () => {
  it('fails the poll as a whole, also when it goes away between two knowledge bases', async () => {
    const { one, two, watcher } = await watchTwo();
    put(one, 'a.txt');
    const before = watcher.state;
    server.script('GET', `${basePath(two)}/files`, { status: 504, body: 'Gateway Timeout' });
    expect((await watcher.poll()).error).toMatchObject({ httpCode: '504' });
    expect(watcher.state).toEqual(before);
  }, 60_000);
});
