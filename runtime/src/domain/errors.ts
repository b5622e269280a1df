/**
 * Every failure that a caller can tell apart. `http/errors.ts` is the one place that maps a code to a status and,
 * where the contract fixes one, to a text; a code without a fixed text sends the error's own message.
 */
export type ErrorCode =
  // who is asking
  | 'NOT_AUTHENTICATED'
  | 'INVALID_TOKEN'
  | 'INVALID_API_KEY'
  | 'INVALID_CREDENTIALS'
  | 'API_KEYS_DISABLED'
  | 'API_KEY_NOT_FOUND'
  | 'HUMAN_SESSION_REQUIRED'
  | 'ACCESS_PROHIBITED'
  | 'SIGNUP_DISABLED'
  | 'EMAIL_INVALID'
  | 'EMAIL_TAKEN'
  | 'PASSWORD_TOO_LONG'
  | 'PASSWORD_EMPTY'
  | 'RATE_LIMITED'
  // what was asked for
  | 'NOT_FOUND'
  | 'INVALID_INPUT'
  | 'MODEL_NOT_FOUND'
  | 'OLLAMA_MODEL_NOT_FOUND'
  | 'OLLAMA_DISABLED'
  | 'FILE_TOO_LARGE'
  | 'FILE_EMPTY'
  | 'FILE_TYPE_NOT_ALLOWED'
  | 'FILE_NOT_PROCESSED'
  | 'FILE_STILL_PROCESSING'
  | 'FILE_FAILED'
  | 'DUPLICATE_CONTENT'
  | 'UNKNOWN_SOURCE'
  // reading a document
  | 'EXTRACTION_FAILED'
  | 'EXTRACTION_TIMEOUT'
  | 'EXTRACTION_LIMIT'
  | 'UNSUPPORTED_TYPE'
  | 'NO_TEXT'
  // other programs
  | 'UPSTREAM_ERROR'
  | 'UPSTREAM_UNREACHABLE'
  | 'UPSTREAM_TIMEOUT'
  | 'UPSTREAM_INVALID_RESPONSE'
  | 'EMBEDDING_FAILED'
  | 'INDEX_UNAVAILABLE'
  // this program
  | 'STORAGE_FULL'
  | 'STORAGE_FAILED'
  | 'NOT_READY'
  | 'OVERLOADED'
  | 'ALREADY_RUNNING'
  | 'CONFIG_INVALID'
  | 'ABORTED'
  | 'INTERNAL';

export type AppErrorOptions = {
  /** Facts a handler needs (limit, model, upstream status and body); never secrets. */
  details?: Readonly<Record<string, unknown>>;
  /** Whether the same call may succeed later without a change of its input. */
  isRetryable?: boolean;
  cause?: unknown;
};

/** The only error class that layers exchange: a stable code, a sentence for people, and whether trying again can help. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly isRetryable: boolean;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
    this.isRetryable = options.isRetryable ?? false;
  }
}

/** Recognises an AppError also when it comes from another copy of this module or has crossed a thread. */
export function isAppError(error: unknown): error is AppError {
  return typeof error === 'object' && error !== null && (error as { name?: unknown }).name === 'AppError' && 'code' in error;
}

/** True for the abort of a signal, in any of the shapes that Node, undici and axios give it. */
export function isAbortError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, code } = error as { name?: unknown; code?: unknown };
  return name === 'AbortError' || name === 'CanceledError' || code === 'ABORT_ERR' || code === 'ERR_CANCELED' || code === 'ABORTED';
}
