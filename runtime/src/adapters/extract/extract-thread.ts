import { Worker } from 'node:worker_threads';
import { AppError } from '../../domain/errors.ts';
import type { DocumentToRead } from '../../ports/document-reader.ts';
import type { Extraction } from '../../ports/file-store.ts';
import type { ExtractLimits } from './extract-limits.ts';
import type { ExtractReply, ExtractRequest } from './extract-messages.ts';

export type ThreadOptions = ExtractLimits & {
  /** Longest time for one document. */
  timeoutMs: number;
  /** Heap of the thread; more ends the thread, not the process. */
  maxHeapMb: number;
};

type Running = {
  requestId: number;
  received: Extraction;
  timer: NodeJS.Timeout;
  resolve: (extraction: Extraction) => void;
  reject: (error: AppError) => void;
};

/**
 * One worker thread that reads one document after the other. It starts with the first document, and again after it had to
 * be ended: for a document over its time, an aborted one, or a crash.
 */
export class ExtractThread {
  readonly #options: ThreadOptions;
  #worker: Worker | null = null;
  #running: Running | null = null;
  #requests = 0;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#running !== null;
  }

  /** Reads one document; only one at a time. Rejects with the port's errors, ABORTED when the signal ends it. */
  async read(document: DocumentToRead, signal: AbortSignal): Promise<Extraction> {
    const onAbort = () => {
      this.#end(new AppError('ABORTED', 'Reading the document was cancelled.'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#start(document);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the thread and, with it, what it is reading. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#end(new AppError('ABORTED', 'The server is stopping.'));
    await worker?.terminate();
  }

  #start(document: DocumentToRead): Promise<Extraction> {
    return new Promise((resolve, reject) => {
      const requestId = (this.#requests += 1);
      const timer = setTimeout(() => {
        const seconds = Math.max(1, Math.round(this.#options.timeoutMs / 1000));
        this.#end(new AppError('EXTRACTION_TIMEOUT', `Reading the document took longer than ${seconds} s and was stopped.`));
      }, this.#options.timeoutMs);
      this.#running = { requestId, received: { text: '', textHash: '', chunks: [] }, timer, resolve, reject };
      this.#worker ??= this.#startWorker();
      this.#worker.ref();
      this.#worker.postMessage({ requestId, document } satisfies ExtractRequest);
    });
  }

  #startWorker(): Worker {
    const { maxTextChars, maxChunks, maxPages, maxHeapMb } = this.#options;
    const entry = new URL(import.meta.url.endsWith('.ts') ? './extract-worker.ts' : './extract-worker.js', import.meta.url);
    const worker = new Worker(entry, {
      name: 'extract',
      workerData: { maxTextChars, maxChunks, maxPages } satisfies ExtractLimits,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    worker.on('message', (reply: ExtractReply) => {
      if (worker === this.#worker) this.#receive(reply);
    });
    worker.on('error', (error) => {
      if (worker === this.#worker) this.#end(crashError(error, maxHeapMb));
    });
    worker.on('exit', () => {
      if (worker === this.#worker) this.#end(crashError(null, maxHeapMb));
    });
    return worker;
  }

  #receive(reply: ExtractReply): void {
    const running = this.#running;
    if (running?.requestId !== reply.requestId) return;
    const { received } = running;
    if (reply.type === 'text') {
      received.text = reply.text;
      received.textHash = reply.textHash;
    } else if (reply.type === 'chunks') {
      for (const place of reply.chunks) received.chunks.push({ text: received.text.slice(place.startOffset, place.endOffset), ...place });
    } else if (reply.type === 'end') {
      this.#settle()?.resolve(received);
    } else {
      const { code, message, isRetryable, details } = reply;
      this.#settle()?.reject(new AppError(code, message, { isRetryable, details }));
    }
  }

  /** Takes the running document off the thread, which then no longer keeps the process alive. */
  #settle(): Running | null {
    const running = this.#running;
    this.#running = null;
    this.#worker?.unref();
    if (running !== null) clearTimeout(running.timer);
    return running;
  }

  #end(error: AppError): void {
    const worker = this.#worker;
    this.#worker = null;
    this.#settle()?.reject(error);
    // The outcome of the document does not depend on how the ended thread comes down.
    worker?.terminate().catch(() => undefined);
  }
}

function crashError(cause: unknown, maxHeapMb: number): AppError {
  const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new AppError('EXTRACTION_LIMIT', `Reading the document needs more than ${maxHeapMb} MB of memory. Split it and upload the parts.`, { cause });
  }
  return new AppError('EXTRACTION_FAILED', 'The program that reads documents stopped unexpectedly on this one.', { cause, isRetryable: true });
}
