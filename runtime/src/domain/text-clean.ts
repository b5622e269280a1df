/**
 * Characters that a reader never sees and that hide text from people but not from models: controls, soft hyphen,
 * zero-width marks, bidirectional controls, tag characters, ideographic variation selectors.
 * U+200C and U+200D are handled apart, because scripts and emoji need them.
 */
const INVISIBLE = anyOf([
  [0x00, 0x08],
  [0x0e, 0x1f],
  [0x7f, 0x84],
  [0x86, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200b],
  [0x200e, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe01ef],
]);

/** Vertical tab, form feed, next line, line and paragraph separator. */
const RARE_LINE_ENDS = anyOf([
  [0x0b, 0x0c],
  [0x85, 0x85],
  [0x2028, 0x2029],
]);

function anyOf(ranges: ReadonlyArray<readonly [first: number, last: number]>): RegExp {
  const escape = (codePoint: number) => `\\u{${codePoint.toString(16)}}`;
  return new RegExp(`[${ranges.map(([first, last]) => `${escape(first)}-${escape(last)}`).join('')}]`, 'gu');
}

const JOINERS = /[\u200c\u200d]+/g;
const NEEDS_JOINER =
  /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]/u;

const REPEATED_SELECTORS = /([\ufe00-\ufe0f])[\ufe00-\ufe0f]+/g;

/**
 * Text as it is stored, searched and shown: line feeds as the only line ends, Unicode form NFC, well-formed, without
 * invisible characters. Linear in the length; applying it twice changes nothing.
 */
export function cleanText(raw: string): string {
  const visible = raw
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(RARE_LINE_ENDS, '\n')
    .replace(INVISIBLE, '')
    .replace(JOINERS, keepNeededJoiner)
    .replace(REPEATED_SELECTORS, '$1');
  return visible.normalize('NFC');
}

function keepNeededJoiner(run: string, position: number, whole: string): string {
  const before = codePointBefore(whole, position);
  const isLast = position + run.length >= whole.length;
  return before !== '' && !isLast && NEEDS_JOINER.test(before) ? run.charAt(0) : '';
}

function codePointBefore(text: string, position: number): string {
  if (position === 0) return '';
  const unit = text.charCodeAt(position - 1);
  const isLowSurrogate = unit >= 0xdc00 && unit <= 0xdfff;
  return text.slice(Math.max(0, position - (isLowSurrogate ? 2 : 1)), position);
}
