import type { JsonObject } from '../../../domain/json.ts';
import { createDeadline } from './deadline.ts';
import { parseAnswer } from './parse-answer.ts';
import { readChunks, readText } from './read-body.ts';
import { createSendRequest } from './send-request.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/** The body of a successful answer while it comes in. */
export type UpstreamStream = {
  contentType: string;
  /** Bytes as they come; leaving the loop early ends the request at the server. Throws like the client's other calls. */
  chunks: AsyncIterable<Uint8Array>;
};

/**
 * Calls to one model server. Every failure is an AppError as `ModelBackend` promises; a caller's abort passes unwrapped and
 * ends the request at the server. Nothing is retried here. Proxies come from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
 */
export type UpstreamClient = {
  readonly target: UpstreamTarget;
  getJson(path: string, options: { signal: AbortSignal; timeoutMs: number }): Promise<JsonObject>;
  postJson(path: string, body: JsonObject, options: { signal: AbortSignal; timeoutMs: number }): Promise<JsonObject>;
  /** Resolves when a 2xx answer has begun; an error answer is thrown. */
  openStream(path: string, body: JsonObject, signal: AbortSignal): Promise<UpstreamStream>;
};

export function createUpstreamClient(target: UpstreamTarget): UpstreamClient {
  const send = createSendRequest(target);

  const json = async (path: string, body: JsonObject | null, options: { signal: AbortSignal; timeoutMs: number }): Promise<JsonObject> => {
    const call = { caller: options.signal, deadline: createDeadline(options.signal, options.timeoutMs) };
    try {
      const answer = await send(path, body, call);
      return parseAnswer(target, await readText(target, readChunks(target, answer.body, call)), answer.contentType);
    } finally {
      call.deadline.dispose();
    }
  };

  return {
    target,
    getJson: (path, options) => json(path, null, options),
    postJson: (path, body, options) => json(path, body, options),
    openStream: async (path, body, signal) => {
      const call = { caller: signal, deadline: createDeadline(signal, target.limits.totalTimeoutMs) };
      try {
        const disarm = call.deadline.arm('headers', target.limits.headersTimeoutMs);
        const answer = await send(path, body, call).finally(disarm);
        return { contentType: answer.contentType, chunks: readChunks(target, answer.body, call) };
      } catch (error) {
        call.deadline.dispose();
        throw error;
      }
    },
  };
}
