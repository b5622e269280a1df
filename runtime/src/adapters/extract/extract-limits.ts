import { AppError } from '../../domain/errors.ts';

/** Caps on one document, checked while it is read. */
export type ExtractLimits = {
  /** Most UTF-16 units of extracted text. */
  maxTextChars: number;
  /** Most chunks of one document. */
  maxChunks: number;
  /** Most pages of a PDF. */
  maxPages: number;
};

/** Nested elements, brackets or objects deeper than this are an attack, not a document. */
export const MAX_DEPTH = 512;

export function limitError(sentence: string): AppError {
  return new AppError('EXTRACTION_LIMIT', sentence);
}

export function tooMuchText(limits: ExtractLimits): AppError {
  return limitError(`The document holds more than ${group(limits.maxTextChars)} characters of text, the most this server reads from one file. Split it and upload the parts.`);
}

export function tooDeep(what: string): AppError {
  return limitError(`The ${what} is nested more than ${group(MAX_DEPTH)} levels deep.`);
}

export function group(value: number): string {
  return value.toLocaleString('en-US');
}
