import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createBlobFs } from '../../runtime/src/adapters/blob-fs.ts';
import { describeBlobStore } from './blob-store.ts';

describeBlobStore('the file system', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'blobs-'));
  const folder = join(dir, 'blobs');
  return {
    blobs: createBlobFs({ dir: folder }),
    names: async () => (await readdir(folder)).sort(),
    close: () => rm(dir, { recursive: true }),
  };
});

describe('createBlobFs', () => {
  it('removes what an upload of a killed process left behind', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'blobs-'));
    const blobs = createBlobFs({ dir });
    await writeFile(join(dir, 'id.3f2a.part'), 'half');
    expect(await blobs.sweep(() => true, 3_600_000)).toBe(1);
    expect(await readdir(dir)).toEqual([]);
    await rm(dir, { recursive: true });
  });

  it('names the reason when the folder cannot be written', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'blobs-'));
    await writeFile(join(dir, 'file'), '');
    expect(() => createBlobFs({ dir: join(dir, 'file', 'blobs') })).toThrow(expect.objectContaining({ code: 'STORAGE_FAILED', message: expect.stringContaining('ENOTDIR') }));
    const blobs = createBlobFs({ dir: join(dir, 'blobs') });
    await rm(join(dir, 'blobs'), { recursive: true });
    await expect(blobs.check()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await rm(dir, { recursive: true });
  });
});
