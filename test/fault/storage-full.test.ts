import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSqlite, type SqliteStores } from '../../runtime/src/adapters/sqlite/open-sqlite.ts';
import { extraction, fileRecord, ingestJob } from '../contract/samples.ts';
import { runChild } from './run-child.ts';

describe('a database that may not grow any more', () => {
  let dir = '';
  let stores: SqliteStores;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'full-'));
    stores = await openSqlite({ path: join(dir, 'runtime.db'), maxSizeBytes: 1024 * 1024 });
  });
  afterAll(async () => {
    await stores.close();
    await rm(dir, { recursive: true });
  });

  const big = extraction(...Array.from({ length: 1000 }, (_, n) => `${n} ${'x'.repeat(2000)}`));

  it('refuses what does not fit with a sentence, and keeps no half of it', async () => {
    const file = fileRecord();
    await stores.files.insert(file, ingestJob(file.id));
    await expect(stores.files.saveExtraction(file.id, 1, big)).rejects.toMatchObject({
      name: 'AppError', code: 'STORAGE_FULL', isRetryable: true, message: expect.stringMatching(/disk is full.*Free some space/),
    });
    expect(await stores.files.get(file.id)).toEqual(file);
    expect(await stores.files.text(file.id)).toBeNull();
    expect(await stores.chunks.ofFile(file.id)).toEqual([]);
  });

  it('saves what fits beside what does not, though both came at the same moment', async () => {
    const [small, large] = [fileRecord(), fileRecord()];
    for (const file of [small, large]) await stores.files.insert(file, null);
    const results = await Promise.allSettled([
      stores.files.rename(small.id, 'before'),
      stores.files.saveExtraction(large.id, 1, big),
      stores.files.saveExtraction(small.id, 1, extraction('fits')),
      stores.files.rename(small.id, 'after'),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(await stores.files.get(small.id)).toMatchObject({ filename: 'after' });
    expect(await stores.files.text(small.id)).toBe('fits');
    expect(await stores.files.text(large.id)).toBeNull();
  });

  it('takes new rows again once old ones are deleted', async () => {
    const part = extraction(...Array.from({ length: 30 }, (_, n) => `${n} ${'y'.repeat(2000)}`));
    const filled: string[] = [];
    let refusal: unknown = null;
    while (refusal === null && filled.length < 100) {
      const file = fileRecord();
      await stores.files.insert(file, null).then(() => stores.files.saveExtraction(file.id, 1, part)).catch((error: unknown) => { refusal = error; });
      filled.push(file.id);
    }
    expect(refusal).toMatchObject({ code: 'STORAGE_FULL' });
    await stores.files.purge(filled[0] ?? '');
    const file = fileRecord();
    await stores.files.insert(file, null);
    expect(await stores.files.saveExtraction(file.id, 1, part)).toBe(true);
    await stores.checkWritable();
  });
});

/** A small file system of memory that only the superuser of Linux can make. */
function mountSmall(dir: string): string | null {
  if (process.platform !== 'linux') return 'tmpfs exists on Linux only';
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir]);
  return mounted.status === 0 ? null : `no file system could be mounted: ${mounted.error?.message ?? String(mounted.stderr).trim()}`;
}

describe('a disk that is full', () => {
  it('is named as the reason, loses no row, and is used again when space returns', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'disk-'));
    const reason = mountSmall(dir);
    try {
      if (reason !== null) {
        process.stdout.write(`not tested, ${reason}\n`);
        return;
      }
      expect(await runChild('fillDisk', dir)).toEqual([
        'blob STORAGE_FULL',
        'rows STORAGE_FULL',
        'half rows 0 text null',
        'after: blob ok, rows ok',
        'small true',
        'reads fits',
      ]);
    } finally {
      if (reason === null) spawnSync('umount', [dir]);
      await rm(dir, { recursive: true });
    }
  });
});
