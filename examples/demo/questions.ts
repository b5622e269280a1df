import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A question with the one place that answers it; `expectedFile` null means that no document does. */
export type DemoQuestion = {
  question: string;
  expectedFile: string | null;
  expectedPage?: number;
  expectedHeading?: string | null;
  /** What the right answer must hold, when the built-in model gives it (it quotes). */
  answerContains?: string;
};

type QuestionFile = { questions: DemoQuestion[]; unanswerable: { question: string }; synonymQuestions: DemoQuestion[] };

/** Six questions, a seventh that no document answers, and with `withSynonyms` those whose words the documents do not have. */
export async function readQuestions(withSynonyms: boolean): Promise<DemoQuestion[]> {
  const file = join(dirname(fileURLToPath(import.meta.url)), 'questions.json');
  const { questions, unanswerable, synonymQuestions } = JSON.parse(await readFile(file, 'utf8')) as QuestionFile;
  return [...questions, { question: unanswerable.question, expectedFile: null }, ...(withSynonyms ? synonymQuestions : [])];
}

/** A source as the Chat Completion node gives it out. */
export type DemoSource = { file: string; fileId?: string; page?: string | number; heading?: string; text: string; score?: number };

export type Verdict = { isRight: boolean; why: string };

/** Whether the first source is the expected place and, for a quoting model, the answer holds the expected words. */
export function judge(expected: DemoQuestion, answer: string, sources: readonly DemoSource[], isQuoting: boolean): Verdict {
  const [first] = sources;
  if (expected.expectedFile === null) {
    return sources.length === 0 ? { isRight: true, why: 'declined without sources' } : { isRight: false, why: `should have no sources, has ${sources.length}` };
  }
  if (first === undefined) return { isRight: false, why: 'no source was found' };
  if (first.file !== expected.expectedFile) return { isRight: false, why: `expected ${expected.expectedFile}, the first source is ${first.file}` };
  if (expected.expectedPage !== undefined && String(first.page) !== String(expected.expectedPage)) return { isRight: false, why: `expected page ${expected.expectedPage}, not ${String(first.page)}` };
  if (expected.expectedHeading && first.heading !== expected.expectedHeading) return { isRight: false, why: `expected the heading "${expected.expectedHeading}", not "${String(first.heading)}"` };
  if (isQuoting && expected.answerContains !== undefined && !answer.includes(expected.answerContains)) return { isRight: false, why: `the answer lacks "${expected.answerContains}"` };
  return { isRight: true, why: 'right source' };
}
