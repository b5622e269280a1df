import { AppError } from '../domain/errors.ts';
import type { FileRecord } from '../domain/file.ts';
import { cleanFileName, fileExtension } from '../domain/file-name.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Principal } from '../domain/user.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';
import { canKnowledge } from './authorize.ts';
import type { Signals } from './background.ts';
import type { UseCases } from './use-cases.ts';

export type UploadDeps = {
  files: FileStore;
  blobs: BlobStore;
  knowledge: KnowledgeStore;
  clock: Clock;
  signals: Signals;
  maxUploadBytes: number;
  /** Lower-case endings without dot; empty allows all. */
  allowedExtensions: readonly string[];
};

/**
 * Streams the bytes to the blob store, then writes row and job in one transaction; only then it resolves. A crash in
 * between leaves a blob without a row, which the sweep removes.
 */
export function createUploadFile(deps: UploadDeps): UseCases['uploadFile'] {
  return async function uploadFile(principal, input, signal) {
    const filename = cleanFileName(input.filename) || 'file';
    if (input.process) checkExtension(filename, deps.allowedExtensions);
    const id = deps.clock.uuid();
    // A refusal of the metadata may come while the bytes still stream; it is looked at after them.
    input.metadata.catch(() => undefined);
    const blob = await deps.blobs.put(id, input.content, { maxBytes: deps.maxUploadBytes, signal });
    try {
      if (blob.sizeBytes === 0) throw new AppError('FILE_EMPTY', `The file ${filename} has no bytes.`);
      const metadata = await input.metadata;
      await checkKnowledge(deps, principal, metadata);
      const now = deps.clock.nowMs();
      const file: FileRecord = {
        id,
        userId: principal.user.id,
        filename,
        contentType: input.contentType,
        sizeBytes: blob.sizeBytes,
        fileHash: blob.sha256,
        textHash: null,
        status: input.process ? 'pending' : 'unprocessed',
        error: null,
        version: 1,
        metadata,
        chunkCount: null,
        processingMs: null,
        createdAtMs: now,
        updatedAtMs: now,
      };
      await deps.files.insert(file, input.process ? { kind: 'ingest', subject: `file:${id}`, targetId: id, version: 1 } : null);
      if (input.process) deps.signals.wakeJobs();
      return file;
    } catch (error) {
      await deps.blobs.delete(id).catch(() => undefined);
      throw error;
    }
  };
}

function checkExtension(filename: string, allowed: readonly string[]): void {
  const extension = fileExtension(filename);
  if (allowed.length > 0 && !allowed.map((name) => name.toLowerCase().replace(/^\./u, '')).includes(extension)) {
    throw new AppError('FILE_TYPE_NOT_ALLOWED', `File type ${extension} is not allowed`, { details: { extension, allowed } });
  }
}

/** A named knowledge base must exist and be writable: a link that will never be made must not look like success. */
async function checkKnowledge(deps: UploadDeps, principal: Principal, metadata: JsonObject): Promise<void> {
  const id = metadata['knowledge_id'];
  if (id === undefined || id === null || id === '') return;
  const knowledge = typeof id === 'string' ? await deps.knowledge.get(id) : null;
  if (knowledge === null || !canKnowledge(principal, 'write', knowledge)) {
    throw new AppError('NOT_FOUND', 'metadata.knowledge_id names no knowledge base that you may write to; the file was not stored.');
  }
}
