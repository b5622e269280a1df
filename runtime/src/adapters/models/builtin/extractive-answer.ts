import { rankUnits } from './rank-units.ts';
import type { RankedUnit } from './rank-units.ts';
import type { ReadPrompt } from './read-prompt.ts';

/** Below this share of the question a piece only happens to share a word with it. Chosen on the questions in the tests. */
const LEAST_SCORE = 0.2;
/** A further piece must come this near to the best one, */
const NEAR_BEST = 0.6;
/** or nearer still when it adds nothing of the question that the others do not say. */
const NEAR_BEST_WITHOUT_NEWS = 0.9;
const MAX_PIECES = 3;

type Phrases = { found: string; notFound: string; noContext: string; noQuestion: string };

const ENGLISH: Phrases = {
  found: 'According to the documents:',
  notFound: 'The given documents do not contain an answer to this question.',
  noContext:
    'I am the built-in extractive model: I answer with sentences from documents that are given with a question, and know nothing else. Attach a file or a knowledge base to the question, or choose another model.',
  noQuestion: 'There is no question in this message. Ask something about the given documents.',
};

const JAPANESE: Phrases = {
  found: '資料によると、次のとおりです。',
  notFound: '与えられた資料には、この質問への答えが見つかりませんでした。',
  noContext:
    '私は内蔵の抽出型モデルです。質問と一緒に渡された資料の文をそのまま引用して答えるだけで、それ以外の知識はありません。ファイルまたはナレッジを質問に添付するか、別のモデルを選んでください。',
  noQuestion: 'このメッセージには質問がありません。資料について質問してください。',
};

/** Kana, or Chinese characters without any Latin word, are taken for Japanese. */
function isJapanese(text: string): boolean {
  return /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text) || (/\p{Script=Han}/u.test(text) && !/[a-z]{2}/i.test(text));
}

function select(ranked: readonly RankedUnit[]): RankedUnit[] {
  const best = ranked[0];
  if (best === undefined || best.score < LEAST_SCORE) return [];
  const chosen = [best];
  const said = new Set(best.matched);
  for (const candidate of ranked.slice(1)) {
    if (chosen.length === MAX_PIECES || candidate.score < LEAST_SCORE) break;
    const hasNews = [...candidate.matched].some((term) => !said.has(term));
    const isNear = candidate.score >= best.score * (hasNews ? NEAR_BEST : NEAR_BEST_WITHOUT_NEWS);
    const isSaid = chosen.some(({ unit }) => unit.text.includes(candidate.unit.text) || candidate.unit.text.includes(unit.text));
    if (!isNear || isSaid || candidate.unit.kind === 'heading') continue;
    chosen.push(candidate);
    for (const term of candidate.matched) said.add(term);
  }
  return chosen;
}

function quote({ unit, source }: RankedUnit): string {
  return source.id === '' ? unit.text : `${unit.text} [${source.id}]`;
}

/**
 * The answer of `builtin/extractive`: the sentences and rows of the sources that cover the question best, word for word,
 * each with its citation; a plain sentence in the question's language when nothing matches or nothing was given.
 */
export function extractiveAnswer({ question, sources }: ReadPrompt): string {
  const phrases = isJapanese(question) ? JAPANESE : ENGLISH;
  if (sources === null) return phrases.noContext;
  if (question === '') return phrases.noQuestion;
  const chosen = select(rankUnits(question, sources));
  if (chosen.length === 0) return phrases.notFound;
  return `${phrases.found}\n\n${chosen.map(quote).join('\n\n')}`;
}
