import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** When a server that is silent counts as hung. Times in milliseconds. */
export type HeartbeatPolicy = { everyMs: number; timeoutMs: number; missesUntilHung: number };

/** Two minutes of silence at least: replaying a long log or a busy machine may well keep it from answering for half a minute. */
export const defaultHeartbeatPolicy: HeartbeatPolicy = { everyMs: 20_000, timeoutMs: 20_000, missesUntilHung: 5 };

/** Whether the server on the port answers within the time. Never throws. */
export async function isAnswering(port: number, signal: AbortSignal, timeoutMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // Not through Chroma's client, which is loaded with the first collection. The timeout bounds the whole exchange.
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const request = get({ host: '127.0.0.1', port, path: '/api/v2/heartbeat', agent: false, signal: deadline }, (response) => {
    response.on('error', () => resolve(false));
    response.on('end', () => resolve(response.statusCode === 200));
    response.resume();
  });
  request.on('error', () => resolve(false));
  return promise;
}

/** Resolves with true when the server missed its heartbeats, with false when the signal ends the watch. */
export async function isFoundHung(port: number, policy: HeartbeatPolicy, signal: AbortSignal): Promise<boolean> {
  for (let misses = 0; misses < policy.missesUntilHung; ) {
    await sleep(policy.everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return false;
    misses = (await isAnswering(port, signal, policy.timeoutMs)) ? 0 : misses + 1;
  }
  return !signal.aborted;
}
