import { AppError, isAppError } from '../../../domain/errors.ts';
import { isJsonObject } from '../../../domain/json.ts';
import type { Json } from '../../../domain/json.ts';
import type { Deadline } from './deadline.ts';
import { displayUrl } from './upstream-target.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/** An error body that is passed on is cut here: enough for any message, too little to fill a log. */
const ERROR_BODY_CHARS = 16_384;

/** The statuses after which the same request may succeed. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function nameOf(target: UpstreamTarget): string {
  return target.source === 'ollama' ? 'Ollama' : 'The model server';
}

/** The sentence inside an error body in Ollama's, OpenAI's or FastAPI's shape; null when there is none. */
export function errorText(body: Json): string | null {
  if (typeof body === 'string') return body === '' ? null : body;
  if (!isJsonObject(body)) return null;
  for (const value of [body['error'], body['detail'], body['message']]) {
    if (typeof value === 'string' && value !== '') return value;
    if (isJsonObject(value) && typeof value['message'] === 'string') return value['message'];
  }
  return null;
}

function parseLoosely(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text.slice(0, ERROR_BODY_CHARS);
  }
}

/** Cuts the connection's key out of a text that goes to a client or a log. */
export function withoutKey(target: UpstreamTarget, text: string): string {
  return target.apiKey === '' ? text : text.replaceAll(target.apiKey, '[key]');
}

/** UPSTREAM_ERROR for an answer that says it failed; `text` is its body. */
export function statusError(
  target: UpstreamTarget,
  answer: { status: number; text: string; contentType?: string; retryAfter?: string | undefined },
): AppError {
  const body = parseLoosely(withoutKey(target, answer.text));
  const said = answer.contentType?.includes('html') === true ? null : errorText(body);
  const message = said ?? `${nameOf(target)} at ${displayUrl(target.baseUrl)} answered with status ${answer.status}.`;
  return new AppError('UPSTREAM_ERROR', message.slice(0, ERROR_BODY_CHARS), {
    details: {
      status: answer.status,
      body,
      source: target.source,
      url: displayUrl(target.baseUrl),
      ...(answer.retryAfter === undefined ? {} : { retryAfter: answer.retryAfter }),
    },
    isRetryable: isRetryableStatus(answer.status),
  });
}

export function invalidResponse(target: UpstreamTarget, problem: string): AppError {
  return new AppError(
    'UPSTREAM_INVALID_RESPONSE',
    `${nameOf(target)} at ${displayUrl(target.baseUrl)} ${problem}. Check that the address is that of the API.`,
    { details: { source: target.source, url: displayUrl(target.baseUrl) } },
  );
}

/** An answer that stopped in the middle. */
export function brokenOff(target: UpstreamTarget, cause: string): AppError {
  return new AppError('UPSTREAM_UNREACHABLE', `${nameOf(target)} at ${displayUrl(target.baseUrl)} broke off its answer (${cause}).`, {
    details: { source: target.source, url: displayUrl(target.baseUrl), cause },
    isRetryable: true,
  });
}

function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && code !== '' ? code : 'unknown';
}

const TIMEOUT_TEXT = {
  headers: 'did not begin to answer in time',
  silence: 'stopped sending in the middle of its answer',
  total: 'took too long for the whole answer',
} as const;

/**
 * What a failed call is for its caller: the caller's own abort unwrapped, UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE or
 * UPSTREAM_INVALID_RESPONSE. The library's error is not kept as `cause`: it carries the request's headers, and the key in them.
 */
export function transportError(target: UpstreamTarget, error: unknown, context: { caller: AbortSignal; deadline: Deadline; begun: boolean }): unknown {
  if (context.caller.aborted) return context.caller.reason;
  if (isAppError(error)) return error;
  const where = `${nameOf(target)} at ${displayUrl(target.baseUrl)}`;
  const code = errorCode(error);
  const details = { source: target.source, url: displayUrl(target.baseUrl), cause: code };
  const expired = context.deadline.expired();
  if (expired !== null) return new AppError('UPSTREAM_TIMEOUT', `${where} ${TIMEOUT_TEXT[expired]}.`, { details: { ...details, cause: expired } });
  if (code.startsWith('HPE_') || code.startsWith('Z_') || code.startsWith('ERR_INVALID')) return invalidResponse(target, `did not answer in proper HTTP (${code})`);
  if (context.begun) return brokenOff(target, code);
  return new AppError('UPSTREAM_UNREACHABLE', `Cannot connect to ${where.replace(/^The /u, 'the ')} (${code}). Check that it runs and that the address is right.`, {
    details,
    isRetryable: true,
  });
}
