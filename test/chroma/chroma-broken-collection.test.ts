import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { VectorRecord } from '../../runtime/src/ports/vector-index.ts';
import { openChroma, type TestChroma } from './open-chroma.ts';
import { until } from './processes.ts';
import { scatteredVectors } from './scattered-vectors.ts';

const never = new AbortController().signal;
const dimensions = 16;
/** More than Chroma's `sync_threshold`, so that the index is on disk. */
const records: VectorRecord[] = scatteredVectors(2_500, dimensions).map((vector, place) => ({ id: `chunk-${place}`, fileId: 'file-1', vector }));
const probe = records[7]?.vector ?? new Float32Array();

describe('a collection whose index on disk is broken', () => {
  let chroma: TestChroma;

  beforeEach(async () => {
    chroma = await openChroma({ restart: { firstPauseMs: 20, longestPauseMs: 50, failuresUntilUnavailable: 20 } });
    await chroma.index.whenReady(never);
    await chroma.index.upsert('sound', records.slice(0, 1_500), never);
    await chroma.index.query('sound', probe, 1, never);
    const before = await readdir(chroma.dataDir);
    await chroma.index.upsert('broken', records, never);
    await chroma.index.query('broken', probe, 1, never);
    folder = join(chroma.dataDir, (await readdir(chroma.dataDir)).find((name) => !before.includes(name)) ?? '');
  });

  afterEach(() => chroma.close());

  let folder: string;

  /** Fills the index's files with a byte while no server has them open. */
  async function overwrite(byte: number, files: RegExp): Promise<void> {
    const generation = chroma.index.generation();
    process.kill(chroma.pid() ?? 0, 'SIGKILL');
    for (const name of (await readdir(folder)).filter((each) => files.test(each))) {
      const file = join(folder, name);
      await writeFile(file, Buffer.alloc((await stat(file)).size, byte));
    }
    await until(() => chroma.index.generation() > generation);
  }

  async function expectRebuildable(): Promise<void> {
    await chroma.index.whenReady(never);
    expect(await chroma.index.query('sound', probe, 1, never)).toEqual([{ id: 'chunk-7', cosine: expect.closeTo(1, 5) }]);
    await chroma.index.drop('broken', never);
    await chroma.index.upsert('broken', records, never);
    expect(await chroma.index.query('broken', probe, 1, never)).toEqual([{ id: 'chunk-7', cosine: expect.closeTo(1, 5) }]);
    expect(await chroma.index.count('broken', never)).toBe(records.length);
  }

  it('answers with an error that names it, leaves the others alone, and can be dropped and built anew', async () => {
    await overwrite(0x7f, /^header/);
    const broken = { code: 'INDEX_UNAVAILABLE', isRetryable: true, details: { reason: 'server-error', collection: 'broken' } };
    await expect(chroma.index.query('broken', probe, 1, never)).rejects.toMatchObject(broken);
    await expect(chroma.index.count('broken', never)).rejects.toMatchObject(broken);
    await expectRebuildable();
  });

  it('is quarantined when it takes the server down again and again, and can be dropped and built anew', async () => {
    await overwrite(0xff, /^(link_lists|data_level0)/);
    const reasons: unknown[] = [];
    for (let attempt = 0; attempt < 6 && reasons.at(-1) !== 'quarantined'; attempt += 1) {
      await chroma.index.whenReady(never);
      const error: unknown = await chroma.index.upsert('broken', records.slice(0, 50), never).then(() => null, (thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'INDEX_UNAVAILABLE' });
      reasons.push((error as { details: { reason: unknown } }).details.reason);
      if (reasons.at(-1) === 'unreachable') await until(() => chroma.index.state().state !== 'ready');
    }
    expect(reasons).toEqual(['unreachable', 'unreachable', 'unreachable', 'quarantined']);
    await expectRebuildable();
  });
});
