import { createHash, randomUUID } from 'node:crypto';
import { packTerms } from '../../runtime/src/domain/packed-terms.ts';
import type { ChunkDraft } from '../../runtime/src/domain/chunk.ts';
import type { FileRecord } from '../../runtime/src/domain/file.ts';
import type { NewJob } from '../../runtime/src/domain/job.ts';
import type { Knowledge } from '../../runtime/src/domain/knowledge.ts';
import type { Extraction } from '../../runtime/src/ports/file-store.ts';
import type { OpenedStores } from './opened-stores.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function fileRecord(change: Partial<FileRecord> = {}): FileRecord {
  const id = change.id ?? randomUUID();
  return {
    id, userId: 'owner', filename: `${id}.txt`, contentType: 'text/plain', sizeBytes: 3, fileHash: sha256(id), textHash: null,
    status: 'pending', error: null, version: 1, metadata: {}, chunkCount: null, processingMs: null, createdAtMs: 1000, updatedAtMs: 1000, ...change,
  };
}

export const ingestJob = (fileId: string, version = 1): NewJob => ({ kind: 'ingest', subject: `file:${fileId}`, targetId: fileId, version });
export const syncJob = (knowledgeId: string): NewJob => ({ kind: 'sync-vectors', subject: `knowledge:${knowledgeId}`, targetId: knowledgeId, version: 0 });

export function chunkDraft(text: string, startOffset = 0): ChunkDraft {
  const terms = packTerms(text.split(' ').map((word) => [word, 1]));
  return { text, textHash: sha256(text), startOffset, endOffset: startOffset + text.length, page: 2, heading: 'Heading', terms };
}

export function extraction(...texts: string[]): Extraction {
  const text = texts.join('\n');
  return { text, textHash: sha256(text), chunks: texts.map((part) => chunkDraft(part)) };
}

export function knowledgeBase(change: Partial<Knowledge> = {}): Knowledge {
  return {
    id: randomUUID(), userId: 'owner', name: 'Name', description: 'Description', meta: null, accessGrants: [],
    createdAtMs: 1000, updatedAtMs: 1000, ...change,
  };
}

/** A vector of length 1 in the plane: its cosine with another is that of the angle between them. */
export function direction(degrees: number): Float32Array {
  const radians = degrees * Math.PI / 180;
  return Float32Array.of(Math.cos(radians), Math.sin(radians), 0);
}

/** Brings a file of these chunk texts to `completed` and returns its id. */
export async function completedFile(stores: OpenedStores, texts: string[], change: Partial<FileRecord> = {}): Promise<string> {
  const file = fileRecord({ ...change, status: 'processing' });
  await stores.files.insert(file, null);
  await stores.files.saveExtraction(file.id, file.version, extraction(...texts));
  await stores.files.complete(file.id, file.version, null);
  return file.id;
}

/** Leases and completes every due job; returns what they were, oldest first. */
export async function drainJobs(stores: OpenedStores): Promise<string[]> {
  const seen: string[] = [];
  for (let job = await stores.jobs.lease(1000); job !== null; job = await stores.jobs.lease(1000)) {
    seen.push(`${job.kind} ${job.targetId} ${job.version}`);
    await stores.jobs.complete(job.id);
  }
  return seen;
}
