import { unsupportedType } from './detect-format.ts';

const SAMPLE_BYTES = 64 * 1024;
/** More control characters than this share of a sample, and it is not text. */
const MAX_CONTROL_SHARE = 0.02;

/**
 * Text of bytes in an unknown encoding: by byte order mark, as UTF-8, as UTF-16 without a mark, as one of the Japanese
 * encodings (ISO-2022-JP, Shift_JIS as CP932, EUC-JP), else as Windows-1252. `declared` (an HTML page's charset) is tried
 * before the guesses but after UTF-8. Throws UNSUPPORTED_TYPE when the result is no text.
 */
export function decodeText(bytes: Buffer, declared: string | null = null): string {
  const text = decode(bytes, declared);
  if (looksBinary(text)) throw unsupportedType('binary file');
  return text;
}

function decode(bytes: Buffer, declared: string | null): string {
  const marked = encodingOfMark(bytes) ?? encodingOfZeros(bytes);
  if (marked !== null) return new TextDecoder(marked).decode(bytes);
  const utf8 = tryDecode(bytes, 'utf-8');
  if (utf8 !== null && !utf8.includes('\x1b$')) return utf8;
  const named = declared === null ? null : tryDecode(bytes, declared);
  return named ?? decodeJapanese(bytes) ?? utf8 ?? new TextDecoder('windows-1252').decode(bytes);
}

function encodingOfMark(bytes: Buffer): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}

/** UTF-16 without a mark shows itself by zero bytes in every second place. */
function encodingOfZeros(bytes: Buffer): string | null {
  const sample = bytes.subarray(0, 4096);
  let even = 0;
  let odd = 0;
  sample.forEach((byte, index) => {
    if (byte !== 0) return;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  });
  const pairs = sample.length / 2;
  if (odd > pairs * 0.4 && even < pairs * 0.02) return 'utf-16le';
  if (even > pairs * 0.4 && odd < pairs * 0.02) return 'utf-16be';
  return null;
}

function decodeJapanese(bytes: Buffer): string | null {
  const candidates = bytes.subarray(0, SAMPLE_BYTES).includes('\x1b$') ? ['iso-2022-jp'] : ['euc-jp', 'shift_jis'];
  let best: string | null = null;
  let bestScore = 0;
  for (const encoding of candidates) {
    const text = tryDecode(bytes, encoding);
    const score = text === null ? 0 : japaneseScore(text.slice(0, SAMPLE_BYTES));
    if (score > bestScore) [best, bestScore] = [text, score];
  }
  return best;
}

/**
 * How much a decoded text looks like Japanese, per character that is not ASCII: kana and common kanji speak for it;
 * half-width kana, private use and rare kanji are what a wrong guess produces. Positive is plausible.
 */
function japaneseScore(text: string): number {
  let score = 0;
  let count = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) continue;
    count += 1;
    score += weightOf(character, code);
  }
  return count === 0 ? 0 : score / count;
}

function weightOf(character: string, code: number): number {
  if (code >= 0x3041 && code <= 0x3096) return 3;
  if ((code >= 0x30a1 && code <= 0x30fc) || (code >= 0x3001 && code <= 0x3011)) return 2;
  if (code >= 0xff61 && code <= 0xff9f) return -1.5;
  if (code >= 0xe000 && code <= 0xf8ff) return -4;
  if (code >= 0x4e00 && code <= 0x9fff) return isCommonKanji(character) ? 1 : -1;
  if (code >= 0xff01 && code <= 0xff5e) return 1;
  return code >= 0x2000 && code <= 0x303f ? 0.5 : -1;
}

/** Level 1 of JIS X 0208, the 2,965 common kanji, is rows 16 to 47. */
function isCommonKanji(character: string): boolean {
  return commonKanji().has(character);
}

let commonKanjiCache: Set<string> | null = null;

function commonKanji(): Set<string> {
  if (commonKanjiCache !== null) return commonKanjiCache;
  const bytes: number[] = [];
  for (let row = 16; row <= 47; row += 1) {
    for (let cell = 1; cell <= (row === 47 ? 51 : 94); cell += 1) bytes.push(row + 0xa0, cell + 0xa0);
  }
  commonKanjiCache = new Set(new TextDecoder('euc-jp').decode(Uint8Array.from(bytes)));
  return commonKanjiCache;
}

function tryDecode(bytes: Buffer, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function looksBinary(text: string): boolean {
  const sample = text.length <= SAMPLE_BYTES ? text : text.slice(0, SAMPLE_BYTES / 2) + text.slice(-SAMPLE_BYTES / 2);
  let controls = 0;
  for (let at = 0; at < sample.length; at += 1) {
    const code = sample.charCodeAt(at);
    const isControl = code < 0x20 && !(code >= 0x08 && code <= 0x0d) && code !== 0x1b;
    if (isControl || code === 0x7f || (code >= 0x80 && code < 0xa0 && code !== 0x85) || code === 0xfffd) controls += 1;
  }
  return controls > Math.max(4, sample.length * MAX_CONTROL_SHARE);
}
