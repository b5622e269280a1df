import type { ChromaClient } from 'chromadb';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { ChromaProcess } from './chroma-process.ts';
import { chromaClient, isChromaError } from './chroma-client.ts';
import type { CollectionGuard } from './collection-guard.ts';
import { indexUnavailable } from './index-unavailable.ts';

/** The first query after a start replays the log, which takes seconds on a large collection; beyond this it hangs. */
const callTimeoutMs = 120_000;

function isRefusal(error: unknown): error is Error {
  return isChromaError(error, 'ChromaClientError', 'ChromaValueError', 'ChromaUniqueError');
}

/** Anything but an answer of the server: refused or reset connections, timeouts, and answers that broke off. */
function isConnectionLoss(error: unknown): boolean {
  return !(isAppError(error) || isRefusal(error) || isChromaError(error, 'ChromaServerError', 'ChromaRateLimitError'));
}

/** Chroma's errors in our words. */
function translate(error: unknown, collection: string | undefined): unknown {
  if (isAppError(error)) return error;
  const options = { cause: error, ...(collection === undefined ? {} : { collection }) };
  if (isConnectionLoss(error)) return indexUnavailable('unreachable', 'The vector index does not answer.', options);
  const message = error instanceof Error ? error.message : String(error);
  if (isRefusal(error)) return new AppError('INVALID_INPUT', `The vector index refuses this: ${message}`, { cause: error });
  return indexUnavailable('server-error', `The vector index failed: ${message}`, options);
}

/** Calls to the server that `server` runs, each with its timeout, its errors translated, and watched for crashes. */
export class ChromaCalls {
  readonly #server: ChromaProcess;
  readonly #guard: CollectionGuard;

  constructor(server: ChromaProcess, guard: CollectionGuard) {
    this.#server = server;
    this.#guard = guard;
  }

  /** A call that reads or writes a collection's content: not made while the collection is in quarantine. */
  async onContent<T>(
    collection: string,
    operation: string,
    signal: AbortSignal,
    run: (client: ChromaClient) => Promise<T>,
  ): Promise<T> {
    if (this.#guard.isQuarantined(collection)) {
      const message = 'This collection crashed the vector index repeatedly; it has to be built anew.';
      throw indexUnavailable('quarantined', message, { collection });
    }
    return this.#call(collection, operation, signal, run);
  }

  /** Removes a collection, whatever its state. */
  async onRemoval<T>(collection: string, signal: AbortSignal, run: (client: ChromaClient) => Promise<T>): Promise<T> {
    if (this.#guard.isDeadly(collection, 'drop')) {
      throw indexUnavailable('undroppable', 'Dropping this collection crashes the vector index; all of it has to be wiped.', { collection });
    }
    return this.#call(collection, 'drop', signal, run);
  }

  /** A call about no collection in particular. */
  async onCatalog<T>(signal: AbortSignal, run: (client: ChromaClient) => Promise<T>): Promise<T> {
    return this.#call(undefined, 'names', signal, run);
  }

  async #call<T>(
    collection: string | undefined,
    operation: string,
    signal: AbortSignal,
    run: (client: ChromaClient) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const port = this.#server.port();
    if (port === null) throw this.#server.unavailableError();
    const leave = collection === undefined ? () => undefined : this.#guard.enter(collection, operation);
    try {
      const result = await run(await chromaClient(port, AbortSignal.any([signal, AbortSignal.timeout(callTimeoutMs)])));
      leave('success');
      return result;
    } catch (error) {
      leave(isConnectionLoss(error) && !signal.aborted ? 'connection-lost' : 'other');
      // The client hides an abort in a connection error.
      signal.throwIfAborted();
      throw translate(error, collection);
    }
  }
}
