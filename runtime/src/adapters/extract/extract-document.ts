import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { ChunkDraft } from '../../domain/chunk.ts';
import { chunkText } from '../../domain/chunk-text.ts';
import { AppError } from '../../domain/errors.ts';
import { packTerms } from '../../domain/packed-terms.ts';
import { extractTerms } from '../../domain/terms.ts';
import { cleanText } from '../../domain/text-clean.ts';
import { splitAtHeadings } from '../../domain/text-sections.ts';
import type { DocumentToRead } from '../../ports/document-reader.ts';
import { csvToText } from './csv-to-text.ts';
import { decodeText } from './decode-text.ts';
import { detectBinaryFormat, detectTextFormat } from './detect-format.ts';
import { docxToText } from './docx-to-text.ts';
import { group, limitError, tooMuchText } from './extract-limits.ts';
import type { ExtractLimits } from './extract-limits.ts';
import type { ExtractedDocument } from './extracted-document.ts';
import { htmlToText } from './html-to-text.ts';
import { jsonToText } from './json-to-text.ts';
import { pdfToText } from './pdf-to-text.ts';

const NO_TEXT_IN_FILE = 'The file holds no text.';
const NO_TEXT_IN_PDF =
  'No text was found in this PDF. It probably holds scanned pages: run text recognition (OCR) on it and upload the result.';

/** Reads the file at `document.path` into one clean text with its pages. Throws the errors that the DocumentReader port names. */
export async function extractDocument(document: DocumentToRead, limits: ExtractLimits): Promise<ExtractedDocument> {
  const { size } = await stat(document.path);
  if (size > 2 ** 31 - 1) throw limitError('The file is larger than 2 GB.');
  const bytes = await readFile(document.path);
  const format = detectBinaryFormat(bytes);
  if (format === 'pdf') {
    const { text, pages } = await pdfToText(bytes, limits);
    return { text, pages, hasHeadings: false, isTable: false, emptyReason: NO_TEXT_IN_PDF };
  }
  if (format === 'zip') return plain(await docxToText(bytes, limits), { hasHeadings: true });
  return extractText(bytes, document, limits);
}

async function extractText(bytes: Buffer, document: DocumentToRead, limits: ExtractLimits): Promise<ExtractedDocument> {
  // A character takes at most four bytes in the encodings that are read.
  if (bytes.length > limits.maxTextChars * 4) throw tooMuchText(limits);
  const decoded = cleanText(decodeText(bytes, declaredCharset(bytes, document.contentType)));
  const format = detectTextFormat(decoded, document.filename, document.contentType);
  if (format === 'html') return plain(htmlToText(decoded, limits), { hasHeadings: true });
  if (format === 'csv') return plain(csvToText(decoded, limits), { isTable: true });
  const json = format === 'json' ? jsonToText(decoded, limits) : null;
  if (json !== null) return plain(json, {});
  if (decoded.length > limits.maxTextChars) throw tooMuchText(limits);
  return { ...plain(decoded, { hasHeadings: format === 'markdown' || format === 'text' }), text: decoded };
}

/** Entities and escapes may bring back what was cleaned from the source. */
function plain(text: string, traits: { hasHeadings?: boolean; isTable?: boolean }): ExtractedDocument {
  return { text: cleanText(text).trim(), pages: null, hasHeadings: false, isTable: false, emptyReason: NO_TEXT_IN_FILE, ...traits };
}

/** The charset of the content type, or of an HTML page's first kilobyte. */
function declaredCharset(bytes: Buffer, contentType: string | null): string | null {
  const head = `${contentType ?? ''}\n${bytes.subarray(0, 1024).toString('latin1')}`;
  const name = /charset\s{0,4}=\s{0,4}["']?([a-zA-Z0-9_-]{2,30})/.exec(head)?.[1] ?? null;
  return name !== null && /^(?:utf-?8|us-ascii)$/i.test(name) ? null : name;
}

/** SHA-256 as lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * Cuts a document into chunks with their hashes and terms, one at a time. Throws NO_TEXT when there is none and
 * EXTRACTION_LIMIT when there are too many.
 */
export function* chunkDocument(document: ExtractedDocument, sizes: DocumentToRead, limits: ExtractLimits): Generator<ChunkDraft> {
  const whole = { startOffset: 0, endOffset: document.text.length, page: null, heading: null };
  const pages = document.pages ?? [whole];
  const sections = document.hasHeadings ? splitAtHeadings(document.text, pages) : pages;
  const chunkOverlapChars = document.isTable ? 0 : sizes.chunkOverlapChars;
  let count = 0;
  for (const span of chunkText(document.text, sections, { chunkSizeChars: sizes.chunkSizeChars, chunkOverlapChars })) {
    count += 1;
    if (count > limits.maxChunks) throw limitError(`The document makes more than ${group(limits.maxChunks)} chunks. Split it and upload the parts.`);
    yield { ...span, textHash: sha256(span.text), terms: packTerms(extractTerms(span.text)) };
  }
  if (count === 0) throw new AppError('NO_TEXT', document.emptyReason);
}
