import { ValidationError } from './validation.ts';

/** Deeper JSON than this is refused: from some thousand levels on, JSON.stringify and structuredClone overflow the stack. */
export const MAX_JSON_DEPTH = 64;

/** A request body as it came, before a schema has looked at it. */
export class RawBody {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;

  constructor(bytes: Buffer, contentType: string | undefined) {
    this.bytes = bytes;
    this.contentType = contentType;
  }
}

/**
 * The JSON value of a body; undefined when there is none. Text that is not declared as JSON comes back as a string, so that
 * the schema refuses it with its own words, unless `isTypeIgnored`. Throws ValidationError for broken, too deep or poisoned JSON.
 */
export function parseJsonBody(body: unknown, isTypeIgnored: boolean): unknown {
  if (!(body instanceof RawBody) || body.bytes.length === 0) return undefined;
  const text = decodeUtf8(body.bytes);
  if (isTypeIgnored || isJsonType(body.contentType)) return parseJson(text);
  return text;
}

/** JSON with the checks that any text from outside needs. Throws ValidationError. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidJson(failureOffset(error, text), 'JSON decode error', 'Expecting value');
  }
  checkTree(value);
  return value;
}

function isJsonType(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const [mediaType = '', ...parameters] = contentType.toLowerCase().split(';').map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '');
  const isJson = mediaType === 'application/json' || /^application\/[\w.-]+\+json$/.test(mediaType);
  if (isJson && charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw invalidJson(0, 'JSON decode error', 'A JSON body must be encoded in UTF-8');
  }
  return isJson;
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidJson(0, 'JSON decode error', 'The body is not valid UTF-8');
  }
}

/** V8 names the place of most mistakes; of an unexpected token it shows only the surroundings, so 0 stands for unknown. */
function failureOffset(error: unknown, text: string): number {
  const message = error instanceof SyntaxError ? error.message : '';
  if (message.startsWith('Unexpected end')) return text.length;
  return Number(/position (\d+)/.exec(message)?.[1] ?? 0);
}

/** Walks without recursion: depth, and keys that would reach an object's prototype. */
function checkTree(root: unknown): void {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_JSON_DEPTH) throw invalidJson(0, 'JSON decode error', `Nested deeper than ${MAX_JSON_DEPTH} levels`);
    const next: unknown[] = [];
    for (const value of level) collectChildren(value, next);
    level = next;
  }
}

function collectChildren(value: unknown, into: unknown[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) into.push(item);
    return;
  }
  for (const [key, child] of Object.entries(value as Record<string, unknown>)) {
    const isObject = typeof child === 'object' && child !== null;
    const isPoisoned = key === '__proto__' || (key === 'constructor' && isObject && Object.hasOwn(child, 'prototype'));
    if (isPoisoned) throw invalidJson(0, 'JSON decode error', `The key ${key} is not allowed`);
    if (isObject) into.push(child);
  }
}

function invalidJson(offset: number, msg: string, reason: string): ValidationError {
  return new ValidationError([{ type: 'json_invalid', loc: ['body', offset], msg, input: {}, ctx: { error: reason } }]);
}
