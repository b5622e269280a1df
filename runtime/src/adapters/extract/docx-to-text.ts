import mammoth from 'mammoth';
import { AppError } from '../../domain/errors.ts';
import { unsupportedType } from './detect-format.ts';
import { MAX_DEPTH, tooDeep } from './extract-limits.ts';
import type { ExtractLimits } from './extract-limits.ts';
import { htmlToText } from './html-to-text.ts';
import { openZip, readEntry } from './open-zip.ts';
import type { OpenZip } from './open-zip.ts';
import { storedZip } from './stored-zip.ts';

/** Word on the web numbers it. */
const MAIN_PART = /^word\/document\d*\.xml$/;
const TEXT_PART = /^(?:\[Content_Types\]\.xml|_rels\/\.rels|word\/[^/]+\.xml|word\/_rels\/[^/]+\.rels)$/;

const STYLES = ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"];

/**
 * Text of a Word document, its heading styles as markdown headings and its tables as rows. Pictures are left out and
 * nothing outside the file is fetched. Throws UNSUPPORTED_TYPE for another kind of zip, EXTRACTION_LIMIT for a bomb,
 * EXTRACTION_FAILED for a damaged file.
 */
export async function docxToText(bytes: Buffer, limits: ExtractLimits): Promise<string> {
  const archive = await openZip(bytes);
  const names = new Set(archive.entries.map(({ name }) => name));
  if (![...names].some((name) => MAIN_PART.test(name))) throw unsupportedType(archiveName(names));
  // Only the checked parts, packed anew, reach the converter: what it unpacks is what was checked here.
  const checked = storedZip(await readTextParts(archive));
  const html = await convert(checked);
  return htmlToText(html, limits);
}

async function convert(docx: Buffer): Promise<string> {
  const withoutPictures = mammoth.images.imgElement(() => Promise.resolve({ src: '' }));
  try {
    const { value } = await mammoth.convertToHtml({ buffer: docx }, { styleMap: STYLES, convertImage: withoutPictures, externalFileAccess: false });
    return value;
  } catch (error) {
    throw new AppError('EXTRACTION_FAILED', 'The Word document is damaged and could not be read.', { cause: error });
  }
}

async function readTextParts({ zip, entries }: OpenZip): Promise<Map<string, Buffer>> {
  const parts = new Map<string, Buffer>();
  for (const { name, entry } of entries) {
    if (!TEXT_PART.test(name)) continue;
    if (parts.has(name)) throw new AppError('EXTRACTION_FAILED', 'The Word document is damaged: a part of it exists twice.');
    const data = await readEntry(zip, entry);
    checkXml(data);
    parts.set(name, data);
  }
  return parts;
}

function checkXml(data: Buffer): void {
  const isUtf16 = (data[0] === 0xff && data[1] === 0xfe) || (data[0] === 0xfe && data[1] === 0xff) || data.subarray(0, 64).includes(0);
  if (isUtf16 || data.includes('<!DOCTYPE') || data.includes('<!ENTITY')) {
    throw new AppError('EXTRACTION_FAILED', 'The Word document holds XML declarations that no word processor writes, so it was refused.');
  }
  if (xmlDepth(data) > MAX_DEPTH) throw tooDeep('Word document');
}

/** Deepest nesting of elements, by counting tags. */
function xmlDepth(data: Buffer): number {
  let depth = 0;
  let deepest = 0;
  for (let at = data.indexOf(0x3c); at !== -1; at = data.indexOf(0x3c, at + 1)) {
    const next = data[at + 1];
    if (next === 0x2f) {
      depth -= 1;
      continue;
    }
    if (next === 0x3f || next === 0x21) continue;
    const end = data.indexOf(0x3e, at);
    if (end === -1 || data[end - 1] === 0x2f) continue;
    depth += 1;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}

function archiveName(names: ReadonlySet<string>): string {
  const has = (prefix: string) => [...names].some((name) => name.startsWith(prefix));
  if (has('xl/')) return 'Excel workbook (.xlsx; save it as CSV)';
  if (has('ppt/')) return 'PowerPoint presentation (.pptx; save it as PDF)';
  if (has('META-INF/container.xml')) return 'EPUB book';
  if (has('content.xml')) return 'OpenDocument file (save it as PDF or .docx)';
  return 'zip archive';
}
