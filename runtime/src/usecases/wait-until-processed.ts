import { AppError } from '../domain/errors.ts';
import type { FileRecord } from '../domain/file.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { Signals } from './background.ts';

export type WaitDeps = { files: FileStore; signals: Signals; fileWaitMs: number };

/**
 * The file once its text is searchable. Throws FILE_STILL_PROCESSING after `fileWaitMs`, FILE_FAILED with the reason,
 * FILE_NOT_PROCESSED for a file uploaded with process=false, NOT_FOUND when it is deleted meanwhile, ABORTED.
 */
export async function waitUntilProcessed(deps: WaitDeps, file: FileRecord, signal: AbortSignal): Promise<FileRecord> {
  const deadlineMs = performance.now() + deps.fileWaitMs;
  let current: FileRecord | null = file;
  for (;;) {
    if (current === null) throw new AppError('NOT_FOUND', `The file ${file.filename} was deleted while it was being processed.`);
    if (current.status === 'completed') return current;
    if (current.status === 'failed') {
      throw new AppError('FILE_FAILED', `The file ${current.filename} could not be processed: ${current.error ?? 'the reason is not known'}`, { details: { fileId: current.id } });
    }
    if (current.status === 'unprocessed') {
      throw new AppError('FILE_NOT_PROCESSED', `The file ${current.filename} was uploaded with process=false, so it has no text to search.`);
    }
    const remainingMs = deadlineMs - performance.now();
    if (remainingMs <= 0) {
      throw new AppError('FILE_STILL_PROCESSING', `The file ${current.filename} is still being processed. Ask for its /process/status and try again when it is completed.`, { isRetryable: true });
    }
    if (signal.aborted) throw new AppError('ABORTED', 'The caller went away.');
    const changed = deps.signals.nextFileChange(current.id, Math.min(remainingMs, 1000), signal);
    // Read after listening: a change between the last look and now must not be slept through.
    current = await deps.files.get(file.id);
    if (current === null || (current.status !== 'pending' && current.status !== 'processing')) continue;
    await changed;
    current = await deps.files.get(file.id);
  }
}
