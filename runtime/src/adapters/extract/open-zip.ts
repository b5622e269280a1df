import { fromBuffer } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { AppError } from '../../domain/errors.ts';
import { group, limitError } from './extract-limits.ts';

const MIB = 1024 * 1024;
/** Caps on an archive; the ratio is the rule of Apache POI: 100 to 1 past the first 100 KiB. */
export const ZIP_CAPS = {
  maxEntries: 2_000,
  maxEntryBytes: 50 * MIB,
  maxTotalBytes: 200 * MIB,
  maxRatio: 100,
  ratioFromBytes: 100 * 1024,
} as const;

/** Sizes as the central directory declares them; the reader checks that the data keeps to them. */
export type ZipEntry = { name: string; entry: Entry };
export type OpenZip = { zip: ZipFile; entries: ZipEntry[] };

/**
 * Opens an archive and holds its directory against the caps: number of entries, size of each and of all, ratio, names.
 * Throws EXTRACTION_LIMIT, or EXTRACTION_FAILED when it is damaged. Nothing is inflated yet.
 */
export async function openZip(bytes: Buffer): Promise<OpenZip> {
  const zip = await openBuffer(bytes);
  const entries = await listEntries(zip);
  let total = 0;
  for (const { name, entry } of entries) {
    if (name.startsWith('/') || name.split('/').includes('..')) throw damaged('An entry of the archive points outside of it.');
    if (entry.uncompressedSize > ZIP_CAPS.maxEntryBytes) throw limitError(`A part of the document unpacks to more than ${ZIP_CAPS.maxEntryBytes / MIB} MB.`);
    const isSuspicious = entry.uncompressedSize > ZIP_CAPS.ratioFromBytes;
    if (isSuspicious && entry.uncompressedSize > entry.compressedSize * ZIP_CAPS.maxRatio) throw limitError('A part of the document is compressed so strongly that it may be a zip bomb.');
    total += entry.uncompressedSize;
  }
  if (total > ZIP_CAPS.maxTotalBytes) throw limitError(`The document unpacks to more than ${ZIP_CAPS.maxTotalBytes / MIB} MB.`);
  return { zip, entries };
}

/** Inflates one entry. Throws EXTRACTION_FAILED when it is damaged, encrypted or longer than declared. */
export function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      reject(damaged('The document is damaged: a part of it cannot be unpacked.', error));
    };
    zip.openReadStream(entry, (error, stream) => {
      if (error !== null && error !== undefined) {
        fail(error);
        return;
      }
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('error', fail);
      stream.on('end', () => {
        resolve(Buffer.concat(parts));
      });
    });
  });
}

function openBuffer(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true, validateEntrySizes: true }, (error, zip) => {
      if (error !== null && error !== undefined) reject(damaged('The document is a damaged or truncated zip archive.', error));
      else resolve(zip);
    });
  });
}

function listEntries(zip: ZipFile): Promise<ZipEntry[]> {
  return new Promise((resolve, reject) => {
    if (zip.entryCount > ZIP_CAPS.maxEntries) {
      reject(limitError(`The document has more than ${group(ZIP_CAPS.maxEntries)} parts.`));
      return;
    }
    const entries: ZipEntry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push({ name: entry.fileName, entry });
      if (entries.length > ZIP_CAPS.maxEntries) reject(limitError(`The document has more than ${group(ZIP_CAPS.maxEntries)} parts.`));
      else zip.readEntry();
    });
    zip.on('error', (error: Error) => {
      reject(damaged('The document is a damaged zip archive.', error));
    });
    zip.on('end', () => {
      resolve(entries);
    });
    zip.readEntry();
  });
}

function damaged(sentence: string, cause?: unknown): AppError {
  return new AppError('EXTRACTION_FAILED', sentence, { cause });
}
