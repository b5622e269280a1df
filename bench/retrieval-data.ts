import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Passage = { id: string; text: string };
/** A retrieval test set in BEIR form: what is searched, what is asked, and how relevant which passage is (0 = not). */
export type RetrievalData = { passages: Passage[]; questions: Passage[]; relevance: Map<string, Map<string, number>> };

/** Reads corpus.jsonl, queries.jsonl and qrels.tsv; keeps the first `maxQuestions` questions that have a relevant passage. */
export function readRetrievalData(folder: string, maxQuestions: number): RetrievalData {
  const relevance = new Map<string, Map<string, number>>();
  for (const line of readFileSync(join(folder, 'qrels.tsv'), 'utf8').split('\n').slice(1)) {
    const [question, passage, grade] = line.trim().split('\t');
    if (question === undefined || passage === undefined || grade === undefined) continue;
    const ofQuestion = relevance.get(question) ?? new Map<string, number>();
    relevance.set(question, ofQuestion.set(passage, Number(grade)));
  }
  const passages = readLines(join(folder, 'corpus.jsonl')).map(({ _id, title = '', text }) => {
    return { id: _id, text: text.startsWith(title) ? text : `${title} ${text}` };
  });
  const questions = readLines(join(folder, 'queries.jsonl')).map(({ _id, text }) => ({ id: _id, text }));
  return { passages, questions: questions.filter((question) => relevance.has(question.id)).slice(0, maxQuestions), relevance };
}

type Line = { _id: string; title?: string; text: string };

function readLines(path: string): Line[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}

/** Normalised discounted cumulative gain of the first `depth` of a ranking, 0 to 1. */
export function ndcg(ranking: readonly string[], grades: ReadonlyMap<string, number>, depth = 10): number {
  const gain = (grade: number, rank: number): number => (2 ** grade - 1) / Math.log2(rank + 2);
  const reached = ranking.slice(0, depth).reduce((sum, id, rank) => sum + gain(grades.get(id) ?? 0, rank), 0);
  const ideal = [...grades.values()].sort((a, b) => b - a).slice(0, depth).reduce((sum, grade, rank) => sum + gain(grade, rank), 0);
  return ideal === 0 ? 0 : reached / ideal;
}
