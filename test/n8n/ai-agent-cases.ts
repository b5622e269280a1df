import assert from 'node:assert/strict';

import { makePublic, say } from './chat.ts';
import type { LaneExample } from './examples.ts';
import { exampleQuestions } from './questions.ts';
import { nodeOf, TOOL_MODEL } from './workflows.ts';

type Sent = { role: string; content: string }[];

/** AI Agent with Query Knowledge as its tool: n8n's own agent, by its published chat, with a scripted model behind the runtime. */
export const aiAgent: LaneExample = {
  fileName: 'ai-agent.json',

  prepare(workflow) {
    makePublic(workflow);
    (nodeOf(workflow, 'OpenAI Chat Model').parameters['model'] as { value: string }).value = TOOL_MODEL;
  },

  async published(cases, lane, workflow) {
    const { questions, unanswerable } = await exampleQuestions();

    for (const { question, expectedFile, answerContains } of questions.slice(0, 4)) {
      await cases.test(`The agent searches for "${question}" and answers with a passage of ${expectedFile}`, async () => {
        const { lines, text } = await say(lane, workflow, question, `agent-${expectedFile}`);
        assert.ok(text.includes(answerContains), text);
        assert.match(text, new RegExp(`\\[${expectedFile}.*\\]$`));
        assert.ok(lines.filter(({ type }) => type === 'item').length > 1, 'The answer came in one piece');
        assert.deepEqual([...new Set(lines.map(({ metadata }) => metadata.nodeName))], ['AI Agent']);
      });
    }

    await cases.test('The agent is told when nothing is found', async () => {
      const { text } = await say(lane, workflow, unanswerable.question, 'agent-nothing');
      assert.equal(text, 'The documents do not answer the question.');
    });

    await cases.test('The model is told what the tool is for, and what was said before in the chat', async () => {
      const [first] = questions;
      assert.ok(first);
      await say(lane, workflow, 'And what else?', `agent-${first.expectedFile}`);
      const request = lane.models.requestsTo('/v1/chat/completions').at(-1)?.body;
      const [tool] = request?.['tools'] as { function: { name: string; description: string; parameters: { properties: object } } }[];
      assert.equal(tool?.function.name, 'Query_Knowledge');
      assert.match(tool.function.description, /company's documents/);
      assert.deepEqual(Object.keys(tool.function.parameters.properties), ['query']);
      const messages = request?.['messages'] as Sent;
      assert.match(messages[0]?.content ?? '', /name its source in brackets/);
      assert.equal(messages.find(({ role }) => role === 'user')?.content, first.question);
    });
  },
};
