import type { Logger } from '../ports/logger.ts';

/** Tells the job runner that there is work, and waiters that a file has moved on; both also poll, so a lost call only costs time. */
export interface Signals {
  wakeJobs(): void;
  onWakeJobs(listener: () => void): void;
  fileChanged(fileId: string): void;
  /** Resolves at the next change of the file, after `timeoutMs`, or when the signal aborts. */
  nextFileChange(fileId: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export function createSignals(): Signals {
  let wake: () => void = () => undefined;
  const waiting = new Map<string, Set<() => void>>();
  return {
    wakeJobs: () => wake(),
    onWakeJobs(listener) {
      wake = listener;
    },
    fileChanged(fileId) {
      for (const resolve of waiting.get(fileId) ?? []) resolve();
    },
    nextFileChange(fileId, timeoutMs, signal) {
      return new Promise((resolve) => {
        const listeners = waiting.get(fileId) ?? new Set();
        waiting.set(fileId, listeners);
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          listeners.delete(finish);
          if (listeners.size === 0) waiting.delete(fileId);
          resolve();
        };
        const timer = setTimeout(finish, timeoutMs);
        if (signal.aborted) return finish();
        signal.addEventListener('abort', finish);
        listeners.add(finish);
      });
    },
  };
}

/** Resolves after `ms` or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
  });
}

/** Runs work of the same key one after another; a failing one does not hold up the next. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const result = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, result);
    const cleanUp = (): void => {
      if (last.get(key) === result) last.delete(key);
    };
    result.then(cleanUp, cleanUp);
    return result;
  };
}

/** Logs what a detached task throws: a background failure must never be silent nor end the process. */
export function detach(logger: Logger, name: string, task: Promise<unknown>): void {
  task.catch((error: unknown) => logger.error({ err: error, task: name }, 'A background task failed'));
}
