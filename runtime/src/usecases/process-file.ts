import { AppError } from '../domain/errors.ts';
import type { Signals } from './background.ts';
import { requireFile, type FileAccessDeps } from './file-access.ts';
import type { UseCases } from './use-cases.ts';
import { waitUntilProcessed, type WaitDeps } from './wait-until-processed.ts';

/** Processes a file that was stored without it, or that failed, and waits; one in work is waited for, a completed one is left as it is. */
export function createProcessFile(deps: FileAccessDeps & WaitDeps & { signals: Signals }): UseCases['processFile'] {
  return async function processFile(principal, id, signal) {
    const file = await requireFile(deps, principal, 'write', id);
    if (file.status !== 'unprocessed' && file.status !== 'failed') return waitUntilProcessed(deps, file, signal);
    const requested = await deps.files.requestProcessing(id);
    if (requested === null) throw new AppError('NOT_FOUND', 'The file was deleted meanwhile.');
    deps.signals.fileChanged(id);
    deps.signals.wakeJobs();
    return waitUntilProcessed(deps, requested, signal);
  };
}
