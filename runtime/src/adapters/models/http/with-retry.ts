import { setTimeout as delay } from 'node:timers/promises';

import { isAppError } from '../../../domain/errors.ts';

/** A server that asks for more patience than this is not waited for: its answer goes to the caller. */
const LONGEST_WAIT_MS = 20_000;

/** Milliseconds that a Retry-After header (seconds or a date) asks for; null when it says nothing usable. */
export function retryAfterMs(header: unknown, nowMs: number): number | null {
  if (typeof header !== 'string') return null;
  const text = header.trim();
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/**
 * Runs an idempotent call again after a failure marked `isRetryable`, at most `retries` times: waits what the server asked
 * for, else `baseDelayMs` doubled each time with up to half of it added at random. An abort ends the waiting at once.
 */
export async function withRetry<T>(
  call: () => Promise<T>,
  options: { retries: number; baseDelayMs: number; signal: AbortSignal },
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isAppError(error) || !error.isRetryable || attempt >= options.retries) throw error;
      const backOffMs = options.baseDelayMs * 2 ** attempt * (1 + Math.random() / 2);
      const waitMs = retryAfterMs(error.details['retryAfter'], Date.now()) ?? backOffMs;
      if (waitMs > LONGEST_WAIT_MS) throw error;
      await delay(waitMs, undefined, { signal: options.signal });
    }
  }
}
