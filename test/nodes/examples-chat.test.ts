import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startScriptedOpenAi } from '../support/scripted-openai.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import type { ToolInfo } from './support/agent-node.ts';
import type { Json, RunResult } from './support/engine-types.ts';
import type { ExampleServer } from './support/example-server.ts';
import { addDocuments, startExampleServer } from './support/example-server.ts';
import { jsonsOf, nodeNamed, readExample } from './support/examples.ts';

const QUESTION = 'How much may I spend on a hotel room per night when I travel?';
let models: ScriptedServer;
let server: ExampleServer;

beforeAll(async () => {
  models = await startScriptedOpenAi({ models: ['gpt-echo'], answer: () => 'Up to 140 euros.' });
  const substituteModules = [join(import.meta.dirname, 'support', 'substitute-chat.ts')];
  server = await startExampleServer({ env: { OPENAI_API_BASE_URLS: models.url }, substituteModules });
  await addDocuments(server.engine, ['price-list.csv', 'product-guide.ja.md', 'release-notes.html', 'service-manual.docx']);
});

afterAll(async () => {
  await server.close();
  await models.close();
});

/** An example, started by a message in the chat of a session. */
async function say(example: string, chatInput: string, sessionId: string, model?: string): Promise<RunResult> {
  const workflow = await readExample(example);
  if (model !== undefined) (nodeNamed(workflow, 'Answer').parameters['model'] as Json)['value'] = model;
  const result = await server.engine.run(workflow, { inputItems: [{ json: { action: 'sendMessage', chatInput, sessionId } }], streaming: true });
  expect(result.error).toBeUndefined();
  return result;
}

describe('The example of an AI agent', () => {
  it('gives the agent one tool with one parameter, and passages with file and page for what the agent asks', async () => {
    const [output] = jsonsOf(await say('ai-agent.json', QUESTION, 'a'), 'AI Agent');
    const { tools, replies } = output as { tools: ToolInfo[]; replies: string[] };
    expect(tools).toEqual([
      { name: 'Query_Knowledge', description: expect.stringMatching(/company's documents/u), parameters: { query: { type: 'string', description: expect.stringMatching(/question/u) } } },
    ]);
    const [best] = JSON.parse(replies[0] ?? '') as Json[];
    expect(best).toEqual({ text: expect.stringMatching(/140 euros/u), file: 'handbook.pdf', fileId: expect.any(String), page: 3, score: expect.any(Number), rank: 1 });
  });

  it('tells the agent when the documents have nothing', async () => {
    const [output] = jsonsOf(await say('ai-agent.json', 'Which violin concerto did Sibelius compose?', 'b'), 'AI Agent');
    expect(output?.['replies']).toEqual(['[{"message":"Nothing was found."}]']);
  });
});

describe('The example of a chat that streams', () => {
  /** What the model was told last, by role; the last question comes with the passages. */
  const told = (): { role: string; content: string }[] => models.requestsTo('/v1/chat/completions').at(-1)?.body?.['messages'] as { role: string; content: string }[];

  it('sends the answer on in pieces, which are the answer', async () => {
    const result = await say('chat-streaming.json', QUESTION, 'c');
    const [answer] = jsonsOf(result, 'Answer') as { content: string; sources: Json[] }[];
    const types = result.chunks.map(({ type }) => type);
    expect([types[0], new Set(types.slice(1, -1)), types.at(-1)]).toEqual(['begin', new Set(['item']), 'end']);
    expect(types.length).toBeGreaterThan(5);
    expect(result.chunks.map(({ content }) => content ?? '').join('')).toBe(answer?.content);
    expect(answer?.content).toMatch(/140 euros/u);
    expect(answer?.sources[0]?.['file']).toBe('handbook.pdf');
  });

  it('knows what was said before in the same chat, and nothing of other chats', async () => {
    await say('chat-streaming.json', QUESTION, 'd', 'gpt-echo');
    await say('chat-streaming.json', 'And on the day of departure?', 'd', 'gpt-echo');
    expect(told().map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(told().slice(1, 3).map(({ content }) => content)).toEqual([QUESTION, 'Up to 140 euros.']);
    expect(told().at(-1)?.content).toMatch(/And on the day of departure\?/u);
    await say('chat-streaming.json', 'And in Sapporo?', 'e', 'gpt-echo');
    expect(told().map(({ role }) => role)).toEqual(['system', 'user']);
  });
});
