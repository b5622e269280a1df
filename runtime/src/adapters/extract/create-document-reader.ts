import { AppError } from '../../domain/errors.ts';
import type { DocumentReader } from '../../ports/document-reader.ts';
import { ExtractThread } from './extract-thread.ts';
import type { ThreadOptions } from './extract-thread.ts';

export type DocumentReaderOptions = Partial<ThreadOptions> & {
  /** Documents read at the same time. */
  workers?: number;
};

/** Limits to start with: what a document of everyday use never reaches. */
const DEFAULTS: ThreadOptions & { workers: number } = {
  workers: 2,
  timeoutMs: 120_000,
  maxHeapMb: 512,
  maxTextChars: 20_000_000,
  maxChunks: 50_000,
  maxPages: 2_000,
};

type Waiter = { take: (thread: ExtractThread) => void; refuse: (error: AppError) => void };

/**
 * A DocumentReader over a few worker threads; further documents wait their turn, first come first served. Threads start
 * when they are needed and do not keep the process alive while idle. A signal ends waiting and reading alike (ABORTED).
 */
export function createDocumentReader(options: DocumentReaderOptions = {}): DocumentReader {
  const settings = { ...DEFAULTS, ...options };
  const threads = Array.from({ length: Math.max(1, settings.workers) }, () => new ExtractThread(settings));
  const idle = [...threads];
  const waiters: Waiter[] = [];
  let isClosed = false;

  function acquire(signal: AbortSignal): Promise<ExtractThread> {
    const thread = idle.pop();
    if (thread !== undefined) return Promise.resolve(thread);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        waiters.splice(waiters.indexOf(waiter), 1);
        reject(aborted());
      };
      const stopListening = () => {
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        take: (freed) => {
          stopListening();
          resolve(freed);
        },
        refuse: (error) => {
          stopListening();
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiters.push(waiter);
    });
  }

  function release(thread: ExtractThread): void {
    const next = waiters.shift();
    if (next === undefined) idle.push(thread);
    else next.take(thread);
  }

  return {
    async read(document, signal) {
      if (isClosed) throw new AppError('ABORTED', 'The server is stopping.');
      if (signal.aborted) throw aborted();
      const thread = await acquire(signal);
      try {
        if (signal.aborted || isClosed) throw aborted();
        return await thread.read(document, signal);
      } finally {
        release(thread);
      }
    },

    async close() {
      isClosed = true;
      for (const waiter of waiters.splice(0)) waiter.refuse(new AppError('ABORTED', 'The server is stopping.'));
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

function aborted(): AppError {
  return new AppError('ABORTED', 'Reading the document was cancelled.');
}
