import { Worker } from 'node:worker_threads';
import { AppError } from '../../domain/errors.ts';
import type { Call, ChunkRow, FromWorker, Remote, ToWorker, WorkerOptions } from './worker-protocol.ts';
import { fromWireError } from './wire-error.ts';

/** The main thread's end of one database thread. */
export type WorkerClient = {
  /** Typed proxy of a service of the thread; its calls reject with AppError. */
  service<T>(name: string): Remote<T>;
  /** Sends rows ahead of the call that uses them; messages keep their order. */
  sendRows(uploadId: number, rows: readonly ChunkRow[]): void;
  /** Lets calls in flight finish, closes the connection and ends the thread. */
  close(): Promise<void>;
};

type Waiting = { resolve: (value: unknown) => void; reject: (error: AppError) => void };

/** Starts the thread and resolves when its connection is open; throws what opening threw. */
export async function startWorker(options: WorkerOptions, nowMs: () => number): Promise<WorkerClient> {
  const worker = new Worker(new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url), {
    workerData: options,
    name: `sqlite-${options.role}`,
  });
  const waiting = new Map<number, Waiting>();
  let ended: AppError | null = null;
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const end = (reason: AppError): void => {
    ended ??= reason;
    for (const call of waiting.values()) call.reject(ended);
    waiting.clear();
  };
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'replies') settle(waiting, message);
  });
  const methods = await whenReady(worker, end);
  let lastId = 0;
  const call = (service: string, method: string, args: readonly unknown[]): Promise<unknown> => {
    if (ended !== null) return Promise.reject(ended);
    const id = ++lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    try {
      worker.postMessage({ kind: 'call', id, service, method, args, nowMs: nowMs() } satisfies Call);
      waiting.set(id, { resolve, reject });
    } catch (cause) {
      reject(new AppError('INTERNAL', `The arguments of ${service}.${method} cannot be stored.`, { cause }));
    }
    return promise;
  };
  return {
    service: <T>(name: string) =>
      Object.fromEntries((methods[name] ?? []).map((method) => [method, (...args: unknown[]) => call(name, method, args)])) as Remote<T>,
    sendRows: (uploadId, rows) => worker.postMessage({ kind: 'rows', uploadId, rows } satisfies ToWorker),
    close: async () => {
      ended ??= new AppError('STORAGE_FAILED', 'The database is closed.');
      worker.postMessage({ kind: 'close' } satisfies ToWorker);
      await exited;
    },
  };
}

function settle(waiting: Map<number, Waiting>, message: Extract<FromWorker, { kind: 'replies' }>): void {
  for (const reply of message.replies) {
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (call === undefined) continue;
    if ('error' in reply) call.reject(fromWireError(reply.error));
    else call.resolve(reply.value);
  }
}

/** First message of the thread; from then on the death of the thread ends every call. */
function whenReady(worker: Worker, end: (reason: AppError) => void): Promise<Readonly<Record<string, readonly string[]>>> {
  const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, readonly string[]>>>();
  worker.once('message', (message: FromWorker) => {
    if (message.kind === 'ready') resolve(message.methods);
    if (message.kind === 'failed') reject(fromWireError(message.error));
  });
  worker.once('error', (cause) => {
    const error = new AppError('STORAGE_FAILED', 'The database thread broke down; restart the program.', { cause });
    end(error);
    reject(error);
  });
  worker.once('exit', () => {
    const error = new AppError('STORAGE_FAILED', 'The database thread has ended.');
    end(error);
    reject(error);
  });
  return promise;
}
