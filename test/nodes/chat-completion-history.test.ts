import { describe, expect, it } from '@jest/globals';

import { openChatBench } from './support/chat-bench.ts';
import type { Json } from './support/engine-types.ts';

const { chat, sent } = openChatBench();

const PROMPT = { role: 'user', content: 'How long is the warranty?' };
const EARLIER = [{ role: 'user', content: 'こんにちは' }, { role: 'assistant', content: 'いらっしゃいませ' }];

async function sentWith(history: unknown, options: Json = {}, parameters: Json = {}): Promise<unknown> {
  const result = await chat({ options: { history: '={{ $json.history }}', ...options }, ...parameters }, { inputItems: [{ json: { history } }] });
  expect(result.error).toBeUndefined();
  return sent()['messages'];
}

describe('The history of Chat Completion', () => {
  it.each<[string, unknown]>([
    ['messages with roles', EARLIER],
    ['an object with messages, as a node gives it', { messages: EARLIER }],
    ['JSON text', JSON.stringify(EARLIER)],
    ['a list of JSON texts, as Redis keeps it', EARLIER.map((message) => JSON.stringify(message))],
    ['pairs of human and ai, as n8n\'s Chat Memory Manager gives them', [{ human: 'こんにちは', ai: 'いらっしゃいませ' }]],
    ['items of n8n\'s Chat Memory Manager', [{ messages: [{ human: 'こんにちは', ai: 'いらっしゃいませ' }] }]],
    ['pairs of question and answer', [{ id: 7, question: 'こんにちは', answer: 'いらっしゃいませ' }]],
    ['types human and ai', [{ type: 'human', content: 'こんにちは' }, { type: 'ai', content: 'いらっしゃいませ' }]],
    ['rows of a chat memory in a database', [{ id: 1, session_id: 's', message: { type: 'human', content: 'こんにちは' } }, { id: 2, session_id: 's', message: { type: 'ai', content: 'いらっしゃいませ', tool_calls: [] } }]],
    ['LangChain messages in data', [{ type: 'human', data: { content: 'こんにちは' } }, { type: 'ai', data: { content: 'いらっしゃいませ' } }]],
    [
      'LangChain messages as they are stored',
      [
        { lc: 1, type: 'constructor', id: ['langchain_core', 'messages', 'HumanMessage'], kwargs: { content: 'こんにちは' } },
        { lc: 1, type: 'constructor', id: ['langchain_core', 'messages', 'AIMessageChunk'], kwargs: { content: 'いらっしゃいませ' } },
      ],
    ],
  ])('is understood as %s', async (_name, history) => {
    expect(await sentWith(history)).toEqual([...EARLIER, PROMPT]);
  });

  it('comes between the system message and the prompt', async () => {
    const system = { role: 'system', content: 'Be brief.' };
    expect(await sentWith(EARLIER, {}, { systemMessage: 'Be brief.' })).toEqual([system, ...EARLIER, PROMPT]);
  });

  it('comes after the system messages of a conversation as well', async () => {
    const values = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Bye' }];
    const messages = await sentWith(EARLIER, {}, { messageMode: 'conversation', conversation: { values } });
    expect(messages).toEqual([values[0], ...EARLIER, values[1]]);
  });

  it('is cut to the latest messages, from a question on', async () => {
    const long = ['a', 'b', 'c'].flatMap((word) => [{ role: 'user', content: word }, { role: 'assistant', content: word.toUpperCase() }]);
    expect(await sentWith(long, { historyLimit: 3 })).toEqual([...long.slice(-2), PROMPT]);
  });

  it('is left out with a limit of 0', async () => {
    expect(await sentWith(EARLIER, { historyLimit: 0 })).toEqual([PROMPT]);
  });

  it('may be missing or empty', async () => {
    expect(await sentWith(null)).toEqual([PROMPT]);
  });

  it('keeps calls of tools with their results, and leaves out what is empty or has lost its call', async () => {
    const call = { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] };
    const history = [EARLIER[0], call, { role: 'tool', tool_call_id: 'c1', content: '7' }, { type: 'ai', content: '' }, { type: 'tool', content: 'lost' }];
    expect(await sentWith(history)).toEqual([EARLIER[0], { ...call, content: '' }, history[2], PROMPT]);
  });

  it.each<[string, unknown, string]>([
    ['a number', 7, 'It is 7'],
    ['an entry without a speaker', [{ words: 'Hello' }], 'It is {"words":"Hello"}'],
    ['an entry that is a number', [7], 'It is 7'],
  ])('is refused with what it holds: %s', async (_name, history, shown) => {
    const { error } = await chat({ options: { history: '={{ $json.history }}' } }, { inputItems: [{ json: { history } }] });
    expect(error).toMatchObject({ name: 'NodeOperationError', message: 'An entry of the option "History" is not a message' });
    expect(error?.description).toContain(shown);
  });

  it('names the option when its text is not JSON', async () => {
    expect((await chat({ options: { history: 'Human: Hello' } })).error?.message).toBe('The field "History" is not valid JSON');
  });
});
