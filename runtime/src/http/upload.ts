import type { Readable } from 'node:stream';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../domain/errors.ts';
import { isJsonObject, type JsonObject } from '../domain/json.ts';
import { fileTooLargeText, TEXT } from './error-texts.ts';
import { parseJson } from './json-body.ts';
import { ValidationError } from './validation.ts';

export type IncomingUpload = { content: Readable; filename: string; contentType: string | null; metadata: Promise<JsonObject> };

/** Room for the other fields and the boundaries when a body's length is compared with the file limit. */
const FORM_OVERHEAD_BYTES = 1024 * 1024;
/** How long the rest of a refused upload may take to arrive, so that the client can read the answer. */
const DRAIN_MS = 10_000;

/**
 * Reads a multipart form with exactly one `file` part and passes the part on as a stream, without keeping its bytes. The
 * other fields may stand before or after it: `metadata` resolves when the form has been read to its end.
 * Throws ValidationError without a file part, INVALID_INPUT for a broken form, two files or bad metadata, FILE_TOO_LARGE.
 */
export async function receiveUpload<T>(
  request: FastifyRequest,
  maxUploadBytes: number,
  store: (upload: IncomingUpload) => Promise<T>,
): Promise<T> {
  try {
    refuseTooLong(request, maxUploadBytes);
    return await readForm(request, maxUploadBytes, store);
  } catch (error) {
    drain(request);
    throw explain(error);
  }
}

async function readForm<T>(
  request: FastifyRequest,
  maxUploadBytes: number,
  store: (upload: IncomingUpload) => Promise<T>,
): Promise<T> {
  // one byte more than allowed reaches the use case, which is how it knows that the file is too large
  const limits = { fileSize: maxUploadBytes + 1, files: 1, fields: 50, parts: 51, fieldNameSize: 200, fieldSize: 1024 * 1024 };
  const parts = request.parts({ limits, throwFileSizeLimit: false } as Parameters<FastifyRequest['parts']>[0]);
  const fields: FormFields = { metadata: null };
  const filePart = await readFieldsUntilFile(parts, fields);
  const rest = readRest(parts, fields);
  let formError: unknown = null;
  rest.catch((error: unknown) => {
    formError = error;
  });
  const { file: content, filename, mimetype } = filePart;
  try {
    return await store({ content, filename, contentType: mimetype === '' ? null : mimetype, metadata: rest });
  } catch (error) {
    content.destroy();
    // a form that broke off is the cause, the failed write its effect: let the cause arrive
    await new Promise((resolve) => setImmediate(resolve));
    throw formError ?? error;
  }
}

type FormFields = { metadata: string | null };

async function readFieldsUntilFile(parts: AsyncIterableIterator<Multipart>, fields: FormFields): Promise<MultipartFile> {
  for (;;) {
    const next = await parts.next();
    if (next.done === true) throw missingFile();
    if (next.value.type === 'file') {
      if (next.value.fieldname === 'file') return next.value;
      next.value.file.resume();
    } else takeField(next.value, fields);
  }
}

async function readRest(parts: AsyncIterableIterator<Multipart>, fields: FormFields): Promise<JsonObject> {
  for (;;) {
    const next = await parts.next();
    if (next.done === true) return parseMetadata(fields.metadata);
    if (next.value.type === 'field') takeField(next.value, fields);
    else next.value.file.resume();
  }
}

function takeField(part: Exclude<Multipart, MultipartFile>, fields: FormFields): void {
  if (part.fieldname === 'file') {
    const msg = "Value error, Expected UploadFile, received: <class 'str'>";
    throw new ValidationError([{ type: 'value_error', loc: ['body', 'file'], msg, input: null, ctx: { error: {} } }]);
  }
  if (part.fieldname !== 'metadata') return;
  if (part.valueTruncated) throw new AppError('INVALID_INPUT', TEXT.invalidMetadata);
  fields.metadata = typeof part.value === 'string' ? part.value : JSON.stringify(part.value);
}

function parseMetadata(text: string | null): JsonObject {
  if (text === null || text === '') return {};
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', TEXT.invalidMetadata, { cause });
  }
  if (!isJsonObject(value)) throw new AppError('INVALID_INPUT', TEXT.uploadFailed);
  return value;
}

function missingFile(): ValidationError {
  return new ValidationError([{ type: 'missing', loc: ['body', 'file'], msg: 'Field required', input: null }]);
}

function refuseTooLong(request: FastifyRequest, maxUploadBytes: number): void {
  if (!request.isMultipart()) throw missingFile();
  const lengthBytes = Number(request.headers['content-length'] ?? 0);
  if (lengthBytes > maxUploadBytes + FORM_OVERHEAD_BYTES) {
    throw new AppError('FILE_TOO_LARGE', fileTooLargeText(maxUploadBytes), { details: { limitBytes: maxUploadBytes } });
  }
}

/** The parser's own errors, as sentences for whoever built the form. */
function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error.name === 'AppError' || error.name === 'ValidationError') return error;
  const code = (error as { code?: unknown }).code;
  if (code === 'FST_FILES_LIMIT') return new AppError('INVALID_INPUT', 'Send one file per request.', { cause: error });
  if (typeof code === 'string') return error;
  if (/boundary not found/i.test(error.message)) return new AppError('INVALID_INPUT', TEXT.missingBoundary, { cause: error });
  if (/multipart|part terminated|header/i.test(error.message)) {
    return new AppError('INVALID_INPUT', 'The multipart body is malformed or was cut off.', { cause: error });
  }
  return error;
}

/** Lets the rest of a refused body run out, for a while: a client that still writes would not see the answer otherwise. */
function drain(request: FastifyRequest): void {
  const { raw } = request;
  if (raw.complete || raw.destroyed) return;
  raw.unpipe();
  raw.resume();
  const timer = setTimeout(() => raw.destroy(), DRAIN_MS).unref();
  raw.once('end', () => clearTimeout(timer));
  raw.once('close', () => clearTimeout(timer));
}
