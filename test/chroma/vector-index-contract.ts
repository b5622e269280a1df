import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { VectorIndex, VectorRecord } from '../../runtime/src/ports/vector-index.ts';
import { scatteredVectors } from './scattered-vectors.ts';

export type OpenedIndex = { index: VectorIndex; close: () => Promise<void> };

const never = new AbortController().signal;
const vector = (...numbers: number[]): Float32Array => Float32Array.from(numbers);

function trio(): VectorRecord[] {
  return [
    { id: 'east', fileId: 'file-1', vector: vector(2, 0, 0) },
    { id: 'north', fileId: 'file-2', vector: vector(0, 1, 0) },
    { id: 'north-east', fileId: 'file-2', vector: vector(1, 1, 0) },
  ];
}

/** What every adapter of the vector index port must pass. `open` starts an empty one. */
export function describeVectorIndex(name: string, open: () => Promise<OpenedIndex>): void {
  describe(`${name} as a vector index`, () => {
    let opened: OpenedIndex;
    let index: VectorIndex;
    beforeAll(async () => {
      opened = await open();
      index = opened.index;
      await index.whenReady(AbortSignal.timeout(60_000));
    });
    afterAll(() => opened.close());

    it('says that it is ready, and which life of the server it is in', () => {
      expect(index.state()).toEqual({ state: 'ready', reason: null });
      expect(index.generation()).toBeGreaterThan(0);
    });

    it('answers with true cosines, best first, whatever the length of the vectors', async () => {
      await index.upsert('cosines', trio(), never);
      const hits = await index.query('cosines', vector(5, 0, 0), 3, never);
      expect(hits.map(({ id }) => id)).toEqual(['east', 'north-east', 'north']);
      expect(hits[0]?.cosine).toBeCloseTo(1, 5);
      expect(hits[1]?.cosine).toBeCloseTo(Math.SQRT1_2, 5);
      expect(hits[2]?.cosine).toBeCloseTo(0, 5);
      expect((await index.query('cosines', vector(-1, 0, 0), 3, never)).at(-1)?.cosine).toBeCloseTo(-1, 5);
    });

    it('answers with what there is when asked for more, and with k when there is more', async () => {
      await index.upsert('amounts', trio(), never);
      expect(await index.query('amounts', vector(1, 0, 0), 100, never)).toHaveLength(3);
      expect(await index.query('amounts', vector(1, 0, 0), 1, never)).toHaveLength(1);
      expect(await index.query('amounts', vector(1, 0, 0), 0, never)).toEqual([]);
    });

    it('keeps one record an id: writing again replaces, also within one write', async () => {
      await index.upsert('again', trio(), never);
      await index.upsert('again', trio(), never);
      expect(await index.count('again', never)).toBe(3);
      await index.upsert('again', [{ id: 'east', fileId: 'file-1', vector: vector(0, 0, 1) }, { id: 'east', fileId: 'file-1', vector: vector(0, -1, 0) }], never);
      expect(await index.count('again', never)).toBe(3);
      const [best] = await index.query('again', vector(0, -1, 0), 1, never);
      expect(best?.id).toBe('east');
      expect(best?.cosine).toBeCloseTo(1, 5);
    });

    it('deletes a file and leaves its neighbours, also when the file is not there', async () => {
      await index.upsert('files', trio(), never);
      await index.deleteFile('files', 'file-2', never);
      await index.deleteFile('files', 'file-9', never);
      expect(await index.count('files', never)).toBe(1);
      expect((await index.query('files', vector(1, 1, 0), 5, never)).map(({ id }) => id)).toEqual(['east']);
    });

    it('keeps collections apart', async () => {
      await index.upsert('apart-a', trio(), never);
      await index.upsert('apart-b', [{ id: 'only', fileId: 'file-1', vector: vector(1, 0, 0, 0) }], never);
      await index.deleteFile('apart-a', 'file-1', never);
      expect(await index.count('apart-b', never)).toBe(1);
      expect((await index.query('apart-b', vector(1, 0, 0, 0), 5, never)).map(({ id }) => id)).toEqual(['only']);
    });

    it('treats a missing collection as an empty one', async () => {
      expect(await index.query('missing', vector(1, 0, 0), 5, never)).toEqual([]);
      expect(await index.count('missing', never)).toBe(0);
      await expect(index.deleteFile('missing', 'file-1', never)).resolves.toBeUndefined();
      await expect(index.drop('missing', never)).resolves.toBeUndefined();
      expect(await index.names(never)).not.toContain('missing');
    });

    it('lists collections, drops one, and takes the name again with other dimensions', async () => {
      await index.upsert('dropped', trio(), never);
      expect(await index.names(never)).toContain('dropped');
      await index.drop('dropped', never);
      expect(await index.names(never)).not.toContain('dropped');
      expect(await index.query('dropped', vector(1, 0, 0), 5, never)).toEqual([]);
      await index.upsert('dropped', [{ id: 'new', fileId: 'file-1', vector: vector(1, 0) }], never);
      expect((await index.query('dropped', vector(1, 0), 5, never)).map(({ id }) => id)).toEqual(['new']);
    });

    it('takes more records than one write of the server may hold, and deletes them again', async () => {
      const vectors = scatteredVectors(6_000, 16);
      await index.upsert('many', vectors.map((each, place) => ({ id: `chunk-${place}`, fileId: place < 5_990 ? 'big' : 'small', vector: each })), never);
      expect(await index.count('many', never)).toBe(6_000);
      for (const place of [0, 3_000, 5_999]) {
        const [best] = await index.query('many', vectors[place] ?? vector(), 1, never);
        expect(best?.id).toBe(`chunk-${place}`);
      }
      await index.deleteFile('many', 'big', never);
      expect(await index.count('many', never)).toBe(10);
      expect((await index.query('many', vectors[0] ?? vector(), 10, never)).every(({ id }) => Number(id.slice(6)) >= 5_990)).toBe(true);
    });

    it('takes writes to one new collection at the same time', async () => {
      const vectors = scatteredVectors(80, 8);
      const writes = Array.from({ length: 8 }, (_, part) =>
        index.upsert('together', vectors.slice(part * 10, part * 10 + 10).map((each, place) => ({ id: `${part}-${place}`, fileId: `file-${part}`, vector: each })), never),
      );
      await Promise.all(writes);
      expect(await index.count('together', never)).toBe(80);
    });

    it('passes an abort on as it is', async () => {
      const reason = new Error('the user left');
      await expect(index.query('cosines', vector(1, 0, 0), 3, AbortSignal.abort(reason))).rejects.toBe(reason);
      const leaving = new AbortController();
      const vectors = scatteredVectors(3_000, 64);
      const writing = index.upsert('aborted', vectors.map((each, place) => ({ id: `chunk-${place}`, fileId: 'file-1', vector: each })), leaving.signal);
      setTimeout(() => leaving.abort(reason), 20);
      await expect(writing).rejects.toBe(reason);
      await expect(index.whenReady(AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    it('refuses names, vectors and dimensions that cannot be, as the caller’s fault', async () => {
      const wrong = { code: 'INVALID_INPUT', isRetryable: false };
      await expect(index.count('no spaces', never)).rejects.toMatchObject(wrong);
      await expect(index.upsert('ab', trio(), never)).rejects.toMatchObject(wrong);
      await expect(index.upsert('numbers', [{ id: 'x', fileId: 'f', vector: vector(Number.NaN, 1) }], never)).rejects.toMatchObject(wrong);
      await index.upsert('dimensions', trio(), never);
      await expect(index.query('dimensions', vector(1, 0), 1, never)).rejects.toMatchObject(wrong);
    });
  });
}
