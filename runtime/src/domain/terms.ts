import type { TermCounts } from './chunk.ts';
import { stemEnglish } from './stem.ts';
import { ENGLISH_STOP_WORDS, JAPANESE_STOP_WORDS } from './stop-words.ts';

/** A term is cut at so many UTF-16 units: what is longer is data, and one that differs later than that is not typed in a query. */
export const MAX_TERM_LENGTH = 64;

/**
 * Search terms of a text with their counts, in order of first appearance. Text is NFKC-normalised and lower-cased; Latin words lose
 * their accents and are stemmed; a code such as `AB-1234` gives `ab1234`, `ab` and `1234` however it is written; runs of Chinese and
 * Japanese characters give the segmenter's words (without particles of one letter) and all pairs of neighbours, Korean words themselves
 * and their pairs.
 * Deterministic for one version of the Unicode tables, never throws, and takes time linear in the text's length.
 */
export function extractTerms(text: string): TermCounts {
  const counts = new Map<string, number>();
  for (const { term } of scanTerms(text)) counts.set(term, (counts.get(term) ?? 0) + 1);
  return [...counts];
}

/**
 * What to search for: a question's terms without English function words, as long as others are left. They stay in the index ("The Who"),
 * but in a question they cost 0.008 nDCG@10 on Cranfield. Japanese ones stay: dropping them cost 0.01 on JSQuAD (docs/retrieval.md).
 */
export function queryTerms(question: string): TermCounts {
  const terms = extractTerms(question);
  const telling = terms.filter(([term]) => !ENGLISH_STOP_TERMS.has(term));
  return telling.length > 0 ? telling : terms;
}

/**
 * False for what a question and any passage may share without having anything in common: function words, question words, single
 * letters and digits, and pairs of characters with hiragana in them. Takes a term as `extractTerms` makes it.
 */
export function isContentTerm(term: string): boolean {
  if (STOP_TERMS.has(term) || /^[a-z0-9]$/.test(term)) return false;
  return !(isShort(term) && /\p{Script=Hiragana}/u.test(term));
}

/**
 * The distinct terms of a question that say what it is about. Unlike `isContentTerm` it knows a short word with hiragana (つゆ, 食べ)
 * from a pair of characters out of a longer run. May be empty ("what is it?").
 */
export function contentTerms(question: string): Set<string> {
  const found = new Set<string>();
  for (const { term, isWholeWord } of scanTerms(question)) {
    if (isContentTerm(term) || (isWholeWord && term.length === 2 && !STOP_TERMS.has(term))) found.add(term);
  }
  return found;
}

/**
 * The share of a question's content terms that a chunk needs. With one common term as the test, 21 % of JSQuAD questions got no source from
 * 20 foreign passages, with this share 85 %, at the same nDCG@10 on both sets (docs/retrieval.md).
 */
export const MIN_CONTENT_SHARE = 0.2;

/**
 * Whether a chunk with these terms speaks of what the question asks: it has a fifth of the question's content terms, or one of its item
 * codes (letters with digits). False for a question without content terms.
 */
export function sharesContent(content: ReadonlySet<string>, chunkTerms: TermCounts): boolean {
  let shared = 0;
  for (const [term] of chunkTerms) {
    if (!content.has(term)) continue;
    if (/[a-z]/.test(term) && /\d/.test(term)) return true;
    shared += 1;
  }
  return shared > 0 && shared >= content.size * MIN_CONTENT_SHARE;
}

function isShort(term: string): boolean {
  return term.length <= 2;
}

/** `isWholeWord` is false for character pairs and for the parts of a code. */
type FoundTerm = { term: string; isWholeWord: boolean };

/** Stop words in the form that terms have. */
const ENGLISH_STOP_TERMS: ReadonlySet<string> = new Set([...ENGLISH_STOP_WORDS, ...Array.from(ENGLISH_STOP_WORDS, stemEnglish)]);
const STOP_TERMS: ReadonlySet<string> = new Set([...JAPANESE_STOP_WORDS, ...ENGLISH_STOP_TERMS]);

/**
 * Normalisation sorts combining marks by insertion and the segmenter copies its input, so both get pieces of bounded size: that is
 * what keeps the whole linear.
 */
const WINDOW_LENGTH = 1024;

const CJK = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u30fc\\u3006';
const HANGUL = '\\p{Script=Hangul}';
const UNSPACED = '\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const WORD = `(?:(?![${CJK}${HANGUL}${UNSPACED}])[\\p{L}\\p{N}\\p{M}])`;
/** What joins the parts of a code or word, and the comma of 12,000. */
const JOINT = "(?:[-_./:'\\u2019\\u2010]|(?<=\\d),(?=\\d{3}(?!\\d)))";
/** One run: Chinese or Japanese; Korean; other scripts without spaces; words and codes with their joints. */
const RUN = new RegExp(
  `(?<cjk>[${CJK}]+)|(?<hangul>[${HANGUL}]+)|(?<unspaced>[${UNSPACED}][${UNSPACED}\\p{M}]*)|(?<word>${WORD}+(?:${JOINT}${WORD}+)*)`,
  'gu',
);
/** Japanese input methods give a long vowel mark or a dash where a code has a hyphen. */
const DASH_IN_CODE = /(?<=[a-z0-9])[\u30fc\u2212\u2013\u2014](?=[a-z0-9])/g;
const segmenter = new Intl.Segmenter('ja', { granularity: 'word' });

function* scanTerms(text: string): Generator<FoundTerm> {
  for (const window of windows(text)) {
    const normalised = window.normalize('NFKC').toLowerCase().replace(DASH_IN_CODE, '-');
    let numberBefore = '';
    let endBefore = -1;
    for (const match of normalised.matchAll(RUN)) {
      const { cjk, hangul, unspaced, word } = match.groups ?? {};
      if (cjk !== undefined) {
        if (endBefore === match.index && numberBefore !== '') yield* counterTerm(numberBefore, cjk);
        yield* cjkTerms(cjk);
      } else if (hangul !== undefined) yield* hangulTerms(hangul);
      else if (unspaced !== undefined) yield* segmentedWords(unspaced);
      else if (word !== undefined) yield* wordTerms(word);
      numberBefore = word !== undefined && word.length <= MAX_TERM_LENGTH ? (/\d+$/.exec(word)?.[0] ?? '') : '';
      endBefore = match.index + match[0].length;
    }
  }
}

/** Cuts the text after a character that is no part of a word where there is one, so that only absurdly long words are cut. */
function* windows(text: string): Generator<string> {
  let start = 0;
  while (text.length - start > WINDOW_LENGTH) {
    const length = lengthUpToLastSeparator(text, start);
    yield text.slice(start, start + length);
    start += length;
  }
  yield text.slice(start);
}

function lengthUpToLastSeparator(text: string, start: number): number {
  for (let length = WINDOW_LENGTH; length > 0; length -= 1) {
    if (/[\s\p{P}]/u.test(text.charAt(start + length - 1))) return length;
  }
  return WINDOW_LENGTH;
}

function whole(term: string): FoundTerm {
  return { term: cut(term), isWholeWord: true };
}

function part(term: string): FoundTerm {
  return { term: cut(term), isWholeWord: false };
}

/** Never between the halves of a surrogate pair: such a term would change on its way through a database. */
function cut(term: string): string {
  if (term.length <= MAX_TERM_LENGTH) return term;
  const isPairAtCut = /[\ud800-\udbff]/.test(term.charAt(MAX_TERM_LENGTH - 1));
  return term.slice(0, isPairAtCut ? MAX_TERM_LENGTH - 1 : MAX_TERM_LENGTH);
}

/** A number with the counter after it: 3条 (article 3), 11月 (November). */
function* counterTerm(number: string, run: string): Generator<FoundTerm> {
  const counter = String.fromCodePoint(run.codePointAt(0) ?? 0);
  if (!/\p{Script=Hiragana}/u.test(counter)) yield part(number + counter);
}

function* cjkTerms(run: string): Generator<FoundTerm> {
  const characters = Array.from(run);
  if (characters.length === 1) {
    yield whole(run);
    return;
  }
  for (const word of segmentedWords(run)) if (!/^\p{Script=Hiragana}$/u.test(word.term)) yield word;
  yield* pairs(characters);
}

function* hangulTerms(run: string): Generator<FoundTerm> {
  yield whole(run);
  const characters = Array.from(run);
  if (characters.length > 2) yield* pairs(characters);
}

function* pairs(characters: readonly string[]): Generator<FoundTerm> {
  for (let index = 1; index < characters.length; index += 1) yield part(`${characters[index - 1]}${characters[index]}`);
}

function* segmentedWords(run: string): Generator<FoundTerm> {
  for (const { segment } of segmenter.segment(run)) yield whole(segment);
}

function* wordTerms(run: string): Generator<FoundTerm> {
  if (/^[a-z]+$/.test(run)) {
    yield whole(stemEnglish(run));
    return;
  }
  const words = run.replaceAll(',', '').split(/[-_./:'\u2019\u2010]/).map(foldAccents);
  if (words.length > 1 && /['\u2019](?:s|t|d|m|re|ll|ve)$/.test(run)) words.pop();
  if (words.some((word) => /\p{N}/u.test(word))) {
    yield* codeTerms(words, run.includes('.') ? '.' : '');
    return;
  }
  for (const word of words) yield { term: cut(stemEnglish(word)), isWholeWord: words.length === 1 };
}

/** A code or number: its parts joined (3.14 keeps its point), each part, and the letters and digits of a part by themselves. */
function* codeTerms(words: readonly string[], separator: string): Generator<FoundTerm> {
  const joined = words.every((word) => /^\d+$/.test(word)) && separator === '.' ? words.join('.') : words.join('');
  yield whole(joined);
  for (const word of words) {
    if (word !== joined) yield part(word);
    const pieces = word.match(/\p{N}+|[^\p{N}]+/gu) ?? [];
    if (pieces.length > 1) for (const piece of pieces) yield part(piece);
  }
}

function foldAccents(word: string): string {
  if (!/[^\p{ASCII}]/u.test(word) || !/\p{Script=Latin}/u.test(word)) return word;
  return word.normalize('NFD').replace(/\p{M}+/gu, '').normalize('NFC');
}
