import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createDocumentReader } from '../../runtime/src/adapters/extract/create-document-reader.ts';
import type { DocumentReaderOptions } from '../../runtime/src/adapters/extract/create-document-reader.ts';
import type { DocumentReader } from '../../runtime/src/ports/document-reader.ts';
import type { Extraction } from '../../runtime/src/ports/file-store.ts';

export type Failure = { code: string; message: string; isRetryable: boolean };

/** A real reader over a folder of its own. */
export type Reading = {
  reader: DocumentReader;
  read(filename: string, bytes: Buffer | string, more?: { contentType?: string; chunkSizeChars?: number; signal?: AbortSignal }): Promise<Extraction>;
  /** The error of a document that must not be readable. */
  failure(filename: string, bytes: Buffer | string): Promise<Failure>;
  close(): Promise<void>;
};

export async function startReading(options: DocumentReaderOptions = {}): Promise<Reading> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'extract-'));
  const reader = createDocumentReader({ workers: 1, ...options });
  let count = 0;
  const reading: Reading = {
    reader,
    async read(filename, bytes, { contentType, chunkSizeChars = 1000, signal = new AbortController().signal } = {}) {
      const file = path.join(folder, `document-${(count += 1)}`);
      await writeFile(file, bytes);
      return reader.read({ path: file, filename, contentType: contentType ?? null, chunkSizeChars, chunkOverlapChars: 100 }, signal);
    },
    async failure(filename, bytes) {
      try {
        await reading.read(filename, bytes);
      } catch (error) {
        return error as Failure;
      }
      throw new Error(`${filename} was read`);
    },
    async close() {
      await reader.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return reading;
}
