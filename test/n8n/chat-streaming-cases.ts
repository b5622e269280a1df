import assert from 'node:assert/strict';

import { makePublic, say } from './chat.ts';
import type { LaneExample } from './examples.ts';
import { eventually } from './processes.ts';
import { exampleQuestions } from './questions.ts';
import type { N8nRest } from './rest.ts';
import type { Workflow } from './workflows.ts';

/** Chat that streams: Chat Completion behind n8n's chat, by its published chat. */
export const chatStreaming: LaneExample = {
  fileName: 'chat-streaming.json',
  prepare: makePublic,

  async published(cases, lane, workflow, rest) {
    const { questions } = await exampleQuestions();

    for (const { question, answerContains } of questions.slice(0, 4)) {
      await cases.test(`The chat streams the answer to "${question}"`, async () => {
        const { lines, text } = await say(lane, workflow, question, 'chat-1');
        assert.ok(text.includes(answerContains), text);
        const types = lines.map(({ type }) => type);
        assert.deepEqual([types[0], ...new Set(types.slice(1, -1)), types.at(-1)], ['begin', 'item', 'end']);
        assert.ok(types.length > 5, 'The answer came in one piece');
        assert.deepEqual([...new Set(lines.map(({ metadata }) => metadata.nodeName))], ['Answer']);
      });
    }

    await cases.test('The chat knows what was said before in its session, and nothing of another', async () => {
      const [first] = questions;
      assert.ok(first);
      await say(lane, workflow, 'And on the day of departure?', 'chat-1');
      const known = await historyOfLatest(rest, workflow);
      assert.deepEqual(known.map(({ human }) => human), questions.slice(0, 4).map(({ question }) => question));
      assert.ok(known[0]?.ai.includes(first.answerContains), known[0]?.ai);
      await say(lane, workflow, first.question, 'chat-2');
      assert.deepEqual(await historyOfLatest(rest, workflow), []);
    });
  },
};

/** What the latest execution knew before it asked the model. */
async function historyOfLatest(rest: N8nRest, workflow: Workflow): Promise<{ human: string; ai: string }[]> {
  const finished = await eventually('the execution is stored', async () => {
    const [latest] = await rest.executions(workflow.id);
    return latest?.status === 'success' ? latest : undefined;
  });
  const [item] = await rest.itemsOf(finished.id, 'Load History');
  return item?.['messages'] as { human: string; ai: string }[];
}
