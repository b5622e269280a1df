import type { Readable } from 'node:stream';

import type { JsonObject } from '../../../domain/json.ts';
import { connectTimeoutAgents } from './connect-timeout-agent.ts';
import { readChunks, readText } from './read-body.ts';
import type { UpstreamCall } from './read-body.ts';
import { statusError, transportError } from './upstream-errors.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/** An answer whose headers are here and whose body is still to be read. */
export type RawAnswer = { contentType: string; body: Readable };

/** Sends one request (POST when there is a body) and resolves when a 2xx answer has begun. Throws as `ModelBackend` promises. */
export type SendRequest = (path: string, body: JsonObject | null, call: UpstreamCall) => Promise<RawAnswer>;

function headerText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function headersFor(target: UpstreamTarget, hasBody: boolean): Record<string, string> {
  return {
    Accept: 'application/json, text/event-stream, application/x-ndjson',
    'Accept-Encoding': 'identity',
    'User-Agent': 'openwebui-rag-runtime',
    ...(hasBody ? { 'Content-Type': 'application/json' } : {}),
    ...(target.apiKey === '' ? {} : { Authorization: `Bearer ${target.apiKey}` }),
  };
}

export function createSendRequest(target: UpstreamTarget): SendRequest {
  const agents = connectTimeoutAgents(target.limits.connectTimeoutMs);
  const send = async (path: string, body: JsonObject | null, call: UpstreamCall) => {
    // Loaded with the first request: a service on its built-in models needs none of its 12 MB.
    const { default: axios } = await import('axios');
    try {
      return await axios.request<Readable>({
        method: body === null ? 'GET' : 'POST',
        url: target.baseUrl + path,
        headers: headersFor(target, body !== null),
        ...(body === null ? {} : { data: JSON.stringify(body) }),
        responseType: 'stream',
        // A redirect would turn a POST into a GET and hide a wrong address.
        maxRedirects: 0,
        maxBodyLength: Infinity,
        validateStatus: () => true,
        signal: call.deadline.signal,
        ...agents,
      });
    } catch (error) {
      throw transportError(target, error, { ...call, begun: false });
    }
  };

  return async (path, body, call) => {
    const answer = await send(path, body, call);
    // Errors are seen by whoever reads; this keeps one that nobody reads from ending the process.
    answer.data.on('error', () => undefined);
    const contentType = (headerText(answer.headers['content-type']) ?? '').toLowerCase();
    if (answer.status >= 200 && answer.status < 300) return { contentType, body: answer.data };
    const text = await readText(target, readChunks(target, answer.data, call));
    throw statusError(target, { status: answer.status, text, contentType, retryAfter: headerText(answer.headers['retry-after']) });
  };
}
