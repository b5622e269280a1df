import { AppError } from '../../domain/errors.ts';
import { binaryFormatName } from './magic-numbers.ts';

export type DocumentFormat = 'pdf' | 'docx' | 'html' | 'markdown' | 'csv' | 'json' | 'text' | 'code';

export const SUPPORTED_FORMATS = 'PDF, Word (.docx), HTML, Markdown, CSV, JSON and plain text (source code, YAML, XML and logs too)';

const BY_EXTENSION: Readonly<Record<string, DocumentFormat>> = {
  html: 'html', htm: 'html', xhtml: 'html',
  md: 'markdown', markdown: 'markdown', mdx: 'markdown', mdown: 'markdown',
  csv: 'csv', tsv: 'csv',
  json: 'json', ndjson: 'json', jsonl: 'json', geojson: 'json', ipynb: 'json',
  txt: 'text', text: 'text', rst: 'text', adoc: 'text', org: 'text', tex: 'text',
};

/** Extensions that promise a binary format: when the content is text all the same, they say nothing about it. */
const BINARY_EXTENSIONS = new Set(['pdf', 'docx', 'doc', 'xlsx', 'xls', 'pptx', 'ppt', 'png', 'jpg', 'jpeg', 'gif', 'webp', 'zip', 'bin']);

const BY_CONTENT_TYPE: Readonly<Record<string, DocumentFormat>> = {
  'text/html': 'html', 'application/xhtml+xml': 'html',
  'text/markdown': 'markdown', 'text/x-markdown': 'markdown',
  'text/csv': 'csv', 'text/tab-separated-values': 'csv', 'application/csv': 'csv',
  'application/json': 'json', 'application/x-ndjson': 'json', 'application/jsonl': 'json',
};

const HEAD_BYTES = 1024;

/**
 * Binary formats by their first bytes. Null means that only decoding can tell (it may be text).
 * Throws UNSUPPORTED_TYPE for a binary format that holds nothing we read. A zip must still be looked into.
 */
export function detectBinaryFormat(bytes: Buffer): 'pdf' | 'zip' | null {
  const head = bytes.subarray(0, HEAD_BYTES);
  if (head.includes('%PDF-')) return 'pdf';
  if (head.subarray(0, 4).toString('latin1') === 'PK\x03\x04' || head.subarray(0, 4).toString('latin1') === 'PK\x05\x06') return 'zip';
  const name = binaryFormatName(head);
  if (name !== null) throw unsupportedType(name);
  return null;
}

/** Format of a decoded text: by its extension, then its declared type, then its first characters. */
export function detectTextFormat(text: string, filename: string, contentType: string | null): DocumentFormat {
  const extension = extensionOf(filename);
  const known = BY_EXTENSION[extension];
  if (known !== undefined) return known;
  const declared = BY_CONTENT_TYPE[(contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''];
  if (declared !== undefined) return declared;
  if (/^\s{0,64}<(?:!doctype html|html)[\s>]/i.test(text.slice(0, 200))) return 'html';
  return extension === '' || BINARY_EXTENSIONS.has(extension) ? 'text' : 'code';
}

export function extensionOf(filename: string): string {
  const dot = filename.lastIndexOf('.');
  return dot === -1 ? '' : filename.slice(dot + 1).toLowerCase();
}

export function unsupportedType(name: string): AppError {
  const article = /^[aeiou]|^(?:RTF|MP|HEIC|XLS|ODT)/i.test(name) ? 'an' : 'a';
  return new AppError('UNSUPPORTED_TYPE', `This is ${article} ${name}, which cannot be read as text. Supported are ${SUPPORTED_FORMATS}.`, {
    details: { format: name },
  });
}
