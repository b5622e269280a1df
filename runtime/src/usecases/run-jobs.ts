import { isAppError } from '../domain/errors.ts';
import type { Job, JobKind } from '../domain/job.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Logger } from '../ports/logger.ts';
import { pause, type Signals } from './background.ts';

export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>;
export type RunJobsDeps = { jobs: JobQueue; signals: Signals; logger: Logger; handlers: Record<JobKind, JobHandler>; concurrency: number };

const LEASE_MS = 60_000;
/** Between two looks at the queue when nobody called. */
const IDLE_MS = 1000;
const MAX_DELAY_MS = 60_000;

/** Delay before attempt n+1: 0.5, 1, 2, 4 ... 60 s. */
export function retryDelayMs(attempt: number): number {
  return Math.min(MAX_DELAY_MS, 500 * 2 ** Math.min(attempt - 1, 20));
}

/** Runs jobs until the signal aborts; resolves when the running ones have stopped. A failed job is tried again later, for ever: its handler decides when to give up. */
export async function runJobs(deps: RunJobsDeps, signal: AbortSignal): Promise<void> {
  const sleepers = new Set<() => void>();
  let wakeCount = 0;
  deps.signals.onWakeJobs(() => {
    wakeCount += 1;
    for (const wake of sleepers) wake();
  });
  const idle = async (): Promise<void> => {
    const nap = new AbortController();
    const wake = (): void => nap.abort();
    sleepers.add(wake);
    await pause(IDLE_MS, AbortSignal.any([signal, nap.signal]));
    sleepers.delete(wake);
  };
  const worker = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      const seen = wakeCount;
      try {
        const job = await deps.jobs.lease(LEASE_MS);
        failures = 0;
        if (job !== null) await runOne(deps, job, signal);
        // A call that came while the queue was being looked at must not be slept through.
        else if (seen === wakeCount) await idle();
      } catch (error) {
        failures += 1;
        deps.logger.error({ err: error }, 'The job queue could not be read');
        await pause(retryDelayMs(failures), signal);
      }
    }
  };
  await Promise.all(Array.from({ length: deps.concurrency }, worker));
}

async function runOne(deps: RunJobsDeps, job: Job, signal: AbortSignal): Promise<void> {
  const lost = new AbortController();
  const jobSignal = AbortSignal.any([signal, lost.signal]);
  const heartbeat = setInterval(() => {
    deps.jobs.extend(job.id, LEASE_MS).then(
      (isHeld) => (isHeld ? undefined : lost.abort()),
      (error: unknown) => deps.logger.warn({ err: error, jobId: job.id }, 'A lease could not be extended'),
    );
  }, LEASE_MS / 3);
  try {
    await deps.handlers[job.kind](job, jobSignal);
    if (lost.signal.aborted) return;
    await deps.jobs.complete(job.id);
    // Jobs of the same subject may have waited for this one.
    deps.signals.wakeJobs();
  } catch (error) {
    // Whoever has the lease now decides about the job.
    if (lost.signal.aborted) return;
    const isShutdown = signal.aborted;
    if (!isShutdown) deps.logger.warn({ err: error, kind: job.kind, subject: job.subject, attempt: job.attempt }, 'A job will be tried again');
    const reason = isAppError(error) ? error.message : String(error);
    await deps.jobs.retryLater(job.id, isShutdown ? 0 : retryDelayMs(job.attempt), reason).catch((fault: unknown) => {
      deps.logger.error({ err: fault, jobId: job.id }, 'A job could not be put back; it runs again when its lease ends');
    });
  } finally {
    clearInterval(heartbeat);
  }
}
