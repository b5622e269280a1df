/** Name of the built-in embedding model. */
export const LEXICAL_EMBED_MODEL = 'builtin/lexical-embed';
/** Raised whenever any vector would change; part of the embedding profile. */
export const LEXICAL_EMBED_REVISION = '1';
export const LEXICAL_EMBED_DIMENSIONS = 512;

/** Longer texts are cut here: a chunk has some thousand characters, and a text of megabytes must not block the process. */
const MAX_CHARS = 32_768;

/** Words that nearly every English text has, and what questions are made of. Fixed for this revision. */
const STOP_WORDS = new Set(
  ('a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it its may me my no not ' +
    'of on or our shall she should so than that the their them then there these they this those to under up us was we were what when ' +
    'where which who whom why will with would you your').split(' '),
);

const CJK_RUN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\u3005]+/u;
const TOKEN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\u3005]+|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\u3005])[\p{L}\p{N}\p{M}])+/gu;
const HIRAGANA = /\p{Script=Hiragana}/u;

/** FNV-1a over UTF-16 units with murmur's last mixing step, so that all bits are usable. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Weight of a word: numbers and codes tell most, long words more than short ones, stop words next to nothing. */
function wordWeight(word: string): number {
  if (STOP_WORDS.has(word)) return 0.05;
  if (/\p{N}/u.test(word)) return word.length >= 2 ? 1.5 : 0.5;
  if (word.length <= 2) return 0.4;
  return word.length <= 4 ? 0.8 : Math.min(1.3, 0.8 + word.length * 0.05);
}

/** Weight of a run of Chinese or Japanese characters: grammar is written in hiragana, matter in the other scripts. */
function cjkWeight(characters: readonly string[]): number {
  const hiragana = characters.filter((character) => HIRAGANA.test(character)).length;
  if (hiragana === characters.length) return 0.08;
  if (hiragana > 0) return 0.3;
  return characters.length === 1 ? 0.3 : characters.length === 2 ? 1 : 0.6;
}

type Features = Map<string, { weight: number; count: number }>;

function add(features: Features, name: string, weight: number): void {
  const known = features.get(name);
  if (known === undefined) features.set(name, { weight, count: 1 });
  else known.count += 1;
}

/** Three and four letters of a word with its edges marked: what `invoices` and `invoicing` share. */
function addLetterGroups(features: Features, word: string): void {
  const marked = `<${word}>`;
  for (const size of [3, 4]) {
    const groupCount = marked.length - size + 1;
    const weight = 1 / Math.sqrt(Math.max(1, groupCount));
    for (let i = 0; i < groupCount; i += 1) add(features, `g:${marked.slice(i, i + size)}`, weight);
  }
}

function addCjkRun(features: Features, run: string): void {
  const characters = Array.from(run);
  for (const size of [1, 2, 3]) {
    for (let i = 0; i + size <= characters.length; i += 1) {
      const group = characters.slice(i, i + size);
      add(features, `c:${group.join('')}`, cjkWeight(group));
    }
  }
}

function featuresOf(text: string): Features {
  const features: Features = new Map();
  const normalised = text.slice(0, MAX_CHARS).normalize('NFKC').toLowerCase();
  let previous = '';
  for (const [token] of normalised.matchAll(TOKEN)) {
    if (CJK_RUN.test(token)) {
      addCjkRun(features, token);
      previous = '';
      continue;
    }
    const word = token.normalize('NFD').replace(/\p{M}+/gu, '').slice(0, 64);
    if (word === '') continue;
    add(features, `w:${word}`, wordWeight(word));
    if (STOP_WORDS.has(word)) continue;
    if (word.length >= 4) addLetterGroups(features, word);
    if (previous !== '') add(features, `p:${previous} ${word}`, 0.4);
    previous = word;
  }
  // A text of signs only still needs a direction of its own.
  if (features.size === 0) add(features, `s:${normalised.trim()}`, 1);
  return features;
}

/**
 * The vector of a text: 512 numbers of length 1. It is lexical: texts are near each other when they share words, word pairs,
 * parts of words or, in Chinese and Japanese, groups of one to three characters; it knows no meaning and no synonyms.
 * The same text has the same vector for ever, whatever other texts there are.
 */
export function lexicalEmbed(text: string): Float32Array {
  const sums = new Float64Array(LEXICAL_EMBED_DIMENSIONS);
  for (const [name, { weight, count }] of featuresOf(text)) {
    const hash = hash32(name);
    const place = hash % LEXICAL_EMBED_DIMENSIONS;
    const sign = (hash >>> 31) === 0 ? 1 : -1;
    sums[place] = (sums[place] ?? 0) + sign * weight * (1 + Math.log(count));
  }
  let squares = 0;
  for (const value of sums) squares += value * value;
  // Two features may cancel each other out exactly; the text then gets a direction by its own hash.
  if (squares === 0) sums[hash32(text) % LEXICAL_EMBED_DIMENSIONS] = 1;
  const length = Math.sqrt(squares) || 1;
  return Float32Array.from(sums, (value) => value / length);
}
