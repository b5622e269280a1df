import type { FastifyReply } from 'fastify';
import { type AppError, type ErrorCode, isAbortError, isAppError } from '../domain/errors.ts';
import { isJsonObject } from '../domain/json.ts';
import type { Logger } from '../ports/logger.ts';
import { fileTooLargeText, TEXT } from './error-texts.ts';
import { ValidationError } from './validation.ts';

/** Statuses that a route's contract gives to a code in place of the usual one. */
export type StatusOverrides = Partial<Record<ErrorCode, number>>;

export type WireError = { status: number; body: unknown; headers?: Record<string, string> };

type Rule = { status: number; detail?: string | ((error: AppError) => string) };

const ownMessage = (error: AppError): string => error.message;

/** Code to status and, where the contract fixes one, text. Without `detail` the error's own sentence is sent. */
const RULES: Record<ErrorCode, Rule> = {
  NOT_AUTHENTICATED: { status: 401, detail: TEXT.notAuthenticated },
  INVALID_TOKEN: { status: 401, detail: TEXT.unauthorized },
  INVALID_API_KEY: { status: 401, detail: TEXT.invalidToken },
  INVALID_CREDENTIALS: { status: 400, detail: TEXT.invalidCredentials },
  API_KEYS_DISABLED: { status: 403, detail: TEXT.apiKeyNotAllowed },
  API_KEY_NOT_FOUND: { status: 404, detail: TEXT.apiKeyNotFound },
  HUMAN_SESSION_REQUIRED: { status: 403, detail: TEXT.humanSessionRequired },
  ACCESS_PROHIBITED: { status: 401, detail: TEXT.accessProhibited },
  SIGNUP_DISABLED: { status: 403, detail: TEXT.accessProhibited },
  EMAIL_INVALID: { status: 400, detail: TEXT.emailInvalid },
  EMAIL_TAKEN: { status: 400, detail: TEXT.emailTaken },
  PASSWORD_TOO_LONG: { status: 400, detail: TEXT.passwordTooLong },
  PASSWORD_EMPTY: { status: 400 },
  RATE_LIMITED: { status: 429, detail: TEXT.rateLimited },
  NOT_FOUND: { status: 404, detail: notFoundText },
  INVALID_INPUT: { status: 400 },
  MODEL_NOT_FOUND: { status: 400, detail: TEXT.modelNotFound },
  OLLAMA_MODEL_NOT_FOUND: { status: 400, detail: ollamaModelText },
  OLLAMA_DISABLED: { status: 503, detail: TEXT.ollamaDisabled },
  FILE_TOO_LARGE: { status: 413, detail: tooLargeText },
  FILE_EMPTY: { status: 400, detail: TEXT.emptyContent },
  FILE_TYPE_NOT_ALLOWED: { status: 400, detail: typeNotAllowedText },
  FILE_NOT_PROCESSED: { status: 400, detail: TEXT.fileNotProcessed },
  FILE_STILL_PROCESSING: { status: 409 },
  FILE_FAILED: { status: 400 },
  DUPLICATE_CONTENT: { status: 400, detail: TEXT.duplicateContent },
  UNKNOWN_SOURCE: { status: 400 },
  EXTRACTION_FAILED: { status: 400 },
  EXTRACTION_TIMEOUT: { status: 400 },
  EXTRACTION_LIMIT: { status: 400 },
  UNSUPPORTED_TYPE: { status: 400 },
  NO_TEXT: { status: 400, detail: TEXT.emptyContent },
  UPSTREAM_ERROR: { status: 502 },
  UPSTREAM_UNREACHABLE: { status: 500, detail: unreachableText },
  UPSTREAM_TIMEOUT: { status: 504 },
  UPSTREAM_INVALID_RESPONSE: { status: 502 },
  EMBEDDING_FAILED: { status: 502 },
  INDEX_UNAVAILABLE: { status: 503 },
  STORAGE_FULL: { status: 507, detail: TEXT.storageFull },
  STORAGE_FAILED: { status: 500, detail: TEXT.unexpected },
  NOT_READY: { status: 503 },
  OVERLOADED: { status: 503 },
  ALREADY_RUNNING: { status: 500, detail: TEXT.unexpected },
  CONFIG_INVALID: { status: 500, detail: TEXT.unexpected },
  // nobody reads it: the client has gone
  ABORTED: { status: 499 },
  INTERNAL: { status: 500, detail: TEXT.unexpected },
};

/** One text for all, so that a stranger's id looks like one that does not exist; a search says that it found nothing. */
function notFoundText(error: AppError): string {
  return error.details['isOwnText'] === true ? error.message : TEXT.notFound;
}

function ollamaModelText(error: AppError): string {
  const model = error.details['model'];
  return `Model '${typeof model === 'string' ? model : 'None'}' was not found`;
}

function tooLargeText(error: AppError): string {
  const limitBytes = error.details['limitBytes'] ?? error.details['maxBytes'];
  return typeof limitBytes === 'number' ? fileTooLargeText(limitBytes) : error.message;
}

function typeNotAllowedText(error: AppError): string {
  const extension = error.details['extension'];
  return typeof extension === 'string' ? `[ERROR: File type ${extension} is not allowed]` : error.message;
}

function unreachableText(error: AppError): string {
  if (error.details['source'] === 'ollama-list') return TEXT.ollamaNotFound;
  if (error.details['source'] !== 'ollama') return TEXT.serverConnection;
  return error.message.startsWith('Ollama') ? error.message : `Ollama: ${error.message}`;
}

/** Any failure as the contract's answer. What we did not foresee becomes a 500 that says nothing about our inside. */
export function toWireError(error: unknown, overrides: StatusOverrides = {}): WireError {
  if (error instanceof ValidationError) return { status: 422, body: { detail: error.detail } };
  if (isAppError(error)) {
    if (error.code === 'UPSTREAM_ERROR') return upstreamError(error);
    return ruleError(error, overrides);
  }
  if (isAbortError(error)) return { status: 499, body: { detail: 'The request was cancelled.' } };
  return frameworkError(error) ?? { status: 500, body: { detail: TEXT.unexpected } };
}

function ruleError(error: AppError, overrides: StatusOverrides): WireError {
  const rule = RULES[error.code] ?? RULES.INTERNAL;
  const detail = typeof rule.detail === 'string' ? rule.detail : (rule.detail ?? ownMessage)(error);
  const status = overrides[error.code] ?? rule.status;
  const headers = retryAfter(error, status);
  return { status, body: { detail }, ...(headers === null ? {} : { headers }) };
}

function retryAfter(error: AppError, status: number): Record<string, string> | null {
  const seconds = error.details['retryAfterSeconds'];
  if (typeof seconds === 'number' && Number.isFinite(seconds)) return { 'retry-after': String(Math.max(1, Math.ceil(seconds))) };
  return status === 503 || status === 429 ? { 'retry-after': '1' } : null;
}

/** A model server's own answer: OpenAI-type ones are relayed as they are, Ollama's text is put into `detail`. */
function upstreamError(error: AppError): WireError {
  const { status: upstreamStatus, body, source, retryAfter: wait } = error.details;
  const isErrorStatus = typeof upstreamStatus === 'number' && upstreamStatus >= 400 && upstreamStatus <= 599;
  const status = isErrorStatus ? upstreamStatus : 502;
  const headers = typeof wait === 'string' || typeof wait === 'number' ? { 'retry-after': String(wait) } : {};
  if (source === 'ollama') return { status, body: { detail: ollamaErrorText(body, error) }, headers };
  if (isJsonObject(body)) return { status, body, headers };
  if (typeof body === 'string' && body !== '') {
    return { status, body, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } };
  }
  return { status, body: { detail: error.message }, headers };
}

function ollamaErrorText(body: unknown, error: AppError): string {
  if (isJsonObject(body) && typeof body['error'] === 'string') return body['error'];
  return typeof body === 'string' && body !== '' ? body : error.message;
}

/** Errors that Fastify and its plugins throw before a handler runs carry a 4xx status and a sentence for the client. */
function frameworkError(error: unknown): WireError | null {
  if (typeof error !== 'object' || error === null) return null;
  const { statusCode, message, code } = error as { statusCode?: unknown; message?: unknown; code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('FST_')) return null;
  // an id that no record can have is answered as any other unknown one
  if (code === 'FST_ERR_MAX_PARAM_LENGTH' || statusCode === 414) return { status: 404, body: { detail: TEXT.notFound } };
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return null;
  return { status: statusCode, body: { detail: typeof message === 'string' ? message : 'Bad Request' } };
}

/** Sends the answer to a failure and logs those that are ours. */
export function sendError(reply: FastifyReply, error: unknown, logger: Logger, overrides?: StatusOverrides): void {
  const wire = toWireError(error, overrides);
  if (wire.status >= 500) {
    const code = isAppError(error) ? error.code : null;
    logger.error({ err: error, code, method: reply.request.method, route: reply.request.routeOptions.url }, 'request failed');
  }
  // Fastify closes the connection on a body that is too large, and a client that is still sending loses the answer. Without
  // this header Node reads the rest and throws it away, as long as body-timeout.ts allows.
  reply.code(wire.status).removeHeader('connection');
  for (const [name, value] of Object.entries(wire.headers ?? {})) reply.header(name, value);
  if (typeof wire.body === 'string') void reply.send(wire.body);
  else sendJson(reply, wire.body);
}

/** Compact JSON without a charset parameter, as the contract has it; `null` and booleans are answers too. */
export function sendJson(reply: FastifyReply, value: unknown): void {
  void reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(value)));
}
