import { Worker } from 'node:worker_threads';
import { AppError } from '../../domain/errors.ts';
import type { LexicalHit, LexicalIndex } from '../../ports/lexical-index.ts';
import type { FileVersion } from '../../ports/chunk-store.ts';
import type { Logger } from '../../ports/logger.ts';
import { searchAdHoc } from './ad-hoc-search.ts';
import { packChunks } from './packed-chunks.ts';
import type { LexicalCommand, LexicalReply, LexicalRequest, LexicalResult, LexicalWorkerData } from './protocol.ts';

export type LexicalIndexOptions = {
  /** Folder of the index files; made when it is missing. */
  dir: string;
  logger?: Logger;
  /** Called when a worker was lost: what it had not yet written is gone, so compare `files()` with the truth again. */
  onWorkerLost?: () => void;
  /** A collection is written when it has not changed for so long. Default 5 s. */
  quietMs?: number;
  /** A collection that nobody has used for so long leaves memory. Default 10 minutes. */
  idleMs?: number;
};

type Pending = { resolve: (result: LexicalResult) => void; reject: (error: unknown) => void };

/**
 * The BM25 index in a worker thread. The worker starts with the first call, and again after a crash; calls that a crash interrupts
 * reject with INDEX_UNAVAILABLE and may be repeated. After `close` every call rejects with INDEX_UNAVAILABLE, for good.
 */
export function createLexicalIndex(options: LexicalIndexOptions): LexicalIndex {
  const client = new WorkerClient(options);
  return {
    files: async (collection) => (await client.call({ type: 'files', collection })) as FileVersion[],
    addFile: async (collection, file, chunks) => {
      await client.call({ type: 'addFile', collection, file, packed: packChunks(chunks) });
    },
    removeFile: async (collection, fileId) => {
      await client.call({ type: 'removeFile', collection, fileId });
    },
    drop: async (collection) => {
      await client.call({ type: 'drop', collection });
    },
    search: async (collection, query, k, signal) => (await client.call({ type: 'search', collection, query, k }, signal)) as LexicalHit[],
    searchAdHoc: (chunks, query, k, signal) => searchAdHoc(chunks, query, k, signal),
    close: () => client.close(),
  };
}

class WorkerClient {
  readonly #options: LexicalIndexOptions;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #nextId = 1;
  #closing: Promise<void> | null = null;

  constructor(options: LexicalIndexOptions) {
    this.#options = options;
  }

  /** Rejects with the signal's reason at once when it aborts; the worker's answer is then ignored. */
  async call(command: LexicalCommand, signal?: AbortSignal): Promise<LexicalResult> {
    signal?.throwIfAborted();
    if (this.#closing !== null) throw new AppError('INDEX_UNAVAILABLE', 'The lexical index is closed');
    return this.#send(command, signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    if (this.#worker === null) return;
    await this.#send({ type: 'close' });
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #send(command: LexicalCommand, signal?: AbortSignal): Promise<LexicalResult> {
    const id = this.#nextId++;
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#settle(id)?.reject(signal?.reason);
      };
      const finish = (): void => signal?.removeEventListener('abort', onAbort);
      this.#pending.set(id, {
        resolve: (result) => (finish(), resolve(result)),
        reject: (error) => (finish(), reject(error)),
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      const request: LexicalRequest = { id, command };
      worker.ref();
      worker.postMessage(request, transferables(command));
    });
  }

  #start(): Worker {
    const url = new URL(import.meta.url.endsWith('.ts') ? './lexical-worker.ts' : './lexical-worker.js', import.meta.url);
    const { dir, quietMs = 5_000, idleMs = 600_000 } = this.#options;
    const workerData: LexicalWorkerData = { dir, quietMs, idleMs };
    const worker = new Worker(url, { workerData });
    worker.on('message', (reply: LexicalReply) => this.#receive(reply));
    worker.on('error', (error) => this.#lose(worker, String(error)));
    worker.on('exit', (code) => this.#lose(worker, `exit code ${code}`));
    return worker;
  }

  #receive(reply: LexicalReply): void {
    if (reply.type === 'warning') {
      this.#options.logger?.warn({ collection: reply.collection, reason: reply.reason }, reply.message);
    } else if (reply.type === 'done') {
      this.#settle(reply.id)?.resolve(reply.result);
    } else {
      this.#settle(reply.id)?.reject(unavailable(reply.message));
    }
  }

  /** Between calls the worker does not keep the process alive. */
  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker?.unref();
    return pending;
  }

  #lose(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#options.logger?.error({ reason }, 'The lexical index worker ended; it starts again with the next call');
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(unavailable(reason));
    this.#options.onWorkerLost?.();
  }
}

function transferables(command: LexicalCommand): ArrayBuffer[] {
  if (command.type !== 'addFile') return [];
  const { starts, termIndexes, counts } = command.packed;
  return [starts.buffer, termIndexes.buffer, counts.buffer];
}

function unavailable(reason: string): AppError {
  return new AppError('INDEX_UNAVAILABLE', 'The lexical index is not available at the moment', { isRetryable: true, details: { reason } });
}
