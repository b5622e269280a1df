import { contentTerms, extractTerms } from '../../../domain/terms.ts';
import type { PromptSource } from './read-prompt.ts';
import { splitUnits } from './split-units.ts';
import type { Unit } from './split-units.ts';

export type RankedUnit = { unit: Unit; source: PromptSource; score: number; matched: ReadonlySet<string> };

type Scored = { unit: Unit; source: PromptSource; own: Set<string>; above: Set<string>; around: Set<string>; near: Set<string> };

/** How much a question's term counts where it was found, against 1 in the piece itself. */
const ABOVE = 0.5;
const AROUND = 0.25;
/** A piece without the item number that the question names is about another item. */
const WRONG_ITEM = 0.3;
/** Room for a number in an answer to "how many" and "when". */
const NUMBER_BONUS = 0.1;

/** A question's end says what is asked; all pieces are compared with each of its terms, so its length must be bounded. */
const MAX_QUESTION_CHARS = 1_000;
/** What lies beyond this much of all sources together is not read: 200,000 characters take up to half a second. */
const MAX_SOURCE_CHARS = 200_000;

const ASKS_FOR_NUMBER = /\b(?:how (?:many|much|long|often|old|far|big|large|high|tall|fast|late|early)|when|what (?:time|date|year|day|percentage|number)|price|cost)\b|[何幾](?:年|月|日|時|分|秒|人|個|回|円|本|枚|歳|階|台|名|件|割|度|か月|ヶ月|カ月|%|パーセント|番)|いくら|いくつ|いつ|どれくらい|どのくらい|何時/i;

/** Words that questions are made of. A source that lacks one of them is not about something else for that. */
const QUESTION_WORDS =
  'answer available call describe detail document exist explain file find happen include information know list mean name need offer please possible question show text want work ' +
  '答え 内容 ファイル 情報 資料 質問 詳細 説明 存在 知る 名前 必要 文書 方法 有無 利用 意味 書類';

function termSet(text: string): Set<string> {
  return new Set(extractTerms(text).map(([term]) => term));
}

const questionWords = termSet(QUESTION_WORDS);

/** Item numbers and the like: what must be the same, not similar. */
function isCode(term: string): boolean {
  return term.length >= 3 && /\d/.test(term);
}

function withinLimit(sources: readonly PromptSource[]): PromptSource[] {
  let left = MAX_SOURCE_CHARS;
  return sources.map((source) => {
    const text = source.text.slice(0, left);
    left -= text.length;
    return { ...source, text };
  });
}

function collect(sources: readonly PromptSource[]): Scored[] {
  return sources.flatMap((source) => {
    const units = splitUnits(source.text);
    const own = units.map((unit) => termSet(unit.text));
    const name = termSet(source.name);
    const whole = new Set([...name, ...own.flatMap((terms) => [...terms])]);
    return units.map((unit, i) => ({
      unit,
      source,
      own: own[i] ?? new Set<string>(),
      above: termSet(unit.context),
      around: unit.kind === 'row' ? name : new Set([...(own[i - 1] ?? []), ...name]),
      near: unit.kind === 'row' ? new Set([...name, ...termSet(unit.context)]) : whole,
    }));
  });
}

/** Inverse document frequency among the pieces of this context, in BM25's form, which is never negative. */
function inverseFrequencies(question: ReadonlySet<string>, pieces: readonly Scored[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const term of question) {
    const count = pieces.filter(({ own }) => own.has(term)).length;
    const saysNothing = count === 0 && questionWords.has(term);
    weights.set(term, saysNothing ? 0 : Math.log(1 + (pieces.length - count + 0.5) / (count + 0.5)));
  }
  return weights;
}

function score(piece: Scored, question: ReadonlySet<string>, weights: ReadonlyMap<string, number>, asksForNumber: boolean): RankedUnit {
  const matched = new Set<string>();
  let sum = 0;
  let all = 0;
  for (const term of question) {
    const weight = weights.get(term) ?? 0;
    all += weight;
    if (piece.own.has(term)) {
      matched.add(term);
      sum += weight;
    } else if (piece.above.has(term)) sum += weight * ABOVE;
    else if (piece.around.has(term)) sum += weight * AROUND;
  }
  let coverage = all === 0 ? 0 : sum / all;
  if (matched.size > 0 && asksForNumber && /[\d\uff10-\uff19一二三四五六七八九十百千万]/.test(piece.unit.text)) coverage += NUMBER_BONUS;
  const codes = [...question].filter(isCode);
  if (codes.length > 0 && !codes.some((code) => piece.own.has(code) || piece.near.has(code))) coverage *= WRONG_ITEM;
  if (piece.unit.kind === 'heading') coverage *= 0.5;
  return { unit: piece.unit, source: piece.source, score: coverage, matched };
}

/**
 * The pieces of the sources by how much of the question they cover (0 to about 1.1): each content term of the question
 * counts by its rarity among the pieces, in full in the piece itself, less in its headings and column names, little in the
 * sentence before and the document's name.
 */
export function rankUnits(question: string, sources: readonly PromptSource[]): RankedUnit[] {
  const terms = contentTerms(question.slice(-MAX_QUESTION_CHARS));
  const pieces = collect(withinLimit(sources));
  const weights = inverseFrequencies(terms, pieces);
  const asksForNumber = ASKS_FOR_NUMBER.test(question);
  return pieces
    .map((piece) => score(piece, terms, weights, asksForNumber))
    .filter(({ matched }) => matched.size > 0)
    .sort((a, b) => b.score - a.score);
}
