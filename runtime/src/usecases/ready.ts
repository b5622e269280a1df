import { isAppError } from '../domain/errors.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { ModelBackend } from '../ports/model-backend.ts';
import type { VectorIndex } from '../ports/vector-index.ts';
import type { ReadyReport, UseCases } from './use-cases.ts';

export type ReadyDeps = {
  checkStore: () => Promise<void>;
  blobs: BlobStore;
  index: VectorIndex;
  jobs: JobQueue;
  backends: readonly ModelBackend[];
  isDraining: () => boolean;
};

/** Disk checks write; their answer is kept this long. */
const CACHE_MS = 10_000;

type Check = ReadyReport['checks'][number];

async function probe(name: string, check: () => Promise<void>): Promise<Check> {
  try {
    await check();
    return { name, ok: true, reason: null };
  } catch (error) {
    return { name, ok: false, reason: isAppError(error) ? error.message : String(error) };
  }
}

/** What must work (store, blobs, not shutting down), and what is only reported: the exact scan stands in for the vector index. */
export function createReady(deps: ReadyDeps): UseCases['ready'] {
  let cached: { atMs: number; checks: Promise<Check[]> } | null = null;
  const checks = (): Promise<Check[]> => {
    const now = performance.now();
    if (cached === null || now - cached.atMs > CACHE_MS) {
      cached = { atMs: now, checks: Promise.all([probe('store', deps.checkStore), probe('blobs', () => deps.blobs.check())]) };
    }
    return cached.checks;
  };
  return async function ready() {
    const results = [...(await checks())];
    if (results.some((check) => !check.ok)) cached = null;
    if (deps.isDraining()) results.push({ name: 'running', ok: false, reason: 'The server is shutting down.' });
    const index = deps.index.state();
    const stats = await deps.jobs.stats().catch(() => null);
    return {
      ready: results.every((check) => check.ok),
      checks: results,
      notes: [
        { name: 'index', ok: index.state === 'ready', reason: index.state === 'ready' ? null : `${index.reason ?? 'The vector index is starting.'} Answers come from the word index and an exact comparison meanwhile.` },
        { name: 'jobs', ok: stats !== null, reason: stats === null ? 'The job queue does not answer.' : `${stats.waiting} waiting, ${stats.running} running` },
      ],
      models: deps.backends.flatMap((backend) => backend.health()),
    };
  };
}
