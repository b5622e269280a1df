import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { packTerms } from '../../runtime/src/domain/packed-terms.ts';
import type { OpenedStores, OpenStores } from './opened-stores.ts';
import { completedFile, direction, drainJobs, extraction, fileRecord, ingestJob, knowledgeBase, sha256 } from './samples.ts';

/** What every FileStore promises. */
export function describeFileStore(name: string, open: OpenStores): void {
  describe(`FileStore of ${name}`, () => {
    let stores: OpenedStores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(() => stores.close());

    it('gives back what was inserted, with its job', async () => {
      const file = fileRecord({ metadata: { a: [1, null, 'é'] }, contentType: null, filename: '資料 1.pdf' });
      await stores.files.insert(file, ingestJob(file.id));
      expect(await stores.files.get(file.id)).toEqual(file);
      expect(await stores.files.get('missing')).toBeNull();
      expect(await stores.files.text(file.id)).toBeNull();
      expect(await drainJobs(stores)).toEqual([`ingest ${file.id} 1`]);
    });

    it('gives many files in the order asked for, without unknown ones', async () => {
      const [a, b] = [fileRecord(), fileRecord()];
      await Promise.all([a, b].map((file) => stores.files.insert(file, null)));
      expect((await stores.files.getMany([b.id, 'missing', a.id])).map((file) => file.id)).toEqual([b.id, a.id]);
      expect(await stores.files.getMany([])).toEqual([]);
    });

    it('lists newest updates first, page by page, of one user or of all', async () => {
      const userId = randomUUID();
      const files = [1, 2, 3].map((n) => fileRecord({ userId, updatedAtMs: n * 1000 }));
      for (const file of files) await stores.files.insert(file, null);
      const page = await stores.files.list({ userId, offset: 1, limit: 2 });
      expect(page.total).toBe(3);
      expect(page.items.map((file) => file.id)).toEqual([files[1]?.id, files[0]?.id]);
      expect(await stores.files.count(userId)).toBe(3);
      expect(await stores.files.count(null)).toBeGreaterThan(3);
      expect((await stores.files.list({ userId: null, offset: 0, limit: 1 })).total).toBe(await stores.files.count(null));
    });

    it.each([
      ['report*.pdf', ['Report 1.pdf', 'report[2].PDF']],
      ['report?1.pdf', ['Report 1.pdf']],
      ['%', []],
      ['_eport 1.pdf', []],
      ['report[2].pdf', ['report[2].PDF']],
      ['report[1-9].pdf', []],
      ['*100%_*', ['100%_sure.txt']],
      ['か\u3099*', ['がぎ.txt']],
      ['report', []],
      ["'; DROP TABLE files; --", []],
    ])('searches for %s with only * and ? as wildcards', async (pattern, expected) => {
      const userId = `search ${pattern}`;
      for (const filename of ['Report 1.pdf', 'report[2].PDF', '100%_sure.txt', 'がぎ.txt']) {
        await stores.files.insert(fileRecord({ userId, filename }), null);
        await stores.files.insert(fileRecord({ userId: 'neighbour', filename }), null);
      }
      const found = await stores.files.search({ userId, pattern, offset: 0, limit: 10 });
      expect(found.map((file) => file.filename).sort()).toEqual(expected);
      expect(found.every((file) => file.userId === userId)).toBe(true);
    });

    it('takes a thousand asterisks, and asterisks between repeated letters, for one search', async () => {
      const userId = randomUUID();
      await stores.files.insert(fileRecord({ userId, filename: 'a'.repeat(250) }), null);
      expect(await stores.files.search({ userId, pattern: '*'.repeat(1000), offset: 0, limit: 9 })).toHaveLength(1);
      expect(await stores.files.search({ userId, pattern: `${'*a'.repeat(50)}*b`, offset: 0, limit: 9 })).toEqual([]);
    });

    it('searches newest created first, page by page', async () => {
      const userId = randomUUID();
      for (const n of [1, 2, 3]) await stores.files.insert(fileRecord({ userId, filename: `n${n}`, createdAtMs: n }), null);
      const found = await stores.files.search({ userId, pattern: 'N*', offset: 1, limit: 1 });
      expect(found.map((file) => file.filename)).toEqual(['n2']);
    });

    it('leads a file through its saga', async () => {
      const file = fileRecord();
      await stores.files.insert(file, null);
      expect(await stores.files.setProcessing(file.id, 1)).toBe(true);
      expect(await stores.files.get(file.id)).toMatchObject({ status: 'processing', textHash: null });
      expect(await stores.files.saveExtraction(file.id, 1, extraction('one two', 'three'))).toBe(true);
      expect(await stores.files.get(file.id)).toMatchObject({ status: 'processing', textHash: null, chunkCount: null, processingMs: null });
      stores.advanceMs(1500);
      expect(await stores.files.complete(file.id, 1, null)).toBe('completed');
      expect(await stores.files.get(file.id)).toMatchObject({
        status: 'completed', textHash: sha256('one two\nthree'), error: null, chunkCount: 2, processingMs: 1500, updatedAtMs: stores.nowMs(),
      });
      expect(await stores.files.text(file.id)).toBe('one two\nthree');
    });

    it('replaces text and chunks when a version is extracted again', async () => {
      const id = await completedFile(stores, ['old a', 'old b', 'old c']);
      await stores.files.saveExtraction(id, 1, extraction('new'));
      expect((await stores.chunks.ofFile(id)).map((chunk) => [chunk.id, chunk.text])).toEqual([[`${id}.1.0`, 'new']]);
      expect(await stores.files.text(id)).toBe('new');
    });

    it('saves a document of many slices in order', async () => {
      const file = fileRecord();
      await stores.files.insert(file, null);
      const texts = Array.from({ length: 1234 }, (_, index) => `chunk ${index}`);
      expect(await stores.files.saveExtraction(file.id, 1, extraction(...texts))).toBe(true);
      expect((await stores.chunks.ofFile(file.id)).map((chunk) => chunk.text)).toEqual(texts);
    });

    it('keeps no half of a step that fails, and all of the steps that came at the same moment', async () => {
      const [bad, good] = [fileRecord(), fileRecord()];
      await Promise.all([bad, good].map((file) => stores.files.insert(file, null)));
      const broken = extraction('a', 'b', 'c');
      broken.chunks.forEach((chunk, index) => { chunk.startOffset += index / 2; });
      const results = await Promise.allSettled([
        ...Array.from({ length: 20 }, () => stores.files.setProcessing(good.id, 1)),
        stores.files.saveExtraction(bad.id, 1, broken),
        stores.files.saveExtraction(good.id, 1, extraction('whole')),
      ]);
      expect(results.map((result) => result.status)).toEqual([...Array(20).fill('fulfilled'), 'rejected', 'fulfilled']);
      expect(await stores.files.text(bad.id)).toBeNull();
      expect(await stores.chunks.ofFile(bad.id)).toEqual([]);
      expect(await stores.files.text(good.id)).toBe('whole');
    });

    it('keeps NUL characters, emoji and quotes of a text', async () => {
      const text = 'a\0b 👩‍🔬 \'"; \\ 日本語';
      const id = await completedFile(stores, [text], { filename: text });
      expect(await stores.files.text(id)).toBe(text);
      expect((await stores.chunks.ofFile(id))[0]?.text).toBe(text);
      expect((await stores.chunks.terms([{ fileId: id, version: 1 }]))[0]?.terms).toBe(packTerms(text.split(' ').map((word) => [word, 1])));
    });

    it('remembers why a file failed and forgets it with a new request', async () => {
      const id = await completedFile(stores, ['text of it']);
      expect(await stores.files.fail(id, 1, 'The file is encrypted.')).toBe(true);
      expect(await stores.files.get(id)).toMatchObject({ status: 'failed', error: 'The file is encrypted.', textHash: null });
      expect(await stores.files.requestProcessing(id)).toMatchObject({ status: 'pending', error: null, version: 2 });
      expect(await drainJobs(stores)).toEqual([`ingest ${id} 2`]);
      expect(await stores.files.requestProcessing('missing')).toBeNull();
    });

    it('lets a late job of an older version change nothing', async () => {
      const id = await completedFile(stores, ['kept text']);
      await stores.files.requestProcessing(id);
      const before = await stores.files.get(id);
      expect(await stores.files.setProcessing(id, 1)).toBe(false);
      expect(await stores.files.saveExtraction(id, 1, extraction('late'))).toBe(false);
      expect(await stores.files.complete(id, 1, null)).toBe(false);
      expect(await stores.files.fail(id, 1, 'late')).toBe(false);
      expect(await stores.files.get(id)).toEqual(before);
      expect(await stores.files.text(id)).toBe('kept text');
      await drainJobs(stores);
    });

    it('lets a late job change nothing of a file that is being deleted or gone', async () => {
      const knowledge = knowledgeBase();
      await stores.knowledge.insert(knowledge);
      const id = await completedFile(stores, ['text']);
      const linkTo = { knowledgeId: knowledge.id, userId: 'owner' };
      const late = async () => [
        await stores.files.setProcessing(id, 1),
        await stores.files.saveExtraction(id, 1, extraction('back again')),
        await stores.files.complete(id, 1, linkTo),
        await stores.files.fail(id, 1, 'late'),
        await stores.files.requestProcessing(id),
        await stores.files.rename(id, 'late'),
      ];
      await stores.files.startDelete(id);
      expect(await late()).toEqual([false, false, false, false, null, null]);
      await stores.files.purge(id);
      expect(await late()).toEqual([false, false, false, false, null, null]);
      expect(await stores.chunks.byIds([`${id}.1.0`])).toEqual([]);
      expect(await stores.knowledge.fileVersions(knowledge.id)).toEqual([]);
      await drainJobs(stores);
    });

    it('hides a file that is being deleted from every reader, and its neighbour from none', async () => {
      const userId = randomUUID();
      const knowledge = knowledgeBase();
      await stores.knowledge.insert(knowledge);
      const id = await completedFile(stores, ['hidden words'], { userId, filename: 'hidden' });
      const neighbour = await completedFile(stores, ['neighbour words'], { userId, filename: 'neighbour' });
      await stores.chunks.saveEmbeddings('p', [{ textHash: sha256('hidden words'), vector: direction(0) }, { textHash: sha256('neighbour words'), vector: direction(5) }]);
      for (const fileId of [id, neighbour]) await stores.knowledge.link(knowledge.id, fileId, 'owner');
      await drainJobs(stores);
      expect(await stores.files.startDelete(id)).toBe(true);
      expect(await stores.files.startDelete(id)).toBe(false);
      expect(await stores.files.get(id)).toBeNull();
      expect(await stores.files.text(id)).toBeNull();
      expect((await stores.files.getMany([id, neighbour])).map((file) => file.id)).toEqual([neighbour]);
      expect((await stores.files.list({ userId, offset: 0, limit: 9 })).items.map((file) => file.id)).toEqual([neighbour]);
      expect((await stores.files.search({ userId, pattern: '*', offset: 0, limit: 9 })).map((file) => file.id)).toEqual([neighbour]);
      expect(await stores.files.count(userId)).toBe(1);
      expect((await stores.chunks.byIds([`${id}.1.0`, `${neighbour}.1.0`])).map((chunk) => chunk.fileId)).toEqual([neighbour]);
      expect(await stores.chunks.ofFile(id)).toEqual([]);
      expect((await stores.chunks.nearest([id, neighbour], 'p', direction(0), 9)).map((hit) => hit.chunkId)).toEqual([`${neighbour}.1.0`]);
      expect((await stores.knowledge.fileVersions(knowledge.id)).map((file) => file.fileId)).toEqual([neighbour]);
      expect(await stores.knowledge.holding(id)).toEqual([]);
      expect(await stores.files.allIds()).toContain(id);
      expect(await drainJobs(stores)).toEqual([`sync-vectors ${knowledge.id} 0`, `delete-file ${id} 0`]);
    });

    it('purges a file with the embeddings that no other chunk uses', async () => {
      const id = await completedFile(stores, ['shared passage', 'own passage']);
      const neighbour = await completedFile(stores, ['shared passage', 'other passage']);
      const texts = ['shared passage', 'own passage', 'other passage'];
      await stores.chunks.saveEmbeddings('p', texts.map((text) => ({ textHash: sha256(text), vector: direction(1) })));
      await stores.files.startDelete(id);
      await stores.files.purge(id);
      await stores.files.purge(id);
      expect(await stores.files.allIds()).not.toContain(id);
      expect(await stores.chunks.textsWithoutEmbedding(neighbour, 'p', 9)).toEqual([]);
      expect(await stores.files.text(neighbour)).toBe('shared passage\nother passage');
      const again = await completedFile(stores, texts);
      expect((await stores.chunks.textsWithoutEmbedding(again, 'p', 9)).map(({ text }) => text)).toEqual(['own passage']);
      await drainJobs(stores);
    });

    it('completes and links in one step, and says what became of the link', async () => {
      const knowledge = knowledgeBase();
      await stores.knowledge.insert(knowledge);
      const linkTo = { knowledgeId: knowledge.id, userId: 'adder' };
      const extracted = async (text: string): Promise<string> => {
        const file = fileRecord({ status: 'processing' });
        await stores.files.insert(file, null);
        await stores.files.saveExtraction(file.id, 1, extraction(text));
        return file.id;
      };
      const id = await extracted('link me');
      expect(await stores.files.complete(id, 1, linkTo)).toBe('linked');
      expect(await drainJobs(stores)).toEqual([`sync-vectors ${knowledge.id} 0`]);
      expect(await stores.files.complete(id, 1, linkTo)).toBe('already-linked');
      expect(await stores.files.complete(await extracted('link me'), 1, linkTo)).toBe('duplicate');
      expect(await stores.files.complete(await extracted('other'), 1, { ...linkTo, knowledgeId: 'missing' })).toBe('completed');
      expect((await stores.knowledge.files(knowledge.id, { offset: 0, limit: 9 })).items).toMatchObject([{ id, addedByUserId: 'adder' }]);
      await drainJobs(stores);
    });

    it('renames a file, and gives it a new place in the list and the search', async () => {
      const id = await completedFile(stores, ['renamed']);
      expect(await stores.files.rename(id, 'Été.md')).toMatchObject({ id, filename: 'Été.md' });
      expect((await stores.files.search({ userId: null, pattern: 'été.*', offset: 0, limit: 9 })).map((file) => file.id)).toEqual([id]);
      expect(await stores.files.rename('missing', 'x')).toBeNull();
    });

    it('gives each waiting or hidden file without a job one, once', async () => {
      const fresh = await open();
      const [pending, processing, hasJob] = [fileRecord(), fileRecord({ status: 'processing', version: 3 }), fileRecord()];
      await fresh.files.insert(pending, null);
      await fresh.files.insert(processing, ingestJob(processing.id, 2));
      await fresh.files.insert(hasJob, ingestJob(hasJob.id));
      await fresh.files.insert(fileRecord({ status: 'unprocessed' }), null);
      const hidden = await completedFile(fresh, ['x']);
      await fresh.files.startDelete(hidden);
      const before = await drainJobs(fresh);
      expect(before).toContain(`delete-file ${hidden} 0`);
      expect(await fresh.files.repairJobs()).toBe(4);
      expect(await fresh.files.repairJobs()).toBe(0);
      const jobs = await drainJobs(fresh);
      expect(jobs.sort()).toEqual([`delete-file ${hidden} 0`, ...[`ingest ${pending.id} 1`, `ingest ${processing.id} 3`, `ingest ${hasJob.id} 1`].sort()]);
      await fresh.close();
    });
  });
}
