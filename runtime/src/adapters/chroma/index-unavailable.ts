import { AppError } from '../../domain/errors.ts';

/**
 * Why the index did not answer; in `details.reason` of every INDEX_UNAVAILABLE of this adapter.
 * - `not-running`: starting, restarting, stopped, or given up. Wait (`whenReady`) or go on without.
 * - `unreachable`: the connection broke or timed out. Try again.
 * - `server-error`: it answers this call with a 5xx. When that stays so: `drop` the collection and build it anew; should `drop` fail, `wipe`.
 * - `quarantined`: the collection crashed the server three times; it is not touched until `drop`.
 * - `undroppable`: `drop` crashed the server three times. Only `wipe` helps.
 * - `no-binding`: no Chroma for this machine (not retryable); the message says what to do.
 * - `folder-in-use`: another process serves the folder.
 */
export type IndexUnavailableReason = 'not-running' | 'unreachable' | 'server-error' | 'quarantined' | 'undroppable' | 'no-binding' | 'folder-in-use';

export type IndexUnavailableOptions = { collection?: string; cause?: unknown };

/** A retryable INDEX_UNAVAILABLE with its reason in `details`. */
export function indexUnavailable(reason: IndexUnavailableReason, message: string, options: IndexUnavailableOptions = {}): AppError {
  const details = options.collection === undefined ? { reason } : { reason, collection: options.collection };
  return new AppError('INDEX_UNAVAILABLE', message, { isRetryable: true, details, ...(options.cause === undefined ? {} : { cause: options.cause }) });
}
