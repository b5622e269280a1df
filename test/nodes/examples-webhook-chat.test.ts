import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { readQuestions } from '../../examples/demo/questions.ts';
import type { Json, RunResult } from './support/engine-types.ts';
import type { ExampleServer } from './support/example-server.ts';
import { addDocuments, startExampleServer } from './support/example-server.ts';
import { jsonsOf, readExample } from './support/examples.ts';

const UNANSWERABLE = 'Which violin concerto did Sibelius compose?';
const questions = await readQuestions(false);

let server: ExampleServer;

beforeAll(async () => {
  server = await startExampleServer();
  await addDocuments(server.engine);
}, 120_000);

afterAll(async () => await server.close());

const post = async (body: Json): Promise<RunResult> =>
  await server.engine.run(await readExample('webhook-chat.json'), { startNode: 'Webhook', inputItems: [{ json: { body } }] });

describe('The example of a webhook chat', () => {
  it.each(questions.filter(({ expectedFile }) => expectedFile !== null))('answers "$question" with status 200 and names $expectedFile', async ({ question, answerContains, expectedFile }) => {
    const { error, responses } = await post({ question });
    expect(error).toBeUndefined();
    expect(responses).toEqual([expect.objectContaining({ statusCode: 200 })]);
    const { answer, sources, ...rest } = responses[0]?.['body'] as { answer: string; sources: Json[] };
    expect(rest).toEqual({ question });
    expect(answer).toContain(answerContains);
    expect(sources[0]).toMatchObject({ file: expectedFile, text: expect.any(String) as unknown, score: expect.any(Number) as unknown });
  });

  it('answers with status 404 and the reason when no document has to do with the question', async () => {
    const { error, responses } = await post({ question: UNANSWERABLE });
    expect(error).toBeUndefined();
    expect(responses).toEqual([expect.objectContaining({
      statusCode: 404,
      body: { question: UNANSWERABLE, error: 'The documents do not answer this question.', reason: expect.stringMatching(/\w/u) as unknown },
    })]);
  });

  it('does not answer another question when the request has none', async () => {
    const { status, responses } = await post({});
    expect([status, responses]).toEqual(['error', []]);
  });

  it('asks its own question when it is run by hand', async () => {
    const result = await server.engine.run(await readExample('webhook-chat.json'), { startNode: 'Manual Trigger' });
    expect(result.error).toBeUndefined();
    expect(jsonsOf(result, 'Result')).toEqual([expect.objectContaining({ question: questions[0]?.question, answer: expect.stringContaining('140 euros') as unknown })]);
  });
});
