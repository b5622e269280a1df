/**
 * English suffix stripping by the rules of the Porter2 algorithm (M. Porter, 2001): words of one family get one stem.
 * Expects a lower-cased word; anything but a-z comes back as it is. Pure, linear in the length of the word.
 */
export function stemEnglish(word: string): string {
  if (word.length < 3 || word.length > MAX_STEMMED_LENGTH || !/^[a-z]+$/.test(word)) return word;
  const special = SPECIAL_WORDS.get(word);
  if (special !== undefined) return special;
  const marked = markConsonantY(word);
  const regions = findRegions(marked);
  const singular = stripPlural(marked);
  if (KEPT_AFTER_PLURAL.has(singular)) return singular;
  let stem = stripPastAndGerund(singular, regions);
  stem = softenFinalY(stem);
  stem = replaceSuffix(stem, DERIVATION_SUFFIXES, regions.first);
  stem = replaceSuffix(stem, ADJECTIVE_SUFFIXES, regions.first, regions.second);
  stem = dropSuffix(stem, regions.second);
  stem = dropFinalLetter(stem, regions);
  return stem.toLowerCase();
}

/** No English word is longer; what is longer is data. */
const MAX_STEMMED_LENGTH = 40;

/** Offsets at which the two regions start that a suffix must lie in. */
type Regions = { first: number; second: number };

/** A capital Y stands for y as a consonant: at the start of a word or after a vowel. */
function markConsonantY(word: string): string {
  return word.replace(/^y|(?<=[aeiouy])y/g, 'Y');
}

function findRegions(word: string): Regions {
  const prefix = /^(?:gener|commun|arsen)/.exec(word);
  const first = prefix === null ? afterVowelAndConsonant(word, 0) : prefix[0].length;
  return { first, second: afterVowelAndConsonant(word, first) };
}

function afterVowelAndConsonant(word: string, from: number): number {
  const match = /[aeiouy][^aeiouy]/.exec(word.slice(from));
  return match === null ? word.length : from + match.index + 2;
}

function stripPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2);
  if (word.endsWith('ied') || word.endsWith('ies')) return word.slice(0, word.length > 4 ? -2 : -1);
  if (word.endsWith('us') || word.endsWith('ss') || !word.endsWith('s')) return word;
  return /[aeiouy]/.test(word.slice(0, -2)) ? word.slice(0, -1) : word;
}

function stripPastAndGerund(word: string, regions: Regions): string {
  const agreed = /eed(?:ly)?$/.exec(word);
  if (agreed !== null) return agreed.index >= regions.first ? `${word.slice(0, agreed.index)}ee` : word;
  const suffix = /(?:ed|ing)(?:ly)?$/.exec(word);
  if (suffix === null) return word;
  const rest = word.slice(0, suffix.index);
  if (!/[aeiouy]/.test(rest)) return word;
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(rest)) return rest.slice(0, -1);
  return regions.first >= rest.length && endsInShortSyllable(rest) ? `${rest}e` : rest;
}

function endsInShortSyllable(word: string): boolean {
  return /[^aeiouy][aeiouy][^aeiouywxY]$/.test(word) || /^[aeiouy][^aeiouy]$/.test(word);
}

function softenFinalY(word: string): string {
  return /.[^aeiouy][yY]$/.test(word) ? `${word.slice(0, -1)}i` : word;
}

type SuffixRule = readonly [suffix: string, replacement: string, condition?: 'after l' | 'after li-letter' | 'second region'];

/** Longest suffix first: the first that the word ends in decides, whether its conditions hold or not. */
function replaceSuffix(word: string, rules: readonly SuffixRule[], first: number, second = word.length): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (rule === undefined) return word;
  const [suffix, replacement, condition] = rule;
  const rest = word.slice(0, word.length - suffix.length);
  if (rest.length < first) return word;
  if (condition === 'after l' && !rest.endsWith('l')) return word;
  if (condition === 'after li-letter' && !/[cdeghkmnrt]$/.test(rest)) return word;
  if (condition === 'second region' && rest.length < second) return word;
  return rest + replacement;
}

function dropSuffix(word: string, second: number): string {
  const suffix = DROPPED_SUFFIXES.find((candidate) => word.endsWith(candidate));
  if (suffix === undefined) return word;
  const rest = word.slice(0, word.length - suffix.length);
  if (rest.length < second) return word;
  return suffix === 'ion' && !/[st]$/.test(rest) ? word : rest;
}

function dropFinalLetter(word: string, regions: Regions): string {
  const rest = word.slice(0, -1);
  if (word.endsWith('e')) {
    const isDropped = rest.length >= regions.second || (rest.length >= regions.first && !endsInShortSyllable(rest));
    return isDropped ? rest : word;
  }
  return word.endsWith('ll') && rest.length >= regions.second ? rest : word;
}

const DERIVATION_SUFFIXES: readonly SuffixRule[] = [
  ['ization', 'ize'],
  ['ational', 'ate'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['iveness', 'ive'],
  ['tional', 'tion'],
  ['biliti', 'ble'],
  ['lessli', 'less'],
  ['entli', 'ent'],
  ['ation', 'ate'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['ousli', 'ous'],
  ['iviti', 'ive'],
  ['fulli', 'ful'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['abli', 'able'],
  ['izer', 'ize'],
  ['ator', 'ate'],
  ['alli', 'al'],
  ['bli', 'ble'],
  ['ogi', 'og', 'after l'],
  ['li', '', 'after li-letter'],
];

const ADJECTIVE_SUFFIXES: readonly SuffixRule[] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['alize', 'al'],
  ['icate', 'ic'],
  ['iciti', 'ic'],
  ['ative', '', 'second region'],
  ['ical', 'ic'],
  ['ness', ''],
  ['ful', ''],
];

const DROPPED_SUFFIXES: readonly string[] = [
  'ement', 'ance', 'ence', 'able', 'ible', 'ment', 'ant', 'ent', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize', 'ion', 'al', 'er', 'ic',
];

/** Irregular forms, and words whose ending only looks like a suffix. */
const SPECIAL_WORDS: ReadonlyMap<string, string> = new Map([
  ['skis', 'ski'],
  ['skies', 'sky'],
  ['dying', 'die'],
  ['lying', 'lie'],
  ['tying', 'tie'],
  ['idly', 'idl'],
  ['gently', 'gentl'],
  ['ugly', 'ugli'],
  ['early', 'earli'],
  ['only', 'onli'],
  ['singly', 'singl'],
  ...['sky', 'news', 'howe', 'atlas', 'cosmos', 'bias', 'andes'].map((word) => [word, word] as const),
]);

const KEPT_AFTER_PLURAL: ReadonlySet<string> = new Set([
  'inning', 'outing', 'canning', 'herring', 'earring', 'proceed', 'exceed', 'succeed',
]);
