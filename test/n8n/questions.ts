import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ROOT } from './pack.ts';

export type Question = { question: string; language: string; expectedFile: string; answerContains: string };
export type Questions = { questions: Question[]; unanswerable: { question: string } };

/** What can be asked about the example documents, and one question that they do not answer. */
export async function exampleQuestions(): Promise<Questions> {
  return JSON.parse(await readFile(join(ROOT, 'examples', 'demo', 'questions.json'), 'utf8')) as Questions;
}
