import type { BlobStore } from '../ports/blob-store.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Logger } from '../ports/logger.ts';

export type ReconcileDeps = { files: FileStore; blobs: BlobStore; jobs: JobQueue; logger: Logger };

/** An upload writes its blob before its row; younger blobs may still get theirs. At start nobody is uploading, so none is spared then. */
const ORPHAN_AGE_MS = 3_600_000;

/**
 * After a start: frees the leases of the dead process, gives every unfinished file a job, and removes blobs without a row.
 * Doing it twice changes nothing. The vector indexes are compared when their server is up (prove-vectors.ts).
 */
export async function reconcile(deps: ReconcileDeps, options: { isStart: boolean }): Promise<void> {
  if (options.isStart) {
    const freed = await deps.jobs.releaseAll();
    const repaired = await deps.files.repairJobs();
    if (freed + repaired > 0) deps.logger.info({ freed, repaired }, 'Unfinished work of the last run goes on');
  }
  const known = new Set(await deps.files.allIds());
  const swept = await deps.blobs.sweep((id) => known.has(id), options.isStart ? 0 : ORPHAN_AGE_MS);
  if (swept > 0) deps.logger.info({ swept }, 'Removed blobs of uploads that never finished');
}
