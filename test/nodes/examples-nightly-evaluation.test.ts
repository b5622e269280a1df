import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { readQuestions } from '../../examples/demo/questions.ts';
import type { Json, RunResult } from './support/engine-types.ts';
import type { ExampleServer } from './support/example-server.ts';
import { addDocuments, startExampleServer } from './support/example-server.ts';
import { jsonsOf, nodeNamed, readExample } from './support/examples.ts';

type Evaluated = { question: string; expectedAnswer: string; expectedSource: string };

let server: ExampleServer;

beforeAll(async () => {
  server = await startExampleServer();
  await addDocuments(server.engine);
}, 120_000);

afterAll(async () => await server.close());

/** Runs the example, its questions changed where `change` is given. */
async function evaluate(change: (questions: Evaluated[]) => void = () => undefined, startNode = 'Every Night'): Promise<RunResult> {
  const workflow = await readExample('nightly-evaluation.json');
  const { parameters } = nodeNamed(workflow, 'Questions');
  const list = JSON.parse(String(parameters['jsonOutput'])) as { questions: Evaluated[] };
  change(list.questions);
  parameters['jsonOutput'] = JSON.stringify(list);
  return await server.engine.run(workflow, { startNode });
}

const reportOf = (result: RunResult): Json | undefined => jsonsOf(result, 'Report')[0];

describe('The example of a nightly evaluation', () => {
  it('asks the questions of the demo, the one without an answer among them', async () => {
    const { parameters } = nodeNamed(await readExample('nightly-evaluation.json'), 'Questions');
    const { questions } = JSON.parse(String(parameters['jsonOutput'])) as { questions: Evaluated[] };
    const asked = (await readQuestions(false)).map(({ question, answerContains = '', expectedFile }) => ({
      question, expectedAnswer: answerContains, expectedSource: expectedFile ?? '',
    }));
    expect(questions).toEqual(asked);
  });

  it.each(['Every Night', 'Manual Trigger'])('finds all of them right when it is started by "%s"', async (startNode) => {
    const result = await evaluate(undefined, startNode);
    expect(result.error).toBeUndefined();
    expect(reportOf(result)).toEqual({ asked: 7, right: 7, percent: 100, wrong: [] });
    expect(jsonsOf(result, 'Fine')).toEqual([reportOf(result)]);
  });

  it('ends with an error that names the question whose answer lacks the expected words', async () => {
    const result = await evaluate(([first]) => Object.assign(first as Evaluated, { expectedAnswer: '999 euros' }));
    expect(reportOf(result)).toMatchObject({
      right: 6, percent: 86, wrong: [{ expectedAnswer: '999 euros', answer: expect.stringContaining('140 euros') as unknown, isAnswerRight: false, isSourceRight: true }],
    });
    expect(result.lastNode).toBe('Alert');
    expect(result.error?.message).toBe('6 of 7 answers are right, wanted are 90 percent. Wrong: How much may I spend on a hotel room per night when I travel?');
  });

  it('counts an answer from another document, and one where none was expected, as wrong', async () => {
    const result = await evaluate((questions) => {
      Object.assign(questions[0] as Evaluated, { expectedSource: 'price-list.csv' });
      Object.assign(questions[3] as Evaluated, { expectedSource: '' });
    });
    const wrong = reportOf(result)?.['wrong'] as Json[];
    expect(wrong.map(({ sources, isSourceRight }) => [(sources as string[])[0], isSourceRight])).toEqual([['handbook.pdf', false], ['product-guide.ja.md', false]]);
    expect(result.error?.message).toMatch(/^5 of 7/u);
  });

  it('takes numbers and empty cells, as a table has them in the place of the questions', async () => {
    const result = await evaluate((questions) => {
      Object.assign(questions[0] as Evaluated, { expectedAnswer: 140 });
      questions[6] = { question: questions[6]?.question } as Evaluated;
    });
    expect(result.error).toBeUndefined();
    expect(reportOf(result)).toMatchObject({ asked: 7, right: 7 });
  });

  it('goes on to the next question when one cannot be asked, and counts that one as wrong', async () => {
    const result = await evaluate((questions) => Object.assign(questions[1] as Evaluated, { question: '' }));
    const [wrong] = reportOf(result)?.['wrong'] as Json[];
    expect(reportOf(result)).toMatchObject({ asked: 7, right: 6 });
    expect(wrong).toMatchObject({ question: '', isAnswerRight: false, isSourceRight: false, sources: [], answer: expect.stringMatching(/\w/u) as unknown });
  });

  it('is content with fewer right answers where Settings asks for less', async () => {
    const workflow = await readExample('nightly-evaluation.json');
    const { assignments } = nodeNamed(workflow, 'Settings').parameters['assignments'] as { assignments: [{ value: number }] };
    assignments[0].value = 0;
    (nodeNamed(workflow, 'Answer').parameters['model'] as Json)['value'] = 'no-such-model';
    const result = await server.engine.run(workflow, { startNode: 'Every Night' });
    expect(result.error).toBeUndefined();
    expect(reportOf(result)).toMatchObject({ asked: 7, right: 0, percent: 0 });
    expect(jsonsOf(result, 'Fine')).toHaveLength(1);
  });
});
