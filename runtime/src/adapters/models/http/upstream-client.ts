import type { Readable } from 'node:stream';

import axios from 'axios';

import { isJsonObject } from '../../../domain/json.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { connectTimeoutAgents } from './connect-timeout-agent.ts';
import { createDeadline } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { parseJson } from './parse-json.ts';
import { invalidResponse, statusError, transportError } from './upstream-errors.ts';
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

type Call = { caller: AbortSignal; deadline: Deadline };
type RawAnswer = { status: number; contentType: string; retryAfter: string | undefined; body: Readable };

function headerText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function createUpstreamClient(target: UpstreamTarget): UpstreamClient {
  const agents = connectTimeoutAgents(target.limits.connectTimeoutMs);
  const headers = {
    Accept: 'application/json, text/event-stream, application/x-ndjson',
    'Accept-Encoding': 'identity',
    'User-Agent': 'openwebui-rag-runtime',
    ...(target.apiKey === '' ? {} : { Authorization: `Bearer ${target.apiKey}` }),
  };

  const request = async (method: 'GET' | 'POST', path: string, body: JsonObject | null, call: Call): Promise<RawAnswer> => {
    try {
      const answer = await axios.request<Readable>({
        method,
        url: target.baseUrl + path,
        headers: body === null ? headers : { ...headers, 'Content-Type': 'application/json' },
        ...(body === null ? {} : { data: JSON.stringify(body) }),
        responseType: 'stream',
        // A redirect would turn a POST into a GET and hide a wrong address.
        maxRedirects: 0,
        maxBodyLength: Infinity,
        validateStatus: () => true,
        signal: call.deadline.signal,
        ...agents,
      });
      // Errors are seen by whoever reads; this keeps one that nobody reads from ending the process.
      answer.data.on('error', () => undefined);
      return {
        status: answer.status,
        contentType: (headerText(answer.headers['content-type']) ?? '').toLowerCase(),
        retryAfter: headerText(answer.headers['retry-after']),
        body: answer.data,
      };
    } catch (error) {
      throw transportError(target, error, { ...call, begun: false });
    }
  };

  const readChunks = async function* (body: Readable, call: Call): AsyncGenerator<Uint8Array> {
    const stop = (): void => {
      body.destroy();
    };
    call.deadline.signal.addEventListener('abort', stop, { once: true });
    try {
      if (call.deadline.signal.aborted) throw call.deadline.signal.reason;
      const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      for (;;) {
        const disarm = call.deadline.arm('silence', target.limits.idleTimeoutMs);
        const next = await iterator.next().finally(disarm);
        if (call.deadline.signal.aborted) throw call.deadline.signal.reason;
        if (next.done === true) return;
        yield next.value;
      }
    } catch (error) {
      throw transportError(target, error, { ...call, begun: true });
    } finally {
      call.deadline.signal.removeEventListener('abort', stop);
      body.destroy();
      call.deadline.dispose();
    }
  };

  const readText = async (body: Readable, call: Call): Promise<string> => {
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of readChunks(body, call)) {
      sizeBytes += chunk.length;
      if (sizeBytes > target.limits.maxBodyBytes) throw invalidResponse(target, `sent more than ${target.limits.maxBodyBytes} bytes`);
      parts.push(chunk);
    }
    return Buffer.concat(parts).toString('utf8');
  };

  const refuseFailure = async (answer: RawAnswer, call: Call): Promise<void> => {
    if (answer.status >= 200 && answer.status < 300) return;
    throw statusError(target, { status: answer.status, text: await readText(answer.body, call), contentType: answer.contentType, retryAfter: answer.retryAfter });
  };

  const json = async (method: 'GET' | 'POST', path: string, body: JsonObject | null, options: { signal: AbortSignal; timeoutMs: number }): Promise<JsonObject> => {
    const call = { caller: options.signal, deadline: createDeadline(options.signal, options.timeoutMs) };
    try {
      const answer = await request(method, path, body, call);
      await refuseFailure(answer, call);
      const text = await readText(answer.body, call);
      return parseAnswer(target, text, answer.contentType);
    } finally {
      call.deadline.dispose();
    }
  };

  return {
    target,
    getJson: (path, options) => json('GET', path, null, options),
    postJson: (path, body, options) => json('POST', path, body, options),
    openStream: async (path, body, signal) => {
      const call = { caller: signal, deadline: createDeadline(signal, target.limits.totalTimeoutMs) };
      try {
        const disarm = call.deadline.arm('headers', target.limits.headersTimeoutMs);
        const answer = await request('POST', path, body, call).finally(disarm);
        await refuseFailure(answer, call);
        return { contentType: answer.contentType, chunks: readChunks(answer.body, call) };
      } catch (error) {
        call.deadline.dispose();
        throw error;
      }
    },
  };
}

/** The JSON object in an answer's text. Throws UPSTREAM_INVALID_RESPONSE, or UPSTREAM_ERROR (502) for a success that holds only an error. */
export function parseAnswer(target: UpstreamTarget, text: string, contentType: string): JsonObject {
  if (text.trim() === '') throw invalidResponse(target, 'sent an empty answer');
  const value = parseJson(text);
  if (!isJsonObject(value)) {
    const isHtml = contentType.includes('html') || /^\s*<(!doctype|html)/i.test(text.slice(0, 200));
    throw invalidResponse(target, isHtml ? 'sent a web page instead of JSON' : 'sent something that is not a JSON object');
  }
  const failed = value['error'];
  if (failed !== undefined && failed !== null && failed !== false && failed !== '') {
    throw statusError(target, { status: 502, text: JSON.stringify(value) });
  }
  return value;
}
