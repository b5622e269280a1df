import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TermCounts } from '../../runtime/src/domain/chunk.ts';
import { packTerms } from '../../runtime/src/domain/packed-terms.ts';
import { CollectionIndex } from '../../runtime/src/adapters/lexical/collection-index.ts';
import { createLexicalIndex } from '../../runtime/src/adapters/lexical/lexical-index.ts';
import type { LexicalIndexOptions } from '../../runtime/src/adapters/lexical/lexical-index.ts';
import { packChunks } from '../../runtime/src/adapters/lexical/packed-chunks.ts';
import { extractTerms } from '../../runtime/src/domain/terms.ts';
import type { ChunkTerms } from '../../runtime/src/ports/chunk-store.ts';
import type { LexicalHit, LexicalIndex } from '../../runtime/src/ports/lexical-index.ts';
import type { Logger } from '../../runtime/src/ports/logger.ts';

const signal = new AbortController().signal;
const chunk = (chunkId: string, text: string): ChunkTerms => ({ chunkId, terms: packTerms(extractTerms(text)) });
const ids = (hits: LexicalHit[]): string[] => hits.map((hit) => hit.chunkId);

const MANUAL = [chunk('m.1.0', '品番AB-1234の価格は12,000円です。'), chunk('m.1.1', '品番AB-1235の価格は9,800円です。'), chunk('m.1.2', '保証期間は二年間です。')];
const GUIDE = [chunk('g.1.0', 'The warranty covers engine parts for two years.'), chunk('g.1.1', 'Engines are shipped with oil.')];

let dir: string;
const opened: LexicalIndex[] = [];
const warnings: string[] = [];
const log = (_fields: Record<string, unknown>, message: string): void => {
  warnings.push(message);
};
const logger: Logger = { debug: () => undefined, info: () => undefined, warn: log, error: log };

function open(options: Partial<LexicalIndexOptions> = {}): LexicalIndex {
  const index = createLexicalIndex({ dir, logger, ...options });
  opened.push(index);
  return index;
}

/** Waits for what the worker does in its own time; the test's limit ends it. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(10);
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lexical-'));
  warnings.length = 0;
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((index) => index.close()));
  rmSync(dir, { recursive: true, force: true });
});

async function fill(index: LexicalIndex, collection = 'kb'): Promise<void> {
  await index.addFile(collection, { fileId: 'm', version: 1 }, MANUAL);
  await index.addFile(collection, { fileId: 'g', version: 1 }, GUIDE);
}

const search = (index: LexicalIndex, question: string, collection = 'kb', k = 10): Promise<LexicalHit[]> => index.search(collection, extractTerms(question), k, signal);

describe('the lexical index', () => {
  it('finds the item number that was asked for before its neighbour', async () => {
    const index = open();
    await fill(index);
    expect(ids(await search(index, 'ＡＢ１２３４はいくらですか'))[0]).toBe('m.1.0');
    expect(ids(await search(index, 'AB-1235'))[0]).toBe('m.1.1');
  });

  it('gives best hits first, at most k, and no chunk without a term', async () => {
    const index = open();
    await fill(index);
    const hits = await search(index, 'engine warranty');
    expect(ids(hits)).toEqual(['g.1.0', 'g.1.1']);
    expect(hits[0]?.score).toBeGreaterThan(hits[1]?.score ?? 0);
    expect(await search(index, 'engine warranty', 'kb', 1)).toHaveLength(1);
    expect(await search(index, 'engine', 'kb', 0)).toEqual([]);
    expect(await search(index, 'zebra')).toEqual([]);
    expect(await index.search('kb', [], 10, signal)).toEqual([]);
  });

  it('knows which version of which files it holds, also of a file without chunks', async () => {
    const index = open();
    await fill(index);
    await index.addFile('kb', { fileId: 'empty', version: 7 }, []);
    expect(await index.files('kb')).toEqual([{ fileId: 'm', version: 1 }, { fileId: 'g', version: 1 }, { fileId: 'empty', version: 7 }]);
    expect(await index.files('unknown')).toEqual([]);
  });

  it('replaces an older version of a file', async () => {
    const index = open();
    await fill(index);
    await index.addFile('kb', { fileId: 'g', version: 2 }, [chunk('g.2.0', 'Engines come without oil.')]);
    expect(ids(await search(index, 'engine'))).toEqual(['g.2.0']);
    expect(await index.files('kb')).toContainEqual({ fileId: 'g', version: 2 });
  });

  it('forgets a removed file and a dropped collection', async () => {
    const index = open();
    await fill(index);
    await index.removeFile('kb', 'g');
    await index.removeFile('kb', 'never there');
    expect(await search(index, 'engine')).toEqual([]);
    await index.drop('kb');
    expect(await index.files('kb')).toEqual([]);
    expect(await search(index, '価格')).toEqual([]);
  });

  it('keeps collections and their statistics apart', async () => {
    const index = open();
    await fill(index, 'kb');
    await fill(index, 'other');
    const before = await search(index, 'engine', 'kb');
    await index.addFile('other', { fileId: 'x', version: 1 }, Array.from({ length: 50 }, (_, ordinal) => chunk(`x.1.${ordinal}`, 'engine engine')));
    expect(await search(index, 'engine', 'kb')).toEqual(before);
  });

  it('scores given chunks alone, as a collection of just them', async () => {
    const index = open();
    await index.addFile('kb', { fileId: 'g', version: 1 }, GUIDE);
    const query = extractTerms('engine parts');
    const hits = await index.searchAdHoc(GUIDE, query, 10, signal);
    expect(ids(hits)).toEqual(['g.1.0', 'g.1.1']);
    const indexed = await index.search('kb', query, 10, signal);
    for (const [rank, hit] of hits.entries()) expect(hit.score).toBeCloseTo(indexed[rank]?.score ?? 0, 9);
    expect(await index.searchAdHoc([], query, 10, signal)).toEqual([]);
  });

  it('rejects with the reason of a signal that is or becomes aborted', async () => {
    const index = open();
    await fill(index);
    const reason = new Error('no longer wanted');
    const query = extractTerms('engine');
    await expect(index.search('kb', query, 10, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(index.searchAdHoc(GUIDE, query, 10, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const pending = index.search('kb', query, 10, controller.signal);
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    expect(await search(index, 'engine')).toHaveLength(2);
  });
});

describe('the lexical index on disk', () => {
  it('answers the same after a restart', async () => {
    const first = open();
    await fill(first);
    await first.addFile('kb', { fileId: 'gone', version: 1 }, [chunk('gone.1.0', 'engine')]);
    await first.removeFile('kb', 'gone');
    const before = await search(first, 'engine warranty 価格');
    const files = await first.files('kb');
    await first.close();
    const second = open();
    expect(await second.files('kb')).toEqual(files);
    expect(await search(second, 'engine warranty 価格')).toEqual(before);
    expect(warnings).toEqual([]);
  });

  it('goes on changing what it has read', async () => {
    const first = open();
    await fill(first);
    await first.close();
    const second = open();
    await second.removeFile('kb', 'm');
    await second.addFile('kb', { fileId: 'n', version: 3 }, [chunk('n.3.0', '保証は engine のみ')]);
    await second.close();
    const third = open();
    expect((await third.files('kb')).map((file) => file.fileId)).toEqual(['g', 'n']);
    expect(ids(await search(third, '保証'))).toEqual(['n.3.0']);
  });

  it('is written after a quiet moment without being closed', async () => {
    const index = open({ quietMs: 20 });
    await fill(index);
    await until(() => readdirSync(dir).includes('kb.bin'));
    expect(ids(await search(open(), 'engine'))).toContain('g.1.1');
  });

  it('is read again after a collection left memory', async () => {
    const index = open({ quietMs: 10, idleMs: 40 });
    await fill(index);
    await until(() => readdirSync(dir).includes('kb.bin'));
    await delay(200);
    writeFileSync(join(dir, 'kb.bin'), 'spoiled, to see whether it is read');
    expect(await index.files('kb')).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  it('deletes the file of a dropped collection, also when a write was due', async () => {
    const index = open({ quietMs: 10 });
    await fill(index);
    await until(() => readdirSync(dir).includes('kb.bin'));
    await index.addFile('kb', { fileId: 'x', version: 1 }, GUIDE);
    await index.drop('kb');
    await index.close();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('treats a file with any byte changed, cut or added as empty, with a warning', async () => {
    const index = open();
    await fill(index);
    await index.close();
    const good = readFileSync(join(dir, 'kb.bin'));
    const spoil: Array<(bytes: Buffer) => Buffer> = [() => Buffer.alloc(0), (bytes) => bytes.subarray(0, 20), (bytes) => Buffer.concat([bytes, bytes])];
    for (let position = 0; position < good.length; position += 41) {
      spoil.push((bytes) => {
        bytes[position] = (bytes[position] ?? 0) ^ 0x41;
        return bytes;
      });
    }
    const reader = open();
    for (const [number, change] of spoil.entries()) {
      warnings.length = 0;
      writeFileSync(join(dir, `bad${number}.bin`), change(Buffer.from(good)));
      expect(await reader.files(`bad${number}`)).toEqual([]);
      expect(warnings).toHaveLength(1);
    }
  });

  it('does not take one collection for another whose name a file system cannot tell apart', async () => {
    const index = open();
    await index.addFile('KB', { fileId: 'a', version: 1 }, GUIDE);
    await index.addFile('../kb', { fileId: 'b', version: 1 }, GUIDE);
    await index.close();
    const again = open();
    expect(await again.files('kb')).toEqual([]);
    expect(await again.files('KB')).toEqual([{ fileId: 'a', version: 1 }]);
    expect(await again.files('../kb')).toEqual([{ fileId: 'b', version: 1 }]);
    expect(readdirSync(dir)).toHaveLength(2);
  });

  it('refuses calls after it was closed', async () => {
    const index = open();
    await fill(index);
    await index.close();
    await index.close();
    await expect(index.files('kb')).rejects.toMatchObject({ code: 'INDEX_UNAVAILABLE', isRetryable: false });
  });
});

describe('the lexical index when its worker dies', () => {
  it('rejects what was pending as retryable, says so once, and goes on from what was written', async () => {
    const script = fileURLToPath(new URL('lexical-index-crash.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', script, dir]);
    expect(JSON.parse(stdout)).toEqual({
      pending: { code: 'INDEX_UNAVAILABLE', isRetryable: true },
      afterwards: ['f.1.0'],
      lostCount: 1,
      workerCount: 2,
    });
  });
});

describe('an index that changed many times', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const terms = fc.uniqueArray(fc.tuple(word, fc.integer({ min: 1, max: 300 })), { selector: ([term]) => term });
  const change = fc.record({ fileId: fc.integer({ min: 0, max: 12 }).map(String), chunks: fc.option(fc.array(terms, { maxLength: 6 })) });

  it('gives the hits of one that was built anew from the same files, to the last bit', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), fc.array(fc.tuple(word, fc.integer({ min: 1, max: 2 })), { maxLength: 4 }), fc.integer({ min: 1, max: 20 }), (changes, query, k) => {
        const grown = new CollectionIndex();
        const truth = new Map<string, { version: number; chunks: ChunkTerms[] }>();
        for (const [version, { fileId, chunks }] of changes.entries()) {
          truth.delete(fileId);
          if (chunks === null) grown.removeFile(fileId);
          else {
            const named = chunks.map((ofChunk, ordinal) => ({ chunkId: `${fileId}.${version}.${ordinal}`, terms: packTerms(ofChunk) }));
            truth.set(fileId, { version, chunks: named });
            grown.addFile({ fileId, version }, packChunks(named));
          }
        }
        const rebuilt = new CollectionIndex();
        for (const [fileId, { version, chunks }] of truth) rebuilt.addFile({ fileId, version }, packChunks(chunks));
        const distinctQuery = [...new Map(query)];
        expect(grown.search(distinctQuery, k)).toEqual(rebuilt.search(distinctQuery, k));
        expect(grown.files()).toEqual(rebuilt.files());
      }),
      { numRuns: 300 },
    );
  });

  it('leaves nothing out when it skips long postings', () => {
    const chunks = Array.from({ length: 12_000 }, (_, ordinal): ChunkTerms => {
      const common: TermCounts = [['the', 1 + (ordinal % 7)], ['of', 1 + (ordinal % 5)], ['filler', ordinal % 40]];
      return { chunkId: String(ordinal), terms: packTerms(ordinal % 400 === 0 ? [...common, ['rare', 1 + (ordinal % 3)]] : common) };
    });
    const index = new CollectionIndex();
    index.addFile({ fileId: 'f', version: 1 }, packChunks(chunks));
    const query: TermCounts = [['the', 1], ['rare', 1], ['of', 1]];
    const all = index.search(query, chunks.length);
    expect(all).toHaveLength(chunks.length);
    for (const k of [1, 10, 29, 30, 31, 100]) expect(index.search(query, k)).toEqual(all.slice(0, k));
  });
});
