/** How good a place for a cut is, best first: paragraph, line, sentence, clause, space. */
export type BoundaryLevel = 0 | 1 | 2 | 3 | 4;

const PARAGRAPH: BoundaryLevel = 0;
const LINE: BoundaryLevel = 1;
const SENTENCE: BoundaryLevel = 2;
const CLAUSE: BoundaryLevel = 3;
const SPACE: BoundaryLevel = 4;

const WIDE_SENTENCE_END = '。！？．…｡';
const LATIN_SENTENCE_END = '.!?';
const WIDE_CLAUSE_END = '、，；､';
const LATIN_CLAUSE_END = ',;:';
const CLOSERS = '」』）】〕〉》”’"\')]}';
const MAX_CLOSERS = 4;

/**
 * Level of a cut just before `index`, or null when a cut there would tear a word. Chinese and Japanese sentence ends
 * need no space after them; a Latin full stop does, so that 3.14 and example.com stay whole.
 */
export function boundaryBefore(text: string, index: number): BoundaryLevel | null {
  const previous = text.charAt(index - 1);
  if (previous === '\n') return isParagraphBreak(text, index) ? PARAGRAPH : LINE;
  const isSpace = isBlank(previous);
  const mark = lastMark(text, isSpace ? index - 1 : index);
  if (WIDE_SENTENCE_END.includes(mark) && !isAttached(text.charAt(index))) return SENTENCE;
  if (WIDE_CLAUSE_END.includes(previous)) return CLAUSE;
  if (!isSpace) return null;
  if (LATIN_SENTENCE_END.includes(mark)) return SENTENCE;
  return LATIN_CLAUSE_END.includes(text.charAt(index - 2)) ? CLAUSE : SPACE;
}

/** True for the characters that a chunk neither starts nor ends with. */
export function isBlank(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\u3000' || character === '\u00a0';
}

/**
 * The cut at or before `index`, above `floor`, that splits no surrogate pair and, where one is near, no combining
 * sequence, emoji sequence or flag. Looks back at most 32 units, so that hostile runs of marks cost nothing.
 */
export function safeCut(text: string, index: number, floor: number): number {
  const lowest = Math.max(floor + 1, index - 32);
  for (let cut = index; cut >= lowest; cut -= 1) {
    if (isSafeCut(text, cut)) return cut;
  }
  if (!splitsPair(text, index)) return index;
  return index - 1 > floor ? index - 1 : index + 1;
}

const CONTINUES = /^[\p{M}\p{Emoji_Modifier}\u200c\u200d]/u;
const REGIONAL = /^\p{Regional_Indicator}/u;

/** True when a cut at `cut` tears no surrogate pair, combining sequence, emoji sequence or flag. */
export function isSafeCut(text: string, cut: number): boolean {
  if (splitsPair(text, cut)) return false;
  const next = text.slice(cut, cut + 2);
  if (CONTINUES.test(next) || text.charCodeAt(cut - 1) === 0x200d) return false;
  return !(REGIONAL.test(next) && REGIONAL.test(text.slice(Math.max(0, cut - 2), cut)) && flagsBefore(text, cut) % 2 === 1);
}

function flagsBefore(text: string, cut: number): number {
  let count = 0;
  for (let at = cut - 2; at >= 0 && count < 200 && REGIONAL.test(text.slice(at, at + 2)); at -= 2) count += 1;
  return count;
}

function splitsPair(text: string, cut: number): boolean {
  const next = text.charCodeAt(cut);
  const previous = text.charCodeAt(cut - 1);
  return next >= 0xdc00 && next <= 0xdfff && previous >= 0xd800 && previous <= 0xdbff;
}

function isParagraphBreak(text: string, index: number): boolean {
  if (text.charAt(index) === '\n') return false;
  let at = index - 2;
  while (at >= 0 && (text.charAt(at) === ' ' || text.charAt(at) === '\t')) at -= 1;
  return text.charAt(at) === '\n';
}

/** The sentence mark before `end`, seen through closing quotes and brackets; '' when there is none. */
function lastMark(text: string, end: number): string {
  let at = end - 1;
  for (let seen = 0; seen < MAX_CLOSERS && at > 0 && CLOSERS.includes(text.charAt(at)); seen += 1) at -= 1;
  return text.charAt(at) || ' ';
}

function isAttached(next: string): boolean {
  return next !== '' && (CLOSERS.includes(next) || WIDE_SENTENCE_END.includes(next));
}
