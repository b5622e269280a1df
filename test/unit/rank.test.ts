import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FUSION_DEPTH, defaultDocumentCap, dropIrrelevant, fuse, selectTop } from '../../runtime/src/domain/rank.ts';
import type { HitLists } from '../../runtime/src/domain/rank.ts';

const scores = (lists: HitLists, lexicalWeight?: number): Record<string, number> =>
  Object.fromEntries(fuse(lists, lexicalWeight === undefined ? {} : { lexicalWeight }).map((hit) => [hit.chunkId, Number(hit.score.toFixed(6))]));
const ids = (hits: ReadonlyArray<{ chunkId: string }>): string[] => hits.map((hit) => hit.chunkId);

describe('fuse', () => {
  it('averages what each list gives, with 0 for a chunk that a list does not have', () => {
    const lexical = [{ chunkId: 'a', score: 8 }, { chunkId: 'b', score: 4 }];
    const vector = [{ chunkId: 'b', cosine: 0.9 }, { chunkId: 'c', cosine: 0.8 }, { chunkId: 'a', cosine: 0.7 }];
    expect(scores({ lexical, vector })).toEqual({ b: 0.75, a: 0.5, c: 0.25 });
    expect(ids(fuse({ lexical, vector }))).toEqual(['b', 'a', 'c']);
  });

  it('keeps what each index said, and null where it did not find the chunk', () => {
    const hits = fuse({ lexical: [{ chunkId: 'a', score: 8 }], vector: [{ chunkId: 'b', cosine: 0.9 }] });
    expect(hits).toEqual([{ chunkId: 'a', score: 0.5, lexicalScore: 8, cosine: null }, { chunkId: 'b', score: 0.5, lexicalScore: null, cosine: 0.9 }]);
  });

  it('takes the words alone when there are no vectors, whatever the weight', () => {
    const lexical = [{ chunkId: 'a', score: 8 }, { chunkId: 'b', score: 2 }];
    for (const weight of [0, 0.5, 1]) expect(scores({ lexical, vector: null }, weight)).toEqual({ a: 1, b: 0.25 });
    expect(scores({ lexical, vector: [] }, 0.5)).toEqual({ a: 1, b: 0.25 });
  });

  it('takes the vectors alone when no words were found', () => {
    expect(scores({ lexical: [], vector: [{ chunkId: 'a', cosine: 0.9 }, { chunkId: 'b', cosine: 0.5 }] })).toEqual({ a: 1, b: 0 });
  });

  it('leaves one side out entirely at weight 0 and weight 1', () => {
    const lists: HitLists = { lexical: [{ chunkId: 'a', score: 8 }], vector: [{ chunkId: 'b', cosine: 0.9 }] };
    expect(ids(fuse(lists, { lexicalWeight: 0 }))).toEqual(['b']);
    expect(ids(fuse(lists, { lexicalWeight: 1 }))).toEqual(['a']);
  });

  it('gives 1 to a single hit and to hits that are all equal', () => {
    expect(scores({ lexical: [], vector: [{ chunkId: 'a', cosine: 0.2 }] })).toEqual({ a: 1 });
    expect(scores({ lexical: [{ chunkId: 'b', score: 3 }, { chunkId: 'a', score: 3 }], vector: null })).toEqual({ a: 1, b: 1 });
  });

  it('has nothing to say about two empty lists', () => {
    expect(fuse({ lexical: [], vector: [] })).toEqual([]);
    expect(fuse({ lexical: [], vector: null })).toEqual([]);
  });

  it('measures a full list from its last hit, and ignores what comes after', () => {
    const lexical = Array.from({ length: FUSION_DEPTH + 5 }, (_, index) => ({ chunkId: `c${index}`, score: 200 - index }));
    const fused = scores({ lexical, vector: null });
    expect(fused[`c${FUSION_DEPTH - 1}`]).toBe(0);
    expect(fused[`c${FUSION_DEPTH}`]).toBeUndefined();
  });

  it('gives scores from 0 to 1 in falling order with each chunk once, whatever the lists', () => {
    const list = fc.uniqueArray(fc.record({ chunkId: fc.string({ maxLength: 2 }), value: fc.double({ min: -1, max: 50, noNaN: true }) }), { selector: (hit) => hit.chunkId, maxLength: 120 });
    fc.assert(fc.property(list, fc.option(list), fc.double({ min: 0, max: 1, noNaN: true }), (words, vectors, lexicalWeight) => {
      const falling = (hits: typeof words) => [...hits].sort((a, b) => b.value - a.value);
      const lexical = falling(words).map((hit) => ({ chunkId: hit.chunkId, score: Math.abs(hit.value) }));
      lexical.sort((a, b) => b.score - a.score);
      const vector = vectors === null ? null : falling(vectors).map((hit) => ({ chunkId: hit.chunkId, cosine: hit.value / 50 }));
      const hits = fuse({ lexical, vector }, { lexicalWeight });
      expect(new Set(ids(hits)).size).toBe(hits.length);
      hits.forEach((hit, index) => {
        expect(hit.score).toBeGreaterThanOrEqual(0);
        expect(hit.score).toBeLessThanOrEqual(1 + 1e-9);
        expect(hit.score).toBeLessThanOrEqual(hits[index - 1]?.score ?? 2);
      });
    }));
  });
});

describe('dropIrrelevant', () => {
  const hits = [{ chunkId: 'shares' }, { chunkId: 'near' }, { chunkId: 'far' }, { chunkId: 'unknown' }];
  const cosines = new Map([['shares', 0.1], ['near', 0.85], ['far', 0.84]]);
  const test = { sharesContentTerm: (id: string) => id === 'shares', cosine: (id: string) => cosines.get(id) ?? null };

  it('drops what shares no term and is below the floor, and what shares no term and has no vector', () => {
    expect(ids(dropIrrelevant(hits, { ...test, floor: 0.85 }))).toEqual(['shares', 'near']);
  });

  it('keeps whatever a model without a floor found', () => {
    expect(ids(dropIrrelevant(hits, { ...test, floor: 0 }))).toEqual(['shares', 'near', 'far']);
  });

  it('asks less of a chunk in another script, and never more', () => {
    const includes = (id: string): boolean => id === 'far';
    expect(ids(dropIrrelevant(hits, { ...test, floor: 0.85, otherScript: { includes, floor: 0.75 } }))).toEqual(['shares', 'near', 'far']);
    expect(ids(dropIrrelevant(hits, { ...test, floor: 0.5, otherScript: { includes, floor: 0.9 } }))).toEqual(['shares', 'near', 'far']);
  });
});

describe('dropIrrelevant with a limit', () => {
  it('stops reading chunks when enough are kept', () => {
    const read: string[] = [];
    const sharesContentTerm = (id: string): boolean => read.push(id) > 1;
    const hits = ['a', 'b', 'c', 'd'].map((chunkId) => ({ chunkId }));
    expect(ids(dropIrrelevant(hits, { sharesContentTerm, cosine: () => null, floor: 0.5, limit: 2 }))).toEqual(['b', 'c']);
    expect(read).toEqual(['a', 'b', 'c']);
  });
});

describe('selectTop', () => {
  const select = (hits: string[], k: number, documentCap?: number): string[] =>
    ids(selectTop(hits.map((chunkId) => ({ chunkId })), {
      k,
      textHash: (id) => id.split(':')[2] ?? id,
      documentId: (id) => id.split(':')[0] ?? '',
      ...(documentCap === undefined ? {} : { documentCap }),
    }));

  it('gives the last place to a second document', () => {
    expect(select(['a:1', 'a:2', 'a:3', 'a:4', 'b:1'], 3)).toEqual(['a:1', 'a:2', 'b:1']);
  });

  it('fills the places with the one document when there is no second', () => {
    expect(select(['a:1', 'a:2', 'a:3', 'a:4'], 3)).toEqual(['a:1', 'a:2', 'a:3']);
  });

  it('keeps the order of the ranking when it fills up', () => {
    expect(select(['a:1', 'a:2', 'b:1', 'a:3'], 4, 1)).toEqual(['a:1', 'a:2', 'b:1', 'a:3']);
  });

  it('takes a text once, in its best place, whichever document it stands in', () => {
    expect(select(['a:1:same', 'b:1:same', 'c:1'], 3)).toEqual(['a:1:same', 'c:1']);
  });

  it('gives the best hit for k = 1 and nothing for k = 0', () => {
    expect(select(['a:1', 'b:1'], 1)).toEqual(['a:1']);
    expect(select(['a:1', 'b:1'], 0)).toEqual([]);
    expect([1, 2, 3, 10].map(defaultDocumentCap)).toEqual([1, 1, 2, 9]);
  });
});
