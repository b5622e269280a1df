import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contentTerms, extractTerms } from '../../runtime/src/domain/terms.ts';
import type { ChunkDraft } from '../../runtime/src/domain/chunk.ts';
import { startReading } from './reading.ts';
import type { Reading } from './reading.ts';

type Expected = { question: string; language: string; expectedFile: string; expectedPage?: number; expectedHeading?: string | null };
type Questions = {
  questions: Array<Expected & { answerContains: string }>;
  unanswerable: { question: string };
  synonymQuestions: Expected[];
};
type PlacedChunk = ChunkDraft & { file: string };

const FOLDER = new URL('../../examples/documents/', import.meta.url);
const questions = JSON.parse(await readFile(new URL('../../examples/demo/questions.json', import.meta.url), 'utf8')) as Questions;

let reading: Reading;
let chunks: PlacedChunk[];
beforeAll(async () => {
  reading = await startReading();
  chunks = [];
  for (const file of (await readdir(FOLDER)).sort()) {
    const extraction = await reading.read(file, await readFile(new URL(file, FOLDER)));
    chunks.push(...extraction.chunks.map((chunk) => ({ ...chunk, file })));
  }
});
afterAll(() => reading.close());

function isExpectedPlace(chunk: PlacedChunk, { expectedFile, expectedPage, expectedHeading }: Expected): boolean {
  return chunk.file === expectedFile && chunk.page === (expectedPage ?? null) && chunk.heading === (expectedHeading ?? null);
}

function sharedTerms(question: string, chunk: PlacedChunk): string[] {
  const held = new Set(extractTerms(chunk.text).map(([term]) => term));
  return [...contentTerms(question)].filter((term) => held.has(term));
}

describe('the example documents', () => {
  it('are read whole: five pages, every heading, every row, wrapped lines joined', () => {
    const of = (file: string) => chunks.filter((chunk) => chunk.file === file);
    expect(new Set(of('handbook.pdf').map((chunk) => chunk.page))).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(of('handbook.pdf').map((chunk) => chunk.text).join('\n')).toContain(
      'The daily allowance for meals is 38 euros. On the day of departure and on the day of return it is 19 euros.',
    );
    expect(of('service-manual.docx').map((chunk) => chunk.heading)).toContain('Starting again in spring');
    expect(of('service-manual.docx').map((chunk) => chunk.text).join('\n')).toContain('E-17 | Wheel motor overheated | Let it cool');
    expect(of('price-list.csv').flatMap((chunk) => chunk.text.split('\n'))).toHaveLength(20);
    expect(of('product-guide.ja.md')).toHaveLength(10);
    expect(of('release-notes.html').map((chunk) => chunk.text).join('\n')).toContain('Thistle | 71 MB | 9 minutes');
  });
});

describe('the demo questions', () => {
  it.each(questions.questions)('$question has its answer in one place, which shares its words', (expected) => {
    const holding = chunks.filter((chunk) => chunk.text.includes(expected.answerContains));
    expect(holding.length).toBeGreaterThan(0);
    for (const chunk of holding) {
      expect(isExpectedPlace(chunk, expected)).toBe(true);
      expect(sharedTerms(expected.question, chunk).length).toBeGreaterThan(1);
    }
  });

  it('include one that shares no word with any document', () => {
    expect(contentTerms(questions.unanswerable.question).size).toBeGreaterThan(2);
    expect(chunks.flatMap((chunk) => sharedTerms(questions.unanswerable.question, chunk))).toEqual([]);
  });

  it.each(questions.synonymQuestions)('$question is about a section without its words', (expected) => {
    expect(chunks.some((chunk) => isExpectedPlace(chunk, expected))).toBe(true);
    expect(contentTerms(expected.question).size).toBeGreaterThan(0);
    const inFile = chunks.filter((chunk) => chunk.file === expected.expectedFile);
    expect(inFile.flatMap((chunk) => sharedTerms(expected.question, chunk))).toEqual([]);
  });
});
