import type { Readable } from 'node:stream';

import type { Deadline } from './deadline.ts';
import { invalidResponse, transportError } from './upstream-errors.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/** One request under way: the caller's own signal, and the deadline that adds the time limits to it. */
export type UpstreamCall = { caller: AbortSignal; deadline: Deadline };

/**
 * The bytes of an answer as they come. Ends the request at the server when the reader stops, the caller aborts, or nothing
 * came for the idle limit; throws as `ModelBackend` promises. Reads no further than its reader, so a slow client slows the server.
 */
export async function* readChunks(target: UpstreamTarget, body: Readable, call: UpstreamCall): AsyncGenerator<Uint8Array> {
  const { signal } = call.deadline;
  const stop = (): void => {
    body.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    for (;;) {
      const disarm = call.deadline.arm('silence', target.limits.idleTimeoutMs);
      const next = await iterator.next().finally(disarm);
      signal.throwIfAborted();
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    throw transportError(target, error, { ...call, begun: true });
  } finally {
    signal.removeEventListener('abort', stop);
    body.destroy();
    call.deadline.dispose();
  }
}

/** A whole body as text. Throws UPSTREAM_INVALID_RESPONSE above the target's `maxBodyBytes`. */
export async function readText(target: UpstreamTarget, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > target.limits.maxBodyBytes) throw invalidResponse(target, `sent more than ${target.limits.maxBodyBytes} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}
