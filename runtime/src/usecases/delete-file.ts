import type { Job } from '../domain/job.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { FileStore } from '../ports/file-store.ts';

/** Last steps of a deletion that readers no longer see. Bytes first: a crash in between leaves the row, and the job runs again. */
export async function purgeFile(deps: { files: FileStore; blobs: BlobStore }, job: Job): Promise<void> {
  await deps.blobs.delete(job.targetId);
  await deps.files.purge(job.targetId);
}
