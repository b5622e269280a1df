import assert from 'node:assert/strict';

import { ask, post } from './ask.ts';
import type { LaneExample } from './examples.ts';
import { executeByHand } from './execute-by-hand.ts';
import { exampleQuestions } from './questions.ts';

/** Webhook chat with citations: by hand, and by its published webhook. */
export const webhookChat: LaneExample = {
  fileName: 'webhook-chat.json',

  async byHand(cases, lane, workflow) {
    await cases.test('The chat example, run by hand, answers its own question and names the document', async () => {
      const [result] = (await executeByHand(lane, workflow)).itemsOf('Result');
      const { questions } = await exampleQuestions();
      const asked = questions.find(({ question }) => question === result?.['question']);
      assert.ok(asked, `The documents are not made for the example's question: ${String(result?.['question'])}`);
      assert.ok(String(result?.['answer']).includes(asked.answerContains), String(result?.['answer']));
      const sources = result?.['sources'] as { file: string }[];
      assert.ok(sources.some(({ file }) => file === asked.expectedFile), JSON.stringify(sources));
    });
  },

  async published(cases, lane) {
    const { questions, unanswerable } = await exampleQuestions();

    for (const { question, expectedFile, answerContains } of questions) {
      await cases.test(`The webhook answers "${question}" from ${expectedFile}`, async () => {
        const { answer, sources } = await ask(lane, question);
        assert.ok(answer.includes(answerContains), answer);
        assert.equal(sources[0]?.file, expectedFile, JSON.stringify(sources.map(({ file, score }) => ({ file, score }))));
      });
    }

    await cases.test('The webhook answers with status 404 to a question that no document answers', async () => {
      const { status, text } = await post(lane, unanswerable.question);
      assert.equal(status, 404, text);
      const { question, error, reason } = JSON.parse(text) as Record<string, string>;
      assert.deepEqual([question, error], [unanswerable.question, 'The documents do not answer this question.']);
      assert.match(String(reason), /\w/);
    });
  },
};
