import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AccessGrant } from '../../runtime/src/domain/knowledge.ts';
import type { OpenedStores, OpenStores } from './opened-stores.ts';
import { completedFile, drainJobs, fileRecord, knowledgeBase } from './samples.ts';

const grant = (principalType: AccessGrant['principalType'], principalId: string): AccessGrant =>
  ({ id: randomUUID(), principalType, principalId, permission: 'read', createdAtMs: 5 });

/** What every KnowledgeStore promises. */
export function describeKnowledgeStore(name: string, open: OpenStores): void {
  describe(`KnowledgeStore of ${name}`, () => {
    let stores: OpenedStores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(() => stores.close());

    const added = async (change: Parameters<typeof knowledgeBase>[0] = {}): Promise<string> => {
      const knowledge = knowledgeBase(change);
      await stores.knowledge.insert(knowledge);
      return knowledge.id;
    };
    const linkedIds = async (id: string): Promise<string[]> => (await stores.knowledge.fileVersions(id)).map((file) => file.fileId);

    it('gives back what was inserted', async () => {
      const knowledge = knowledgeBase({ meta: { icon: '📚' }, accessGrants: [grant('user', 'b'), grant('group', 'a')] });
      await stores.knowledge.insert(knowledge);
      expect(await stores.knowledge.get(knowledge.id)).toEqual(knowledge);
      expect(await stores.knowledge.get('missing')).toBeNull();
      expect(await stores.knowledge.allIds()).toContain(knowledge.id);
    });

    it('lists what a reader owns, was granted, or everybody may read; newest update first', async () => {
      const [reader, search] = [randomUUID(), randomUUID()];
      const own = await added({ userId: reader, name: search, updatedAtMs: 1 });
      const granted = await added({ name: search, updatedAtMs: 2, accessGrants: [grant('user', reader)] });
      const everyone = await added({ description: search.toUpperCase(), updatedAtMs: 3, accessGrants: [grant('user', '*')] });
      const secret = await added({ name: search, updatedAtMs: 4, accessGrants: [grant('user', 'other'), grant('group', reader)] });
      const list = async (readerId: string | null) => (await stores.knowledge.list({ readerId, search, offset: 0, limit: 9 })).items.map((item) => item.id);
      expect(await list(reader)).toEqual([everyone, granted, own]);
      expect(await list(null)).toEqual([secret, everyone, granted, own]);
      expect(await stores.knowledge.list({ readerId: reader, search, offset: 1, limit: 1 })).toMatchObject({ items: [{ id: granted, fileCount: 0 }], total: 3 });
      expect((await stores.knowledge.list({ readerId: null, search: '%', offset: 0, limit: 9 })).total).toBe(0);
    });

    it('changes only what is asked for, and only that knowledge base', async () => {
      const neighbour = await added();
      const grants = [grant('user', 'x')];
      const id = await added({ name: 'Before', accessGrants: grants });
      stores.advanceMs(10);
      expect(await stores.knowledge.update(id, { name: 'After' })).toMatchObject({ name: 'After', description: 'Description', accessGrants: grants, updatedAtMs: stores.nowMs() });
      expect(await stores.knowledge.update(id, { accessGrants: [] })).toMatchObject({ name: 'After', accessGrants: [] });
      expect(await stores.knowledge.get(neighbour)).toMatchObject({ name: 'Name', updatedAtMs: 1000 });
      expect(await stores.knowledge.update('missing', { name: 'x' })).toBeNull();
    });

    it('links a completed file once, and says what hinders it', async () => {
      const id = await added();
      const text = randomUUID();
      const fileId = await completedFile(stores, [text]);
      const twin = await completedFile(stores, [text]);
      const pending = fileRecord();
      await stores.files.insert(pending, null);
      expect(await stores.knowledge.link('missing', fileId, 'u')).toBe('knowledge-missing');
      expect(await stores.knowledge.link(id, 'missing', 'u')).toBe('file-missing');
      expect(await stores.knowledge.link(id, pending.id, 'u')).toBe('file-missing');
      expect(await stores.knowledge.link(id, fileId, 'u')).toBe('linked');
      expect(await stores.knowledge.link(id, fileId, 'u')).toBe('already-linked');
      expect(await stores.knowledge.link(id, twin, 'u')).toBe('duplicate');
      expect(await linkedIds(id)).toEqual([fileId]);
      expect(await stores.knowledge.holding(fileId)).toEqual([id]);
      expect(await drainJobs(stores)).toEqual([`sync-vectors ${id} 0`]);
    });

    it('links one of two files of the same text that come at the same moment', async () => {
      const id = await added();
      const text = randomUUID();
      const files = [await completedFile(stores, [text]), await completedFile(stores, [text])];
      const outcomes = await Promise.all(files.map((fileId) => stores.knowledge.link(id, fileId, 'u')));
      expect(outcomes.sort()).toEqual(['duplicate', 'linked']);
      await drainJobs(stores);
    });

    it('unlinks one file and leaves the others, here and in other knowledge bases', async () => {
      const [id, other] = [await added(), await added()];
      const [a, b] = [await completedFile(stores, [randomUUID()]), await completedFile(stores, [randomUUID()])];
      for (const knowledgeId of [id, other]) for (const fileId of [a, b]) await stores.knowledge.link(knowledgeId, fileId, 'u');
      await drainJobs(stores);
      expect(await stores.knowledge.unlink(id, a)).toBe(true);
      expect(await stores.knowledge.unlink(id, a)).toBe(false);
      expect(await linkedIds(id)).toEqual([b]);
      expect(await linkedIds(other)).toEqual([a, b]);
      expect(await stores.files.get(a)).not.toBeNull();
      expect(await drainJobs(stores)).toEqual([`sync-vectors ${id} 0`]);
    });

    it('resets and removes one knowledge base; its files and its neighbour stay', async () => {
      const [id, neighbour] = [await added({ accessGrants: [grant('user', 'x')] }), await added({ accessGrants: [grant('user', 'y')] })];
      const fileId = await completedFile(stores, [randomUUID()]);
      for (const knowledgeId of [id, neighbour]) await stores.knowledge.link(knowledgeId, fileId, 'u');
      await drainJobs(stores);
      expect(await stores.knowledge.reset(id)).toBe(true);
      expect(await linkedIds(id)).toEqual([]);
      expect(await stores.knowledge.remove(id)).toBe(true);
      expect(await stores.knowledge.remove(id)).toBe(false);
      expect(await stores.knowledge.reset(id)).toBe(false);
      expect(await stores.knowledge.get(id)).toBeNull();
      expect(await linkedIds(neighbour)).toEqual([fileId]);
      expect((await stores.knowledge.get(neighbour))?.accessGrants).toHaveLength(1);
      expect(await stores.files.get(fileId)).not.toBeNull();
      expect(await drainJobs(stores)).toEqual([`sync-vectors ${id} 0`, `drop-vectors ${id} 0`]);
    });

    it('pages through the files of a knowledge base, oldest link first, filtered by name', async () => {
      const id = await added();
      const files: string[] = [];
      for (const filename of ['Alpha.md', 'beta_1.md', 'BETA%.md']) {
        stores.advanceMs(1);
        files.push(await completedFile(stores, [randomUUID()], { filename }));
        await stores.knowledge.link(id, files.at(-1) ?? '', 'adder');
      }
      const names = async (search: string) => (await stores.knowledge.files(id, { search, offset: 0, limit: 9 })).items.map((file) => file.filename);
      expect(await names('beta')).toEqual(['beta_1.md', 'BETA%.md']);
      expect(await names('%')).toEqual(['BETA%.md']);
      const page = await stores.knowledge.files(id, { offset: 1, limit: 1 });
      expect(page).toMatchObject({ total: 3, items: [{ id: files[1], addedByUserId: 'adder' }] });
      expect((await stores.knowledge.list({ readerId: null, offset: 0, limit: 99 })).items.find((item) => item.id === id)?.fileCount).toBe(3);
      await drainJobs(stores);
    });

    it('remembers what each collection has acknowledged', async () => {
      const id = randomUUID();
      const [one, two] = [`kb-${id}-p1`, `kb-${id}-p2`];
      await stores.knowledge.markIndexed(one, { fileId: 'f', version: 1 });
      await stores.knowledge.markIndexed(one, { fileId: 'f', version: 2 });
      await stores.knowledge.markIndexed(one, { fileId: 'g', version: 1 });
      await stores.knowledge.markIndexed(two, { fileId: 'f', version: 1 });
      expect(await stores.knowledge.indexed(one)).toEqual([{ fileId: 'f', version: 2 }, { fileId: 'g', version: 1 }]);
      await stores.knowledge.unmarkIndexed(one, 'f');
      expect(await stores.knowledge.indexed(one)).toEqual([{ fileId: 'g', version: 1 }]);
      expect(await stores.knowledge.collections(id)).toEqual([one, two]);
      await stores.knowledge.forgetCollection(one);
      expect(await stores.knowledge.indexed(one)).toEqual([]);
      expect(await stores.knowledge.indexed(two)).toEqual([{ fileId: 'f', version: 1 }]);
      expect(await stores.knowledge.collections(id)).toEqual([two]);
      expect(await stores.knowledge.collections(null)).toContain(two);
    });

    it('asks for a sync once while one waits, and for the next while one runs', async () => {
      const id = await added();
      await stores.knowledge.requestSync(id);
      await stores.knowledge.requestSync(id);
      const running = await stores.jobs.lease(1000);
      await stores.knowledge.requestSync(id);
      await stores.knowledge.requestSync(id);
      await stores.jobs.complete(running?.id ?? '');
      expect(await drainJobs(stores)).toEqual([`sync-vectors ${id} 0`]);
    });
  });
}
