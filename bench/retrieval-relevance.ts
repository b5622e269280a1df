import { contentTerms, extractTerms, sharesContent } from '../runtime/src/domain/terms.ts';
import { dropIrrelevant } from '../runtime/src/domain/rank.ts';
import type { RankedHit } from '../runtime/src/domain/rank.ts';
import { ndcg } from './retrieval-data.ts';
import type { RetrievalData } from './retrieval-data.ts';

const PERCENTILES = [1, 2, 5, 10, 25, 50, 75, 90, 95, 99] as const;

type Pairs = { right: number[]; other: number[]; rightWithoutTerm: number[]; otherWithoutTerm: number[]; bestWithoutTerm: number[] };

/**
 * Prints what a relevance floor is chosen by. The floor only ever decides about passages that share no content term with the question,
 * so beside all pairs it shows those: right ones, which should stay above it, and per question the best of the others, which is what an
 * unanswerable question would be answered from.
 */
export function reportRelevance(data: RetrievalData, cosines: readonly Float64Array[]): void {
  const { right, other, rightWithoutTerm, otherWithoutTerm, bestWithoutTerm } = collectPairs(data, cosines);
  console.log(`percentile                 ${PERCENTILES.map((percent) => String(percent).padStart(6)).join(' ')}`);
  for (const [label, values] of Object.entries({
    'right passages': right,
    'other passages': other,
    'right, no shared term': rightWithoutTerm,
    'other, no shared term': otherWithoutTerm,
    'best other, no shared term': bestWithoutTerm,
  })) console.log(`${label.padEnd(26)} ${percentiles(values)}  n=${values.length}`);
  console.log(`share a content term: right ${share(right, rightWithoutTerm)}, other ${share(other, otherWithoutTerm)}`);
}

function collectPairs(data: RetrievalData, cosines: readonly Float64Array[]): Pairs {
  const termsOf = data.passages.map((passage) => new Set(extractTerms(passage.text).map(([term]) => term)));
  const pairs: Pairs = { right: [], other: [], rightWithoutTerm: [], otherWithoutTerm: [], bestWithoutTerm: [] };
  for (const [index, question] of data.questions.entries()) {
    const grades = data.relevance.get(question.id) ?? new Map<string, number>();
    const content = [...contentTerms(question.text)];
    let best = -1;
    for (const [position, passage] of data.passages.entries()) {
      const value = cosines[index]?.[position] ?? 0;
      const isRight = (grades.get(passage.id) ?? 0) > 0;
      (isRight ? pairs.right : pairs.other).push(value);
      if (content.some((term) => termsOf[position]?.has(term))) continue;
      (isRight ? pairs.rightWithoutTerm : pairs.otherWithoutTerm).push(value);
      if (!isRight) best = Math.max(best, value);
    }
    pairs.bestWithoutTerm.push(best);
  }
  return pairs;
}

const FLOORS = [0, 0.15, 0.2, 0.26, 0.75, 0.8, 0.82, 0.83, 0.84, 0.85, 0.88, 1.1];
/** A small knowledge base that does not hold the answer: so many passages, none near the right one in the corpus. */
const FOREIGN_PASSAGES = 20;
const FOREIGN_DISTANCE = 150;

/** What each floor costs (nDCG@10 of the fused list after the drop) and what it gives (questions to a foreign knowledge base without a source). */
export function reportFloors(data: RetrievalData, fused: readonly RankedHit[][], cosines: readonly Float64Array[]): void {
  const positions = new Map(data.passages.map(({ id }, position) => [id, position]));
  const termsOf = data.passages.map((passage) => extractTerms(passage.text));
  const contents = data.questions.map((question) => contentTerms(question.text));
  const test = (index: number, floor: number) => ({
    floor,
    cosine: (id: string) => cosines[index]?.[positions.get(id) ?? -1] ?? null,
    sharesContentTerm: (id: string) => sharesContent(contents[index] ?? new Set(), termsOf[positions.get(id) ?? -1] ?? []),
  });
  for (const floor of FLOORS) {
    let quality = 0;
    let silent = 0;
    for (const [index, question] of data.questions.entries()) {
      const grades = data.relevance.get(question.id) ?? new Map<string, number>();
      const kept = dropIrrelevant(fused[index] ?? [], test(index, floor)).map((hit) => hit.chunkId);
      quality += ndcg(kept, grades);
      silent += Number(dropIrrelevant(foreignPassages(data, grades, positions), test(index, floor)).length === 0);
    }
    const count = data.questions.length;
    console.log(`floor ${floor.toFixed(2)}: nDCG@10 ${(quality / count).toFixed(4)}, no source in a foreign collection ${((100 * silent) / count).toFixed(1)} %`);
  }
}

function foreignPassages(data: RetrievalData, grades: ReadonlyMap<string, number>, positions: ReadonlyMap<string, number>): Array<{ chunkId: string }> {
  const right = [...grades.keys()].map((id) => positions.get(id) ?? 0);
  const foreign = data.passages.filter((_, position) => right.every((other) => Math.abs(other - position) > FOREIGN_DISTANCE));
  const start = (right[0] ?? 0) % Math.max(1, foreign.length - FOREIGN_PASSAGES);
  return foreign.slice(start, start + FOREIGN_PASSAGES).map(({ id }) => ({ chunkId: id }));
}

function percentiles(values: readonly number[]): string {
  const sorted = Float64Array.from(values).sort();
  return PERCENTILES.map((percent) => (sorted[Math.floor(((sorted.length - 1) * percent) / 100)] ?? 0).toFixed(3).padStart(6)).join(' ');
}

function share(all: readonly number[], without: readonly number[]): string {
  return `${((100 * (all.length - without.length)) / Math.max(1, all.length)).toFixed(1)} %`;
}
