import { AppError, isAppError } from '../domain/errors.ts';
import type { FileRecord } from '../domain/file.ts';
import type { Job } from '../domain/job.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { ChunkStore } from '../ports/chunk-store.ts';
import type { DocumentReader } from '../ports/document-reader.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { UserStore } from '../ports/user-store.ts';
import { canKnowledge } from './authorize.ts';
import type { Signals } from './background.ts';
import type { KnowledgeCache } from './knowledge-cache.ts';

export type IngestDeps = {
  files: FileStore;
  chunks: ChunkStore;
  knowledge: KnowledgeStore;
  blobs: BlobStore;
  reader: DocumentReader;
  embedder: Embedder;
  cache: KnowledgeCache;
  signals: Signals;
  users: UserStore;
  logger: Logger;
  chunkSizeChars: number;
  chunkOverlapChars: number;
  maxAttempts: number;
};

/** Distinct texts embedded between two commits: work that a crash does not repeat. */
const EMBED_BATCH = 256;

/**
 * Takes a stored file to `completed` or `failed`. Runs again from the start after a crash; texts that already have an
 * embedding are not embedded twice. Rethrows what may pass (an embedding server that is down) until `maxAttempts`.
 */
export async function ingestFile(deps: IngestDeps, job: Job, signal: AbortSignal): Promise<void> {
  const file = await deps.files.get(job.targetId);
  if (file === null || file.version !== job.version) return;
  // A crash between the last commit and the end of the job: doing it again would restore a link that was removed since.
  if (file.status !== 'pending' && file.status !== 'processing') return;
  // Attempts that reach their end fail or are put back below; this many without an end mean that the file ends the process.
  if (job.attempt > 2 * deps.maxAttempts) {
    await deps.files.fail(file.id, job.version, `The processing was broken off ${job.attempt - 1} times and is not tried again. The file may be too much for this machine's memory.`);
    deps.signals.fileChanged(file.id);
    return;
  }
  if (!(await deps.files.setProcessing(file.id, job.version))) return;
  deps.signals.fileChanged(file.id);
  try {
    const extraction = await deps.blobs.withLocalFile(file.id, (path) =>
      deps.reader.read(
        { path, filename: file.filename, contentType: file.contentType, chunkSizeChars: deps.chunkSizeChars, chunkOverlapChars: deps.chunkOverlapChars },
        signal,
      ),
    );
    if (extraction.chunks.length === 0) throw new AppError('NO_TEXT', `The file ${file.filename} holds no text.`);
    if (!(await deps.files.saveExtraction(file.id, job.version, extraction))) return;
    await embedFile(deps, file.id, signal);
    await complete(deps, file, job.version);
  } catch (error) {
    if (signal.aborted) throw error;
    if (isRetryable(error) && job.attempt < deps.maxAttempts) throw error;
    deps.logger.warn({ err: error, fileId: file.id, attempt: job.attempt }, 'A file could not be processed');
    await deps.files.fail(file.id, job.version, failureReason(error, job.attempt));
  }
  deps.signals.fileChanged(file.id);
}

/** Embeds what of the file's current version has no vector under the current profile. */
export async function embedFile(deps: Pick<IngestDeps, 'chunks' | 'embedder'>, fileId: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const batch = await deps.chunks.textsWithoutEmbedding(fileId, deps.embedder.profileKey, EMBED_BATCH);
    if (batch.length === 0) return;
    const vectors = await deps.embedder.embed(batch.map((item) => item.text), 'passage', signal);
    await deps.chunks.saveEmbeddings(
      deps.embedder.profileKey,
      batch.flatMap((item, at) => {
        const vector = vectors[at];
        return vector === undefined ? [] : [{ textHash: item.textHash, vector }];
      }),
    );
  }
}

async function complete(deps: IngestDeps, file: FileRecord, version: number): Promise<void> {
  const wanted = file.metadata['knowledge_id'];
  const linkTo = typeof wanted === 'string' && (await mayLink(deps, file.userId, wanted)) ? { knowledgeId: wanted, userId: file.userId } : null;
  const outcome = await deps.files.complete(file.id, version, linkTo);
  if (outcome === 'duplicate') {
    deps.logger.warn({ fileId: file.id, knowledgeId: wanted }, 'A file was not linked: its text is already in the knowledge base');
  }
  // A new link, or a new version of a linked file: what is cached of its knowledge bases is old.
  for (const knowledgeId of await deps.knowledge.holding(file.id)) deps.cache.invalidate(knowledgeId);
  deps.signals.wakeJobs();
}

/** The upload checked this already, but the right may have been taken away since. */
async function mayLink(deps: IngestDeps, userId: string, knowledgeId: string): Promise<boolean> {
  const [user, knowledge] = await Promise.all([deps.users.byId(userId), deps.knowledge.get(knowledgeId)]);
  return user !== null && knowledge !== null && canKnowledge({ user, via: 'session' }, 'write', knowledge);
}

/** A server that hangs may answer the next time, though no caller should be kept waiting for that. */
function isRetryable(error: unknown): boolean {
  return !isAppError(error) || error.isRetryable || error.code === 'UPSTREAM_TIMEOUT';
}

function failureReason(error: unknown, attempts: number): string {
  if (!isAppError(error)) return 'An unexpected fault stopped the processing; the log has the details. Upload the file again.';
  return isRetryable(error) && attempts > 1 ? `${error.message} (${attempts} attempts)` : error.message;
}
