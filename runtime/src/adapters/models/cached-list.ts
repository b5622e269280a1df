/**
 * A value that is loaded at most once at a time and kept for a moment. Callers share a running load; a caller's abort ends
 * only its own waiting.
 */
export type CachedList<T> = {
  /** The kept value, or a new one when it is older than `maxAgeMs` (by default the cache's own age limit). */
  get(signal: AbortSignal, maxAgeMs?: number): Promise<T>;
};

export function createCachedList<T>(load: (signal: AbortSignal) => Promise<T>, ttlMs: number): CachedList<T> {
  let kept: { value: T; atMs: number } | null = null;
  let running: Promise<T> | null = null;

  const start = (): Promise<T> => {
    const loading = load(new AbortController().signal).then((value) => {
      kept = { value, atMs: performance.now() };
      return value;
    });
    running = loading.finally(() => {
      running = null;
    });
    return running;
  };

  return {
    get: async (signal, maxAgeMs = ttlMs) => {
      signal.throwIfAborted();
      if (kept !== null && performance.now() - kept.atMs <= maxAgeMs) return kept.value;
      return orAbort(running ?? start(), signal);
    },
  };
}

/** The promise's outcome, or the signal's reason if that comes first; the promise itself goes on. */
async function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopWaiting = new AbortController();
  promise.catch(() => undefined);
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    stopWaiting.signal.addEventListener('abort', () => signal.removeEventListener('abort', onAbort), { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stopWaiting.abort();
  }
}
