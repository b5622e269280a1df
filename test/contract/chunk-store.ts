import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { packTerms, unpackTerms } from '../../runtime/src/domain/packed-terms.ts';
import type { OpenedStores, OpenStores } from './opened-stores.ts';
import { chunkDraft, completedFile, direction, drainJobs, extraction, fileRecord, sha256 } from './samples.ts';

/** What every ChunkStore promises. */
export function describeChunkStore(name: string, open: OpenStores): void {
  describe(`ChunkStore of ${name}`, () => {
    let stores: OpenedStores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(() => stores.close());

    const embed = (profile: string, angles: Record<string, number>): Promise<void> => stores.chunks.saveEmbeddings(profile,
      Object.entries(angles).map(([text, degrees]) => ({ textHash: sha256(text), vector: direction(degrees) })));

    it('gives chunks by id in the order asked for, with everything that was saved', async () => {
      const id = await completedFile(stores, ['first', 'second', 'third']);
      const found = await stores.chunks.byIds([`${id}.1.2`, `${id}.1.9`, `${id}.2.0`, 'no id', '', `${id}.1.0`]);
      expect(found.map((chunk) => chunk.text)).toEqual(['third', 'first']);
      const { terms, ...draft } = chunkDraft('third');
      expect(unpackTerms(terms)).toEqual([['third', 1]]);
      expect(found[0]).toEqual({ ...draft, id: `${id}.1.2`, fileId: id, version: 1, ordinal: 2 });
    });

    it('goes on giving the chunks of the last extraction by id while a new version is being made', async () => {
      const id = await completedFile(stores, ['still here']);
      await stores.files.requestProcessing(id);
      expect((await stores.chunks.byIds([`${id}.1.0`])).map((chunk) => chunk.text)).toEqual(['still here']);
      expect(await stores.chunks.ofFile(id)).toEqual([]);
      await drainJobs(stores);
    });

    it('gives the terms of the given versions only', async () => {
      const id = await completedFile(stores, ['alpha beta', 'gamma']);
      expect(await stores.chunks.terms([{ fileId: id, version: 1 }, { fileId: id, version: 2 }])).toEqual([
        { fileId: id, chunkId: `${id}.1.0`, terms: packTerms([['alpha', 1], ['beta', 1]]) },
        { fileId: id, chunkId: `${id}.1.1`, terms: packTerms([['gamma', 1]]) },
      ]);
    });

    it('gives all terms of a document of many pages', async () => {
      const texts = Array.from({ length: 450 }, (_, index) => `word${index}`);
      const id = await completedFile(stores, texts);
      const terms = await stores.chunks.terms([{ fileId: id, version: 1 }]);
      expect(terms.map((chunk) => unpackTerms(chunk.terms)[0]?.[0])).toEqual(texts);
    });

    it('names each text without an embedding once, up to the limit, in the order of the text', async () => {
      const id = await completedFile(stores, ['zeta', 'repeated', 'repeated', 'eta', 'theta']);
      await embed('p1', { eta: 0 });
      const missing = await stores.chunks.textsWithoutEmbedding(id, 'p1', 9);
      expect(missing).toEqual(['zeta', 'repeated', 'theta'].map((text) => ({ textHash: sha256(text), text })));
      expect(await stores.chunks.textsWithoutEmbedding(id, 'p1', 2)).toHaveLength(2);
      expect(await stores.chunks.textsWithoutEmbedding(id, 'p2', 9)).toHaveLength(4);
    });

    it('keeps the first embedding of a text', async () => {
      const text = `once ${randomUUID()}`;
      const id = await completedFile(stores, [text]);
      await embed('p1', { [text]: 0 });
      await embed('p1', { [text]: 90 });
      await stores.chunks.saveEmbeddings('p1', []);
      const [found] = await stores.chunks.vectors({ fileId: id, version: 1 }, 'p1', 0, 9);
      expect(Array.from(found?.vector ?? [])).toEqual(Array.from(direction(0)));
    });

    it('refuses embeddings of different lengths', async () => {
      const embeddings = [Float32Array.of(1), Float32Array.of(1, 0)].map((vector) => ({ textHash: 'x', vector }));
      await expect(stores.chunks.saveEmbeddings('p1', embeddings)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    });

    it('gives vectors in chunk order, part by part, of the asked version and profile', async () => {
      const id = await completedFile(stores, ['v0', 'v1', 'v2', 'v3']);
      await embed('p1', { v3: 30, v0: 0, v2: 20 });
      const part = await stores.chunks.vectors({ fileId: id, version: 1 }, 'p1', 1, 2);
      expect(part.map((chunk) => [chunk.chunkId, chunk.fileId])).toEqual([[`${id}.1.2`, id], [`${id}.1.3`, id]]);
      expect(Array.from(part[1]?.vector ?? [])).toEqual(Array.from(direction(30)));
      expect(await stores.chunks.vectors({ fileId: id, version: 2 }, 'p1', 0, 9)).toEqual([]);
      expect(await stores.chunks.vectors({ fileId: id, version: 1 }, 'p9', 0, 9)).toEqual([]);
    });

    it('finds the nearest chunks of just the given files, best first', async () => {
      const a = await completedFile(stores, ['n0', 'n40', 'n80']);
      const b = await completedFile(stores, ['n10', 'n170']);
      const neighbour = await completedFile(stores, ['n1']);
      await embed('near', { n0: 0, n40: 40, n80: 80, n10: 10, n170: 170, n1: 1 });
      const find = () => stores.chunks.nearest([a, b, 'missing', a], 'near', direction(0), 3);
      const hits = await find();
      expect(hits.map((hit) => hit.chunkId)).toEqual([`${a}.1.0`, `${b}.1.0`, `${a}.1.1`]);
      expect(hits[1]?.cosine).toBeCloseTo(Math.cos(Math.PI / 18), 6);
      expect(await find()).toEqual(hits);
      expect((await stores.chunks.nearest([neighbour], 'near', direction(0), 9)).map((hit) => hit.chunkId)).toEqual([`${neighbour}.1.0`]);
      expect(await stores.chunks.nearest([], 'near', direction(0), 3)).toEqual([]);
    });

    it('compares with what is embedded now, however often it was asked before', async () => {
      const id = await completedFile(stores, ['half', 'whole']);
      const find = async () => (await stores.chunks.nearest([id], 'grow', direction(0), 9)).map((hit) => hit.chunkId);
      expect(await find()).toEqual([]);
      await embed('grow', { half: 50 });
      expect(await find()).toEqual([`${id}.1.0`]);
      await embed('grow', { whole: 0 });
      expect(await find()).toEqual([`${id}.1.1`, `${id}.1.0`]);
      await stores.files.saveExtraction(id, 1, extraction('replaced'));
      expect(await find()).toEqual([]);
      await embed('grow', { replaced: 0 });
      expect(await find()).toEqual([`${id}.1.0`]);
    });

    it('gives the cosines of just the asked chunks that have an embedding', async () => {
      const id = await completedFile(stores, ['c0', 'c60', 'bare']);
      await embed('cos', { c0: 0, c60: 60 });
      const found = await stores.chunks.cosines([`${id}.1.1`, `${id}.1.2`, 'no id', `${id}.1.0`], 'cos', direction(0));
      expect(found.map((hit) => hit.chunkId)).toEqual([`${id}.1.1`, `${id}.1.0`]);
      expect(found[0]?.cosine).toBeCloseTo(0.5, 6);
    });

    it('counts the embedded chunks of file versions', async () => {
      const id = await completedFile(stores, ['k1', 'k2', 'k2', 'k3']);
      await embed('count', { k1: 0, k2: 1 });
      expect(await stores.chunks.countVectors([{ fileId: id, version: 1 }], 'count')).toBe(3);
      expect(await stores.chunks.countVectors([{ fileId: id, version: 2 }], 'count')).toBe(0);
      expect(await stores.chunks.countVectors([], 'count')).toBe(0);
    });

    it('samples vectors spread over the files', async () => {
      const files = await Promise.all(Array.from({ length: 5 }, (_, n) => completedFile(stores, Array.from({ length: 20 }, (_, m) => `s${n}-${m}`))));
      await embed('sample', Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`s${Math.floor(n / 20)}-${n % 20}`, n])));
      const versions = files.map((fileId) => ({ fileId, version: 1 }));
      const sample = await stores.chunks.sampleVectors(versions, 'sample', 10);
      expect(sample).toHaveLength(10);
      expect(new Set(sample.map((chunk) => chunk.chunkId)).size).toBe(10);
      expect(new Set(sample.map((chunk) => chunk.fileId)).size).toBe(5);
      expect((await stores.chunks.sampleVectors(versions.slice(0, 1), 'sample', 50))).toHaveLength(20);
      expect(await stores.chunks.sampleVectors([], 'sample', 5)).toEqual([]);
      expect(await stores.chunks.sampleVectors(versions, 'unknown', 5)).toEqual([]);
    });

    it('names completed files that lack embeddings under a profile', async () => {
      const fresh = await open();
      const [whole, partly] = [await completedFile(fresh, ['w1']), await completedFile(fresh, ['w1', 'p2'])];
      const unfinished = fileRecord({ status: 'processing' });
      await fresh.files.insert(unfinished, null);
      await fresh.files.saveExtraction(unfinished.id, 1, extraction('u1'));
      await fresh.chunks.saveEmbeddings('p', [{ textHash: sha256('w1'), vector: direction(0) }]);
      expect(await fresh.chunks.filesWithoutEmbeddings('p', 9)).toEqual([partly]);
      expect((await fresh.chunks.filesWithoutEmbeddings('other', 9)).sort()).toEqual([whole, partly].sort());
      expect(await fresh.chunks.filesWithoutEmbeddings('other', 1)).toHaveLength(1);
      await fresh.close();
    });
  });
}
