import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { BlobStore } from '../../runtime/src/ports/blob-store.ts';

export type OpenedBlobs = {
  blobs: BlobStore;
  /** Names of everything that is stored, leftovers too. */
  names(): Promise<string[]>;
  close(): Promise<void>;
};

const never = (): AbortSignal => new AbortController().signal;
const put = (blobs: BlobStore, id: string, ...pieces: Array<string | Buffer>) =>
  blobs.put(id, Readable.from(pieces.map((piece) => Buffer.from(piece))), { maxBytes: 1e9, signal: never() });

async function read(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** What every BlobStore promises. */
export function describeBlobStore(name: string, open: () => Promise<OpenedBlobs>): void {
  describe(`BlobStore of ${name}`, () => {
    let opened: OpenedBlobs;
    let blobs: BlobStore;
    beforeAll(async () => {
      opened = await open();
      ({ blobs } = opened);
    });
    afterAll(() => opened.close());

    it('stores a stream with its size and hash, and gives it back byte for byte', async () => {
      const id = randomUUID();
      const pieces = [randomBytes(70_000), randomBytes(1), randomBytes(70_000)];
      const whole = Buffer.concat(pieces);
      expect(await put(blobs, id, ...pieces)).toEqual({ sizeBytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') });
      const { stream, sizeBytes } = await blobs.open(id);
      expect(sizeBytes).toBe(whole.length);
      expect((await read(stream)).equals(whole)).toBe(true);
    });

    it('stores nothing at all as an empty blob', async () => {
      const id = randomUUID();
      expect(await put(blobs, id)).toMatchObject({ sizeBytes: 0 });
      expect(await read((await blobs.open(id)).stream)).toHaveLength(0);
    });

    it('opens a range, both ends included', async () => {
      const id = randomUUID();
      await put(blobs, id, '0123456789');
      const { stream, sizeBytes } = await blobs.open(id, { start: 2, end: 4 });
      expect(String(await read(stream))).toBe('234');
      expect(sizeBytes).toBe(10);
    });

    it('lends a path that holds the bytes', async () => {
      const id = randomUUID();
      await put(blobs, id, 'local');
      expect(await blobs.withLocalFile(id, (path) => readFile(path, 'utf8'))).toBe('local');
    });

    it('does not find what is not there', async () => {
      await expect(blobs.open(randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(blobs.withLocalFile(randomUUID(), async () => 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it.each(['', '.', '..', '../x', 'a/b', 'a\\b', 'a.part', '%2e%2e', 'a\0', '-a', 'x'.repeat(129)])('takes %j for no id', async (id) => {
      const before = await opened.names();
      await expect(put(blobs, id, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(blobs.open(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await opened.names()).toEqual(before);
    });

    it('refuses one byte too many and keeps nothing of it', async () => {
      const id = randomUUID();
      const before = await opened.names();
      const source = Readable.from([Buffer.alloc(50), Buffer.alloc(51)]);
      await expect(blobs.put(id, source, { maxBytes: 100, signal: never() })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE', details: { maxBytes: 100 } });
      expect(await opened.names()).toEqual(before);
      expect(await blobs.put(id, Readable.from([Buffer.alloc(100)]), { maxBytes: 100, signal: never() })).toMatchObject({ sizeBytes: 100 });
    });

    it('keeps nothing of an upload that is aborted while its source is silent', async () => {
      const before = await opened.names();
      const controller = new AbortController();
      const source = new Readable({ read: () => undefined });
      source.push(Buffer.alloc(10));
      const stored = blobs.put(randomUUID(), source, { maxBytes: 1e6, signal: controller.signal });
      setImmediate(() => controller.abort());
      await expect(stored).rejects.toMatchObject({ name: 'AbortError' });
      expect(source.destroyed).toBe(true);
      expect(await opened.names()).toEqual(before);
    });

    it('keeps nothing of an upload that was aborted before it began', async () => {
      const before = await opened.names();
      await expect(blobs.put(randomUUID(), Readable.from([Buffer.alloc(9)]), { maxBytes: 99, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
      expect(await opened.names()).toEqual(before);
    });

    it('keeps nothing of a source that fails half way', async () => {
      const before = await opened.names();
      const failing = async function* (): AsyncGenerator<Buffer> {
        yield Buffer.alloc(1000);
        throw new Error('connection lost');
      };
      await expect(blobs.put(randomUUID(), Readable.from(failing()), { maxBytes: 1e6, signal: never() })).rejects.toMatchObject({ message: 'connection lost' });
      expect(await opened.names()).toEqual(before);
    });

    it('deletes one blob, twice if asked, and not its neighbour', async () => {
      const [id, neighbour] = [randomUUID(), randomUUID()];
      await put(blobs, id, 'gone');
      await put(blobs, neighbour, 'stays');
      await blobs.delete(id);
      await blobs.delete(id);
      await expect(blobs.open(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(String(await read((await blobs.open(neighbour)).stream))).toBe('stays');
    });

    it('sweeps blobs without a row once they are old, and never an upload that runs', async () => {
      const [known, orphan] = [randomUUID(), randomUUID()];
      await put(blobs, known, 'known');
      await put(blobs, orphan, 'orphan');
      const source = new Readable({ read: () => undefined });
      source.push(Buffer.from('half'));
      const running = blobs.put(randomUUID(), source, { maxBytes: 99, signal: never() });
      const others = new Set(await opened.names());
      const isKnown = (id: string): boolean => id !== orphan && others.has(id);
      expect(await blobs.sweep(isKnown, 3_600_000)).toBe(0);
      expect(await blobs.sweep(isKnown, 0)).toBe(1);
      await expect(blobs.open(orphan)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      source.push(null);
      expect(await running).toMatchObject({ sizeBytes: 4 });
      expect(String(await read((await blobs.open(known)).stream))).toBe('known');
    });

    it('proves that it works and leaves nothing behind', async () => {
      const before = await opened.names();
      await blobs.check();
      expect(await opened.names()).toEqual(before);
    });
  });
}
