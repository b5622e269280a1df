import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { isAppError } from '../domain/errors.ts';
import type { Logger } from '../ports/logger.ts';

/** How events become bytes. */
export type StreamFormat = {
  contentType: string;
  encode(event: unknown): string;
  /** Sent while nothing else is, so that proxies keep the connection; null where the format has no comment. */
  heartbeat: string | null;
  /** Last bytes of a stream that ended as it should, and of one that said why it failed. */
  end: string;
  failure(message: string): string;
};

const encodeSseEvent = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`;

/** Server-sent events of a chat, ended by `[DONE]`. */
export const CHAT_EVENTS: StreamFormat = {
  contentType: 'text/event-stream',
  encode: encodeSseEvent,
  heartbeat: ': keep-alive\n\n',
  end: 'data: [DONE]\n\n',
  failure: (message) => encodeSseEvent({ error: { message } }),
};

/** Server-sent events of a file's status: they just end. */
export const STATUS_EVENTS: StreamFormat = { ...CHAT_EVENTS, end: '', failure: (message) => encodeSseEvent({ error: message }) };

/** Ollama's newline-delimited JSON. */
export const JSON_LINES: StreamFormat = {
  contentType: 'application/x-ndjson',
  encode: (event) => `${JSON.stringify(event)}\n`,
  heartbeat: null,
  end: '',
  failure: (message) => `${JSON.stringify({ error: message })}\n`,
};

export type StreamOptions = {
  format: StreamFormat;
  /** The request's signal: aborted when the client goes away. */
  signal: AbortSignal;
  logger: Logger;
  /** Default 15 s. */
  heartbeatMs?: number;
  /** A client that takes nothing for this long is cut off; default 60 s. */
  stallMs?: number;
};

/** At most this much waits for a slow client; then the source is not asked for more. */
const BUFFER_BYTES = 64 * 1024;

/** Starts to send events; the client's pace is the source's pace. The iterator is closed when the client goes away. */
export function sendStream(reply: FastifyReply, events: AsyncIterable<unknown>, options: StreamOptions): void {
  void reply
    .header('content-type', options.format.contentType)
    .header('cache-control', 'no-cache')
    .header('x-accel-buffering', 'no')
    .send(toByteStream(events, options));
}

/** The bytes of a stream of events; see sendStream. */
export function toByteStream(events: AsyncIterable<unknown>, options: StreamOptions): Readable {
  const stalled = (): void => {
    options.logger.warn({}, 'a client stopped reading its stream and was cut off');
    stream.destroy(new Error('The client stopped reading.'));
  };
  const frames = withStallLimit(encodeFrames(events, options), options.stallMs ?? 60_000, stalled);
  const stream: Readable = Readable.from(frames, { objectMode: false, highWaterMark: BUFFER_BYTES });
  return stream;
}

async function* encodeFrames(events: AsyncIterable<unknown>, options: StreamOptions): AsyncGenerator<string> {
  const { format, signal, logger } = options;
  const iterator = events[Symbol.asyncIterator]();
  let hasEnded = false;
  try {
    for (;;) {
      const pending = iterator.next();
      // a heartbeat may be the last thing that happens to this stream: nobody then waits for `pending`
      pending.catch(() => undefined);
      yield* heartbeatsUntil(pending, options);
      const step = await pending;
      if (step.done === true) break;
      yield format.encode(step.value);
    }
    hasEnded = true;
    if (format.end !== '') yield format.end;
  } catch (error) {
    hasEnded = true;
    if (signal.aborted) return;
    logger.error({ err: error }, 'a stream broke off');
    yield format.failure(isAppError(error) ? error.message : 'Chat completion stream failed') + format.end;
  } finally {
    if (!hasEnded) closeIterator(iterator);
  }
}

/** Does not wait: a source that hangs would otherwise hold the closed connection's memory until it moves. */
function closeIterator(iterator: AsyncIterator<unknown>): void {
  Promise.resolve(iterator.return?.()).catch(() => undefined);
}

async function* heartbeatsUntil(pending: Promise<unknown>, options: StreamOptions): AsyncGenerator<string> {
  const { heartbeat } = options.format;
  if (heartbeat === null) return;
  while (!(await settlesWithin(pending, options.heartbeatMs ?? 15_000))) yield heartbeat;
}

async function settlesWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function* withStallLimit(frames: AsyncGenerator<string>, stallMs: number, onStall: () => void): AsyncGenerator<string> {
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const frame of frames) {
      // the generator is resumed when there is room again
      timer = setTimeout(onStall, stallMs);
      yield frame;
      clearTimeout(timer);
    }
  } finally {
    clearTimeout(timer);
  }
}
