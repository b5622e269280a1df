import { createRequire } from 'node:module';
import path from 'node:path';
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';
import { AppError } from '../../domain/errors.ts';
import { cleanText } from '../../domain/text-clean.ts';
import type { TextSection } from '../../domain/text-sections.ts';
import { BoundedText } from './bounded-text.ts';
import { group, limitError } from './extract-limits.ts';
import type { ExtractLimits } from './extract-limits.ts';
import { pdfPageText } from './pdf-page-text.ts';
import type { PdfRun } from './pdf-page-text.ts';

const PAGE_SEPARATOR = '\n\n';
/** More runs than any real page has; a page of ten million operators is stopped here. */
const MAX_RUNS_PER_PAGE = 200_000;

/**
 * Text of a PDF with the ranges of its pages. Scripts, actions, attachments and links are not looked at, no page is drawn,
 * and nothing is fetched. Throws EXTRACTION_FAILED for an encrypted, broken or truncated file, EXTRACTION_LIMIT for too
 * many pages or too much text.
 */
export async function pdfToText(bytes: Buffer, limits: ExtractLimits): Promise<{ text: string; pages: TextSection[] }> {
  const { getDocument, VerbosityLevel } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const packageFolder = path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  const loading = getDocument({
    data: new Uint8Array(bytes),
    cMapUrl: path.join(packageFolder, 'cmaps') + path.sep,
    cMapPacked: true,
    standardFontDataUrl: path.join(packageFolder, 'standard_fonts') + path.sep,
    useSystemFonts: false,
    disableFontFace: true,
    useWorkerFetch: false,
    enableXfa: false,
    stopAtErrors: false,
    verbosity: VerbosityLevel.ERRORS,
  });
  try {
    return await readPages(await loading.promise, limits);
  } catch (error) {
    throw readablePdfError(error);
  } finally {
    await loading.destroy();
  }
}

async function readPages(pdf: PDFDocumentProxy, limits: ExtractLimits): Promise<{ text: string; pages: TextSection[] }> {
  if (pdf.numPages > limits.maxPages) {
    throw limitError(`The PDF has ${group(pdf.numPages)} pages; this server reads up to ${group(limits.maxPages)}. Split it and upload the parts.`);
  }
  const out = new BoundedText(limits);
  const pages: TextSection[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number);
    const text = cleanText(pdfPageText(await readRuns(page, limits)));
    page.cleanup();
    if (text.trim() === '') continue;
    if (out.length > 0) out.append(PAGE_SEPARATOR);
    const startOffset = out.length;
    out.append(text);
    pages.push({ startOffset, endOffset: out.length, page: number, heading: null });
  }
  return { text: out.toString(), pages };
}

async function readRuns(page: PDFPageProxy, limits: ExtractLimits): Promise<PdfRun[]> {
  const runs: PdfRun[] = [];
  let length = 0;
  const reader = page.streamTextContent({ includeMarkedContent: false }).getReader() as ReadableStreamDefaultReader<TextContentPart>;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    for (const item of part.value.items) {
      length += item.str.length;
      runs.push({ ...item, isVertical: part.value.styles[item.fontName]?.vertical === true });
    }
    if (runs.length > MAX_RUNS_PER_PAGE || length > limits.maxTextChars) {
      await reader.cancel(new Error('page too large'));
      throw limitError(`Page ${page.pageNumber} of the PDF holds more text than a page can show.`);
    }
  }
  return runs;
}

type TextContentPart = {
  items: Array<Omit<PdfRun, 'isVertical'> & { fontName: string }>;
  styles: Record<string, { vertical?: boolean }>;
};

function readablePdfError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'PasswordException') {
    return new AppError('EXTRACTION_FAILED', 'The PDF is protected by a password. Remove the protection and upload it again.', { cause: error });
  }
  return new AppError('EXTRACTION_FAILED', 'The PDF is damaged or incomplete and could not be read. Upload it again or export it anew.', { cause: error });
}
